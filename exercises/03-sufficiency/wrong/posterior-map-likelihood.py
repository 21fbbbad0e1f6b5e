"""
problem: posterior-map
what: The likelihoods p(x|y) are compared.
loses: [visible, hidden-map, hidden-partitions]
"""


def posterior_map(p_xy):
    seen = p_xy.sum(axis=1) > 0
    values, which = np.unique((p_xy / p_xy.sum(axis=0))[seen].round(8), axis=0, return_inverse=True)
    labels = np.full(len(p_xy), -1)
    labels[seen] = which
    return labels, values
