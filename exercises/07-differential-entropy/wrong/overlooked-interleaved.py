"""
problem: fooled-neighbours
cell: overlooked
what: The numbers are ordered in pairs.
loses: [visible-overlooked, hidden-overlooked]
"""


def overlooked(d, largest):
    return np.kron(np.eye(d), [[1, largest], [largest, 1]])
