"""
problem: twins
cell: merge
what: Rows that are close are merged.
loses: [visible-merge, hidden-merge, visible-alike, hidden-alike]
"""


def merge_twins(p_xy):
    """The group of each input, shape (X,), and the table of the groups, shape (G, Y)."""
    rows = p_xy / p_xy.sum(axis=1, keepdims=True)
    same = np.all(np.abs(rows[:, None] - rows) < 0.05, axis=2)
    firsts, group = np.unique(same.argmax(axis=1), return_inverse=True)
    return {"group": group, "table": np.eye(len(firsts))[group].T @ p_xy}
