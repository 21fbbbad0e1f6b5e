"""
problem: one-round
what: The sign in the exponent is wrong.
loses: [visible-channel, visible-bounds, hidden-channel, hidden-bounds]
"""


def ba_round(p_x, d, s, q):
    kernel = np.exp(s * d)
    u = kernel @ q
    channel = q * kernel / u[:, None]
    output = p_x @ channel
    c = (p_x / u) @ kernel
    f = -p_x @ np.log(u)
    seen = output > 0
    cost = f - output[seen] @ np.log(output[seen] / q[seen])
    return {"channel": channel, "output": output, "cost": cost, "lower": f - np.log(c.max())}
