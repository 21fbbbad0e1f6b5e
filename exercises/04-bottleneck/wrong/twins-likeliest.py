"""
problem: twins
cell: merge
what: Inputs with the same likeliest y are merged.
loses: [visible-merge, hidden-merge, visible-alike, hidden-alike]
"""


def merge_twins(p_xy):
    """The group of each input, shape (X,), and the table of the groups, shape (G, Y)."""
    rows = p_xy / p_xy.sum(axis=1, keepdims=True)
    same = rows.argmax(axis=1)[:, None] == rows.argmax(axis=1)
    firsts, group = np.unique(same.argmax(axis=1), return_inverse=True)
    return {"group": group, "table": np.eye(len(firsts))[group].T @ p_xy}
