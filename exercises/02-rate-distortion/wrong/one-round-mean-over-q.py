"""
problem: one-round
what: The cost subtracts the mean of ln c over q, not over q c.
loses: [visible-bounds, hidden-bounds]
"""


def ba_round(p_x, d, s, q):
    kernel = np.exp(-s * d)
    u = kernel @ q
    channel = q * kernel / u[:, None]
    output = p_x @ channel
    f = -p_x @ np.log(u)
    c = (p_x / u) @ kernel
    return {"channel": channel, "output": output, "cost": f - q @ np.log(c), "lower": f - np.log(c.max())}
