"""
problem: channel-and-proof
what: Sixty rounds are thought to be enough.
loses: [visible, hidden-tight, hidden-edge]
"""


def certify(p_x, d, s):
    kernel = np.exp(-s * d)
    q = np.full(d.shape[1], 1 / d.shape[1])
    for _ in range(60):
        u = kernel @ q
        channel = q * kernel / u[:, None]
        q = p_x @ channel
    c = (p_x / u) @ kernel
    return {"channel": channel, "dual": -np.log(u) - np.log(c.max())}
