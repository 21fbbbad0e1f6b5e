"""
problem: posterior-map
what: Only the first entry of the posterior is compared.
loses: [visible, hidden-map]
"""


def posterior_map(p_xy):
    p_x = p_xy.sum(axis=1)
    seen = p_x > 0
    posterior = p_xy[seen] / p_x[seen, None]
    _, first, which = np.unique(posterior[:, 0].round(8), return_index=True, return_inverse=True)
    labels = np.full(len(p_x), -1)
    labels[seen] = which
    return labels, posterior[first]
