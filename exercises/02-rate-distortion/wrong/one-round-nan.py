"""
problem: one-round
what: Zeros in q make the cost nan.
loses: [visible-bounds, hidden-bounds]
"""


def ba_round(p_x, d, s, q):
    kernel = np.exp(-s * d)
    u = kernel @ q
    channel = q * kernel / u[:, None]
    output = p_x @ channel
    c = (p_x / u) @ kernel
    cost = np.sum(p_x[:, None] * channel * (np.log(channel / output) + s * d))
    return {"channel": channel, "output": output, "cost": cost, "lower": -p_x @ np.log(u) - np.log(c.max())}
