"""
problem: channel-and-proof
what: Starts from the best letters of the symbols, so that no other is ever used.
loses: [visible, hidden-near, hidden-tight]
"""


def certify(p_x, d, s):
    kernel = np.exp(-s * d)
    q = p_x @ np.eye(d.shape[1])[d.argmin(axis=1)]
    for _ in range(12_000):
        q = q * ((p_x / (kernel @ q)) @ kernel)
    u = kernel @ q
    c = (p_x / u) @ kernel
    return {"channel": q * kernel / u[:, None], "dual": -np.log(u) - np.log(c.max())}
