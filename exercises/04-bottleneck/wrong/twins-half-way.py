"""
problem: twins
cell: alike
what: Rows of twins approach each other.
loses: [visible-alike, hidden-alike]
"""


def treat_alike(p_xy, encoder):
    group, p_x = merge_twins(p_xy)["group"], p_xy.sum(axis=1)
    means = np.array([p_x[group == g] @ encoder[group == g] / p_x[group == g].sum() for g in group])
    return (encoder + 999 * means) / 1000
