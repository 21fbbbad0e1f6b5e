"""
problem: posterior-map
what: A value that never occurs gets a class of its own.
loses: [visible, hidden-map]
"""


def posterior_map(p_xy):
    p_x = p_xy.sum(axis=1, keepdims=True)
    posterior = (p_xy / np.where(p_x > 0, p_x, 1)).round(9)
    values, labels = np.unique(posterior, axis=0, return_inverse=True)
    return labels, values
