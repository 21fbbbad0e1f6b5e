"""
problem: channel-and-proof
what: Stops as soon as a round changes little.
loses: [visible, hidden-tight, hidden-edge]
"""


def certify(p_x, d, s):
    kernel = np.exp(-s * d)
    q, before = np.full(d.shape[1], 1 / d.shape[1]), np.zeros(d.shape[1])
    while np.abs(q - before).max() > 1e-4:
        before = q
        q = q * ((p_x / (kernel @ q)) @ kernel)
    u = kernel @ q
    c = (p_x / u) @ kernel
    return {"channel": q * kernel / u[:, None], "dual": -np.log(u) - np.log(c.max())}
