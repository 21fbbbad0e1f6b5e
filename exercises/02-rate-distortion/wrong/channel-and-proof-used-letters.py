"""
problem: channel-and-proof
what: Two letters at the start, and a vector that is feasible for those two only.
loses: [visible, hidden-near, hidden-tight, hidden-edge]
"""


def certify(p_x, d, s):
    kernel = np.exp(-s * d)
    q = np.zeros(d.shape[1])
    q[d.argmin(axis=1)[:2]] = 1
    q = q / q.sum()
    for _ in range(2000):
        q = q * ((p_x / (kernel @ q)) @ kernel)
    u = kernel @ q
    c = (p_x / u) @ kernel
    return {"channel": q * kernel / u[:, None], "dual": -np.log(u) - np.log(c[q > 0].max())}
