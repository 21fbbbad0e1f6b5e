"""
problem: one-round
what: The information from entropies, the cost from its definition.
"""


def ba_round(p_x, d, s, q):
    joint = p_x[:, None] * q * np.exp(-s * d)
    joint = joint / np.where(p_x > 0, joint.sum(axis=1) / np.where(p_x > 0, p_x, 1), 1)[:, None]
    channel = q * np.exp(-s * d)
    channel = channel / channel.sum(axis=1, keepdims=True)

    def entropy_of(p):
        p = p[p > 0]
        return -np.sum(p * np.log(p))

    told = entropy_of(p_x) + entropy_of(joint.sum(axis=0)) - entropy_of(joint.ravel())
    y = -np.log((q * np.exp(-s * d)).sum(axis=1))
    worst = (p_x[:, None] * np.exp(y[:, None] - s * d)).sum(axis=0).max()
    lower = np.sum(p_x * (y - np.log(worst)))
    cost = told + s * np.sum(joint * d)
    return {"channel": channel, "output": joint.sum(axis=0), "cost": cost, "lower": lower}
