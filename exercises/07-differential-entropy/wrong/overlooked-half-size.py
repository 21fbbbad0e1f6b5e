"""
problem: fooled-neighbours
cell: overlooked
what: The matrix of X alone.
loses: [visible-overlooked, hidden-overlooked]
"""


def overlooked(d, largest):
    return (1 - largest) * np.eye(d) + largest
