"""
problem: channel-and-proof
what: The vector is in bits.
loses: [visible, hidden-near, hidden-tight, hidden-edge]
"""


def certify(p_x, d, s):
    kernel = np.exp(-s * d)
    q = np.full(d.shape[1], 1 / d.shape[1])
    for _ in range(5000):
        q = q * ((p_x / (kernel @ q)) @ kernel)
    u = kernel @ q
    c = (p_x / u) @ kernel
    return {"channel": q * kernel / u[:, None], "dual": -np.log2(u) - np.log2(c.max())}
