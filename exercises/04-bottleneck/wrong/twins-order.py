"""
problem: twins
cell: merge
what: Groups in the order of their rows, not of their first inputs.
loses: [visible-merge, hidden-merge]
"""


def merge_twins(p_xy):
    rows = (p_xy / p_xy.sum(axis=1, keepdims=True)).round(7)
    _, group = np.unique(rows, axis=0, return_inverse=True)
    group = group.ravel()
    return {"group": group, "table": np.array([p_xy[group == g].sum(axis=0) for g in range(max(group) + 1)])}
