"""
problem: no-order
cell: home
what: The code is nearly the input.
loses: [visible-home, hidden-home]
"""


def home(decoder):
    """Data and an encoder for which the decoder is optimal, and H_Θ(Y|X) is below H(Y|Z)."""
    p_zy = decoder / len(decoder)
    p_y = p_zy.sum(axis=0)
    eps = 0.02
    inputs = np.concatenate([(1 - eps) * p_zy, eps * np.diag(p_y)])
    return {"p_xy": inputs, "encoder": np.concatenate([np.eye(len(decoder)), p_zy.T / p_y[:, None]])}
