"""
problem: posterior-map
what: Posteriors are sorted from the largest to the smallest.
loses: [visible, hidden-map]
"""


def posterior_map(p_xy):
    p_x = p_xy.sum(axis=1)
    seen = p_x > 0
    posterior = p_xy[seen] / p_x[seen, None]
    values, which = np.unique((posterior + 0.3e-9).round(9), axis=0, return_inverse=True)
    labels = np.full(len(p_x), -1)
    labels[seen] = len(values) - 1 - which
    return labels, values[::-1]
