"""
problem: posterior-map
what: Two values, cut where the first entry is one half.
loses: [visible, hidden-map, hidden-partitions]
"""


def posterior_map(p_xy):
    p_x = p_xy.sum(axis=1)
    share = p_xy[:, 0] / np.where(p_x > 0, p_x, 1)
    labels = np.where(p_x > 0, (share > np.median(share[p_x > 0])).astype(int), -1)
    values = [p_xy[labels == k].sum(axis=0) / max(p_xy[labels == k].sum(), 1e-300) for k in (0, 1)]
    return labels, np.array(values)
