"""
problem: no-order
cell: home
what: All labels are made equally likely.
loses: [visible-home, hidden-home]
"""


def home(decoder):
    """Data and an encoder for which the decoder is optimal, and H_Θ(Y|X) is below H(Y|Z)."""
    p_zy = decoder / len(decoder)
    p_y = p_zy.sum(axis=0)
    return {"p_xy": np.eye(len(p_y)) / len(p_y), "encoder": p_zy.T / p_y[:, None]}
