"""
problem: decision-adversary
what: The bet of the proof, with its negative losses.
loses: [visible-strict, visible-large, hidden-strict, hidden-large]
"""


def adversary(p_xy, labels):
    posterior = p_xy / p_xy.sum(axis=1, keepdims=True)
    pairs = []
    for x, t in enumerate(labels):
        merged = p_xy[labels == t].sum(axis=0)
        delta = posterior[x] - merged / merged.sum()
        pairs.append((p_xy[x].sum() * delta @ delta, -(delta - delta @ merged / merged.sum())))
    return np.array([np.zeros(p_xy.shape[1]), max(pairs, key=lambda pair: pair[0])[1]])
