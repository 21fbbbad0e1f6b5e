"""
problem: channel-and-proof
what: A thousand rounds are thought to be enough.
loses: [hidden-tight, hidden-edge]
"""


def certify(p_x, d, s):
    kernel = np.exp(-s * d)
    q = np.full(d.shape[1], 1 / d.shape[1])
    for _ in range(1000):
        q = q * ((p_x / (kernel @ q)) @ kernel)
    u = kernel @ q
    c = (p_x / u) @ kernel
    return {"channel": q * kernel / u[:, None], "dual": -np.log(u) - np.log(c.max())}
