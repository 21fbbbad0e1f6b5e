"""
problem: twins
cell: alike
what: Twins go to one cluster.
loses: [visible-alike, hidden-alike]
"""


def treat_alike(p_xy, encoder):
    group = merge_twins(p_xy)["group"]
    p_x = p_xy.sum(axis=1)
    return np.array([np.eye(encoder.shape[1])[(p_x * (group == g) @ encoder).argmax()] for g in group])
