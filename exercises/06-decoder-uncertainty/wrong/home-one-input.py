"""
problem: no-order
cell: home
what: A single input, whose code tells nothing.
loses: [visible-home, hidden-home]
"""


def home(decoder):
    """Data and an encoder for which the decoder is optimal, and H_Θ(Y|X) is below H(Y|Z)."""
    p_zy = decoder / len(decoder)
    p_y = p_zy.sum(axis=0)
    return {"p_xy": p_y[None], "encoder": np.full((1, len(decoder)), 1 / len(decoder))}
