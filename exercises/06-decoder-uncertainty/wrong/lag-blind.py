"""
problem: unlearn
what: The past encoder says nothing, so neither does the decoder.
loses: [visible, hidden]
"""


def lag(p_y):
    """Yesterday's encoder, today's, and a learning rate whose step unlearns."""
    past = np.full((3, 3), 1 / 3)
    before = 0.93 * np.eye(3)[[1, 2, 0]] + 0.07 / 3
    p_zy = past.T * p_y
    decoder = p_zy / p_zy.sum(axis=1, keepdims=True)
    content = -np.log(decoder).T
    slopes = p_y[:, None] * before * (content - np.sum(before * content, axis=1, keepdims=True))

    def numbers(q):
        joint = q.T * p_y
        h = -np.sum(joint * np.log(joint / joint.sum(axis=1, keepdims=True)))
        return np.array([h, -np.sum(joint * np.log(decoder))])

    best = (-np.inf, 1.0)
    for rate in np.geomspace(1, 100, 200):
        after = before * np.exp(-rate * slopes)
        rise, fall = [1, -1] * (numbers(after / after.sum(axis=1, keepdims=True)) - numbers(before))
        best = max(best, (min(rise, fall), rate))
    return {"past": past, "before": before, "rate": best[1]}
