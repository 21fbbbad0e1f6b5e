"""
problem: one-round
what: The maximum of c is taken over letters in use only.
loses: [visible-bounds, hidden-bounds]
"""


def ba_round(p_x, d, s, q):
    kernel = np.exp(-s * d)
    u = kernel @ q
    channel = q * kernel / u[:, None]
    output = p_x @ channel
    used = q > 0
    c = ((p_x / u) @ kernel)[used]
    f = -p_x @ np.log(u)
    cost = f - output[used] @ np.log(output[used] / q[used])
    return {"channel": channel, "output": output, "cost": cost, "lower": f - np.log(c.max())}
