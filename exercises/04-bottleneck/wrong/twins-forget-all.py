"""
problem: twins
cell: alike
what: All inputs get the same row.
loses: [visible-alike, hidden-alike]
"""


def treat_alike(p_xy, encoder):
    return np.tile(p_xy.sum(axis=1) @ encoder, (len(encoder), 1))
