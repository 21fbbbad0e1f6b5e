"""
problem: fooled-neighbours
cell: overlooked
what: Y = X + noise, with X reversed.
"""


def overlooked(d, largest):
    noise = (1 - largest) * (1 + largest) / largest**2
    turn = np.eye(d)[::-1]
    return np.block([[np.eye(d), turn.T], [turn, (1 + noise * (1 + 1e-9)) * np.eye(d)]])
