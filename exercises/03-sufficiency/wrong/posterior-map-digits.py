"""
problem: posterior-map
what: Posteriors are returned with four digits.
loses: [visible, hidden-map]
"""


def posterior_map(p_xy):
    p_x = p_xy.sum(axis=1)
    seen = p_x > 0
    posterior = p_xy[seen] / p_x[seen, None]
    values, which = np.unique(posterior.round(4), axis=0, return_inverse=True)
    labels = np.full(len(p_x), -1)
    labels[seen] = which
    return labels, values
