"""
problem: unlearn
what: A nearly certain encoder, and the rate at which H(Y|Z) is largest.
"""


def lag(p_y):
    """Yesterday's encoder, today's, and a learning rate whose step unlearns."""
    past = np.full((3, 3), 0.05) + 0.85 * np.eye(3)
    before = np.full((3, 3), 0.03) + 0.91 * np.eye(3)[[2, 0, 1]]
    joint = past.T * p_y
    cost = -np.log(joint / joint.sum(axis=1, keepdims=True)).T

    def left(rate):
        mean = np.sum(before * cost, axis=1, keepdims=True)
        q = before * np.exp(-rate * p_y[:, None] * before * (cost - mean))
        p_zy = (q / q.sum(axis=1, keepdims=True)).T * p_y
        return -np.sum(p_zy * np.log(p_zy / p_zy.sum(axis=1, keepdims=True)))

    rates = np.linspace(0.5, 60, 240)
    return {"past": past, "before": before, "rate": rates[np.argmax([left(rate) for rate in rates])]}
