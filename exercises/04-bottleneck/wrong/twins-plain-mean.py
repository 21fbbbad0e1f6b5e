"""
problem: twins
cell: alike
what: Rows of twins are averaged without weights.
loses: [visible-alike, hidden-alike]
"""


def treat_alike(p_xy, encoder):
    group = merge_twins(p_xy)["group"]
    return np.array([encoder[group == g].mean(axis=0) for g in group])
