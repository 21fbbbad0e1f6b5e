"""
problem: fooled-neighbours
cell: overlooked
what: All numbers of X are correlated with all of Y, and no more with each other.
loses: [visible-overlooked, hidden-overlooked]
"""


def overlooked(d, largest):
    cov = np.eye(2 * d)
    cov[:d, d:] = cov[d:, :d] = largest
    return cov
