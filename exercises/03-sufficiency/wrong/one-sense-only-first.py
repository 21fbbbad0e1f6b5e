"""
problem: one-sense-only
cell: thrifty
what: The first posterior is split, however rare it is.
loses: [visible-thrifty, hidden-thrifty]
"""


def thrifty(p_xy):
    posterior = (p_xy / p_xy.sum(axis=1, keepdims=True)).round(8)
    _, classes = np.unique(posterior, axis=0, return_inverse=True)
    record = np.eye(classes.max() + 2)[classes]
    record[classes == 0, 0] = record[classes == 0, -1] = 0.5
    return record
