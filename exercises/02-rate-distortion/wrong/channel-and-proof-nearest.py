"""
problem: channel-and-proof
what: Every symbol gets its best letter.
loses: [visible, hidden-near, hidden-tight, hidden-edge]
"""


def certify(p_x, d, s):
    channel = np.eye(d.shape[1])[d.argmin(axis=1)]
    kernel = np.exp(-s * d)
    u = kernel @ (p_x @ channel)
    return {"channel": channel, "dual": -np.log(u) - np.log(((p_x / u) @ kernel).max())}
