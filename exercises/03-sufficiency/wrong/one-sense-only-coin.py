"""
problem: one-sense-only
cell: thrifty
what: A fair coin beside S, with too many columns.
loses: [visible-thrifty, hidden-thrifty]
"""


def thrifty(p_xy):
    posterior = (p_xy / p_xy.sum(axis=1, keepdims=True)).round(8)
    _, classes = np.unique(posterior, axis=0, return_inverse=True)
    return np.kron(np.eye(classes.max() + 1)[classes], [[0.5, 0.5]])
