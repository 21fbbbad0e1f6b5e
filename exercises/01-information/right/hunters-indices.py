"""
problem: equality-hunters
what: Arrays built from indices of bits.
"""

x, y, z = np.indices((2, 2, 2))
xor = np.where(x ^ y == z, 1 / 4, 0)
copies = np.where((x == y) & (y == z), 1 / 2, 0)
noisy = np.where(y == x, 0.45, 0.05) * np.where(z == y, 0.9, 0.1)
both = np.zeros((2, 4, 2))
for a in range(2):
    for b in range(2):
        both[a, 2 * a + b, b] = 1 / 4
hunt = {
    "a": {"equal": noisy, "slack": xor},
    "b": {"equal": np.full((2, 2, 2), 1 / 8), "slack": copies},
    "c": {"equal": xor, "slack": copies},
    "d": {"equal": both, "slack": xor},
}
