"""
problem: equality-hunters
what: A constant Z makes equalities of a and c, and is degenerate.
loses: [visible, hidden-a, hidden-c]
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
    "a": {"equal": np.array([[[0.4], [0.1]], [[0.1], [0.4]]]), "slack": xor},
    "b": {"equal": np.full((2, 2, 2), 1 / 8), "slack": copies},
    "c": {"equal": np.array([[[0.4], [0.1]], [[0.1], [0.4]]]), "slack": copies},
    "d": {"equal": both, "slack": xor},
}
