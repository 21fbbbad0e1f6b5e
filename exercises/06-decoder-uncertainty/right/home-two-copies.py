"""
problem: no-order
cell: home
what: Each label has two inputs, and the codes are not equally likely.
"""


def home(decoder):
    """Data and an encoder for which the decoder is optimal, and H_Θ(Y|X) is below H(Y|Z)."""
    p_z = np.linspace(1, 1.2, len(decoder))
    p_zy = decoder * (p_z / p_z.sum())[:, None]
    p_y = p_zy.sum(axis=0)
    p_xy = np.concatenate([0.3 * np.diag(p_y), 0.7 * np.diag(p_y)])
    return {"p_xy": p_xy, "encoder": np.tile(p_zy.T / p_y[:, None], (2, 1))}
