"""
problem: twins
cell: merge
what: The table holds p(y|g).
loses: [visible-merge, hidden-merge]
"""


def merge_twins(p_xy):
    """The group of each input, shape (X,), and the table of the groups, shape (G, Y)."""
    rows = p_xy / p_xy.sum(axis=1, keepdims=True)
    same = np.all(np.abs(rows[:, None] - rows) < 1e-6, axis=2)
    firsts, group = np.unique(same.argmax(axis=1), return_inverse=True)
    return {"group": group, "table": rows[firsts]}
