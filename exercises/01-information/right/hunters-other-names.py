"""
problem: equality-hunters
what: Each table is another one with its variables swapped.
"""

x, y, z = np.indices((3, 3, 3))
sums = np.where((x + y + z) % 3 == 0, 1 / 9, 0)  # any two are independent and give the third
z_of_x = np.where(y == x, 0.9, 0.05) * np.where(z == (y + 1) % 3, 0.9, 0.05)
third = np.array([0.2, 0.3, 0.5])
product = np.einsum("x,y,z->xyz", third, third, third)
both = np.zeros((3, 9, 3))
for a in range(3):
    for b in range(3):
        both[a, 3 * b + a, b] = 1 / 9
hunt = {
    "a": {"equal": z_of_x / z_of_x.sum(), "slack": sums},
    "b": {"equal": product, "slack": sums},
    "c": {"equal": sums, "slack": product},
    "d": {"equal": both, "slack": product},
}
