"""
problem: fooled-neighbours
cell: overlooked
what: X and Y are independent.
loses: [visible-overlooked, hidden-overlooked]
"""


def overlooked(d, largest):
    return np.eye(2 * d)
