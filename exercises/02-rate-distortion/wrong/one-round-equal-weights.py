"""
problem: one-round
what: c is a mean over the symbols without p(x).
loses: [visible-bounds, hidden-bounds]
"""


def ba_round(p_x, d, s, q):
    kernel = np.exp(-s * d)
    u = kernel @ q
    channel = q * kernel / u[:, None]
    output = p_x @ channel
    used = output > 0
    f = -p_x @ np.log(u)
    c = (1 / u) @ kernel / len(p_x)
    cost = f - output[used] @ np.log(output[used] / q[used])
    return {"channel": channel, "output": output, "cost": cost, "lower": f - np.log(c.max())}
