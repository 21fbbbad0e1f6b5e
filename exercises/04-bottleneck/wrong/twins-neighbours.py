"""
problem: twins
cell: merge
what: Only neighbours are compared.
loses: [visible-merge, hidden-merge, visible-alike, hidden-alike]
"""


def merge_twins(p_xy):
    rows = p_xy / p_xy.sum(axis=1, keepdims=True)
    group = [0]
    for i in range(1, len(rows)):
        group.append(group[-1] + (not np.allclose(rows[i - 1], rows[i])))
    group = np.array(group)
    return {"group": group, "table": np.array([p_xy[group == g].sum(axis=0) for g in range(max(group) + 1)])}
