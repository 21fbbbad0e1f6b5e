"""
problem: one-round
what: F(q) is taken for the cost of the channel.
loses: [visible-bounds, hidden-bounds]
"""


def ba_round(p_x, d, s, q):
    kernel = np.exp(-s * d)
    u = kernel @ q
    channel = q * kernel / u[:, None]
    c = (p_x / u) @ kernel
    f = -p_x @ np.log(u)
    return {"channel": channel, "output": p_x @ channel, "cost": f, "lower": f - np.log(c.max())}
