"""
problem: one-round
what: q is left out of the channel.
loses: [visible-channel, visible-bounds, hidden-channel, hidden-bounds]
"""


def ba_round(p_x, d, s, q):
    channel = np.exp(-s * d)
    channel = channel / channel.sum(axis=1, keepdims=True)
    output = p_x @ channel
    u = np.exp(-s * d).mean(axis=1)
    c = (p_x / u) @ np.exp(-s * d)
    cost = p_x @ (channel * np.log(channel / output) + s * channel * d).sum(axis=1)
    return {"channel": channel, "output": output, "cost": cost, "lower": -p_x @ np.log(u) - np.log(c.max())}
