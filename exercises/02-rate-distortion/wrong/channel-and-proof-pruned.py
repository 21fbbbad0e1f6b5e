"""
problem: channel-and-proof
what: Only the two likeliest letters are kept after five rounds.
loses: [visible, hidden-near, hidden-tight, hidden-edge]
"""


def certify(p_x, d, s):
    kernel = np.exp(-s * d)
    q = np.full(d.shape[1], 1 / d.shape[1])
    for k in range(5000):
        q = q * ((p_x / (kernel @ q)) @ kernel)
        if k == 5:
            q = np.where(q >= np.sort(q)[-2], q, 0)
            q = q / q.sum()
    u = kernel @ q
    c = (p_x / u) @ kernel
    return {"channel": q * kernel / u[:, None], "dual": -np.log(u) - np.log(c.max())}
