"""
problem: fooled-neighbours
cell: overlooked
what: Correlations above the limit.
loses: [visible-overlooked, hidden-overlooked]
"""


def overlooked(d, largest):
    rho = min(1 - 1e-11, (1 + largest) / 2)
    return np.kron([[1, rho], [rho, 1]], np.eye(d)) if d > 1 else np.array([[1, 1 - 1e-13], [1 - 1e-13, 1]])
