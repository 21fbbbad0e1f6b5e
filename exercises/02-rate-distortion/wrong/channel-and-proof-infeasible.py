"""
problem: channel-and-proof
what: The vector is -ln u after a few rounds, without the correction.
loses: [visible, hidden-near, hidden-tight, hidden-edge]
"""


def certify(p_x, d, s):
    kernel = np.exp(-s * d)
    q = np.full(d.shape[1], 1 / d.shape[1])
    for _ in range(8):
        u = kernel @ q
        channel = q * kernel / u[:, None]
        q = p_x @ channel
    return {"channel": channel, "dual": -np.log(u)}
