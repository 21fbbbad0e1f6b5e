"""
problem: posterior-map
what: Equal best guesses are merged.
loses: [visible, hidden-map, hidden-partitions]
"""


def posterior_map(p_xy):
    y = p_xy.shape[1]
    labels = np.where(p_xy.sum(axis=1) > 0, p_xy.argmax(axis=1), -1)
    values = [p_xy[labels == k].sum(axis=0) / max(p_xy[labels == k].sum(), 1e-300) for k in range(y)]
    return labels, np.array(values)
