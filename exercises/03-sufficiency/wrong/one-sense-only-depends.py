"""
problem: one-sense-only
cell: thrifty
what: A coin for one x only, so that it tells about x.
loses: [visible-thrifty, hidden-thrifty]
"""


def thrifty(p_xy):
    posterior = (p_xy / p_xy.sum(axis=1, keepdims=True)).round(8)
    _, classes, counts = np.unique(posterior, axis=0, return_inverse=True, return_counts=True)
    record = np.eye(len(counts) + 1)[classes]
    x = np.flatnonzero(classes == counts.argmax())[0]
    record[x, classes[x]] = record[x, -1] = 0.5
    return record
