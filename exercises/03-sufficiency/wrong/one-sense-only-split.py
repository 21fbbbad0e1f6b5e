"""
problem: one-sense-only
cell: thrifty
what: One x is taken out of its class, without chance.
loses: [visible-thrifty, hidden-thrifty]
"""


def thrifty(p_xy):
    posterior = (p_xy / p_xy.sum(axis=1, keepdims=True)).round(8)
    _, classes = np.unique(posterior, axis=0, return_inverse=True)
    record = np.eye(classes.max() + 2)[classes]
    record[0] = np.eye(classes.max() + 2)[-1]
    return record
