"""
problem: twins
cell: merge
what: Rows are compared with ==.
loses: [visible-merge, hidden-merge, visible-alike, hidden-alike]
"""


def merge_twins(p_xy):
    rows = p_xy / p_xy.sum(axis=1, keepdims=True)
    same = np.all(rows[:, None] == rows, axis=2)
    firsts, group = np.unique(same.argmax(axis=1), return_inverse=True)
    return {"group": group, "table": np.eye(len(firsts))[group].T @ p_xy}
