"""
problem: channel-and-proof
what: A fixed, large number of rounds.
"""


def certify(p_x, d, s):
    q = np.full(d.shape[1], 1 / d.shape[1])
    kernel = np.exp(-s * d)
    for _ in range(12_000):
        u = kernel @ q
        q = q * (kernel.T @ (p_x / u))
    channel = kernel * q
    channel = channel / channel.sum(axis=1, keepdims=True)
    y = -np.log(kernel @ q)
    return {"channel": channel, "dual": y - np.log((p_x @ (np.exp(y)[:, None] * kernel)).max())}
