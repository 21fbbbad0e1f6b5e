"""
problem: posterior-map
what: Posteriors are compared bit by bit.
loses: [visible, hidden-map, hidden-partitions]
"""


def posterior_map(p_xy):
    seen = p_xy.sum(axis=1) > 0
    posterior = p_xy[seen] / p_xy[seen].sum(axis=1, keepdims=True)
    values = sorted(set(map(tuple, posterior)))
    labels = np.full(len(p_xy), -1)
    labels[seen] = [values.index(tuple(row)) for row in posterior]
    return labels, np.array(values)
