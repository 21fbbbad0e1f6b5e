"""
problem: decision-adversary
what: The bet is made for the first label alone.
loses: [visible-strict, hidden-strict, hidden-large]
"""


def adversary(p_xy, labels):
    inside = p_xy[labels == labels.min()]
    merged = inside.sum(axis=0) / inside.sum()
    posterior = inside / inside.sum(axis=1, keepdims=True)
    v = posterior[np.abs(posterior - merged).max(axis=1).argmax()] - merged
    v = v - merged @ v
    if np.abs(v).max() < 1e-9:
        return 1 - np.eye(p_xy.shape[1])
    return np.maximum([v, -v], 0) / np.abs(v).max()
