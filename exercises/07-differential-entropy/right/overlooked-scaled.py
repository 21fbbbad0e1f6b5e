"""
problem: fooled-neighbours
cell: overlooked
what: Other variances, and negative correlations.
"""


def overlooked(d, largest):
    scale = np.linspace(1, 2, d)
    x = np.diag(scale**2)
    across = -largest * np.diag(scale) * 3
    return np.block([[x, across], [across, 9 * np.eye(d)]])
