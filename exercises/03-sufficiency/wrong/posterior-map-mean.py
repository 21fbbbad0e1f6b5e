"""
problem: posterior-map
what: Values of x with the same mean of y are merged.
loses: [visible, hidden-map]
"""


def posterior_map(p_xy):
    p_x = p_xy.sum(axis=1)
    seen = p_x > 0
    posterior = p_xy[seen] / p_x[seen, None]
    means = (posterior @ np.arange(p_xy.shape[1])).round(8)
    _, first, which = np.unique(means, return_index=True, return_inverse=True)
    order = np.lexsort(posterior[first].round(7).T[::-1])
    labels = np.full(len(p_x), -1)
    labels[seen] = np.argsort(order)[which]
    return labels, posterior[first][order]
