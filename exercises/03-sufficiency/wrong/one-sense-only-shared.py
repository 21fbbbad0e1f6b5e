"""
problem: one-sense-only
cell: thrifty
what: All classes share the new column, and are merged there.
loses: [visible-thrifty, hidden-thrifty]
"""


def thrifty(p_xy):
    posterior = (p_xy / p_xy.sum(axis=1, keepdims=True)).round(8)
    _, classes = np.unique(posterior, axis=0, return_inverse=True)
    k = classes.max() + 1
    record = np.eye(k + 1)[classes]
    record[:, k] = 1
    return record / 2 if k > 1 else record[:, ::-1] * [0.0, 1.0]
