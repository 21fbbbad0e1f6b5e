"""
problem: equality-hunters
what: Pairwise independence taken for independence in b.
loses: [visible, hidden-entropies]
"""

third = np.array([0.2, 0.3, 0.5])
x, y, z = np.indices((3, 3, 3))
half = np.array([0.7, 0.3])
product = np.einsum("x,y,z->xyz", third, third, third)
seen = np.array([[0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.1, 0.1, 0.8]])
noisy = np.einsum("y,yx,yz->xyz", third, seen, seen)
sums = np.where((y + z) % 3 == x, np.outer(third, third), 0)
both = np.zeros((2, 4, 2))
for a, b in np.ndindex(2, 2):
    both[a, a + 2 * b, b] = half[a] * half[b]
turned = np.where((x + z) % 3 == y, np.einsum("x,z->xz", third, third)[:, None, :], 0)
i, j, k = np.indices((2, 2, 2))
square = np.einsum("i,j,k->ijk", half, half, half) + 0.02 * (-1) ** (i + j + k)
hunt = {
    "a": {"equal": noisy, "slack": turned},
    "b": {"equal": square, "slack": sums},
    "c": {"equal": sums, "slack": product},
    "d": {"equal": both, "slack": product},
}
