"""
problem: twins
cell: alike
what: All twins get the row of the first.
loses: [visible-alike, hidden-alike]
"""


def treat_alike(p_xy, encoder):
    group = merge_twins(p_xy)["group"].tolist()
    return encoder[[group.index(g) for g in group]]
