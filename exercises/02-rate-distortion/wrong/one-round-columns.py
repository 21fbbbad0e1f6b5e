"""
problem: one-round
what: The channel is normalised over x.
loses: [visible-channel, visible-bounds, hidden-channel, hidden-bounds]
"""


def ba_round(p_x, d, s, q):
    kernel = np.exp(-s * d)
    channel = q * kernel / np.where(q > 0, (q * kernel).sum(axis=0), 1)
    u = kernel @ q
    c = (p_x / u) @ kernel
    cost = p_x @ (s * channel * d).sum(axis=1)
    lower = -p_x @ np.log(u) - np.log(c.max())
    return {"channel": channel, "output": p_x @ channel, "cost": cost, "lower": lower}
