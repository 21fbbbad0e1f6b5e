"""
problem: one-round
what: The output is said to be q, as if the round were done.
loses: [visible-channel, hidden-channel]
"""


def ba_round(p_x, d, s, q):
    kernel = np.exp(-s * d)
    u = kernel @ q
    channel = q * kernel / u[:, None]
    output = p_x @ channel
    used = output > 0
    c = (p_x / u) @ kernel
    f = -p_x @ np.log(u)
    cost = f - output[used] @ np.log(output[used] / q[used])
    return {"channel": channel, "output": q, "cost": cost, "lower": f - np.log(c.max())}
