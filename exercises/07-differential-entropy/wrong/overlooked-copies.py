"""
problem: fooled-neighbours
cell: overlooked
what: The numbers of X are nearly copies of each other.
loses: [visible-overlooked, hidden-overlooked]
"""


def overlooked(d, largest):
    return np.full((2 * d, 2 * d), largest) + (1 - largest) * np.eye(2 * d)
