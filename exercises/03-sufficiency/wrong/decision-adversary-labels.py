"""
problem: decision-adversary
what: The loss tells labels apart, which the label does as well.
loses: [visible-strict, visible-large, hidden-strict, hidden-large]
"""


def adversary(p_xy, labels):
    merged = np.array([p_xy[labels == t].sum(axis=0) for t in sorted(set(labels))])
    first, last = merged[0] / merged[0].sum(), merged[-1] / merged[-1].sum()
    v = first - last
    v = v - (first + last) @ v / 2
    return np.maximum([v, -v], 0) / np.abs(v).max()
