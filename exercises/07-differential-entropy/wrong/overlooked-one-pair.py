"""
problem: fooled-neighbours
cell: overlooked
what: Only the first numbers are correlated.
loses: [visible-overlooked, hidden-overlooked]
"""


def overlooked(d, largest):
    cov = np.eye(2 * d)
    cov[0, d] = cov[d, 0] = largest
    return cov
