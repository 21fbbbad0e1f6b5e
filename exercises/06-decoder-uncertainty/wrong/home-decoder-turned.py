"""
problem: no-order
cell: home
what: The decoder itself is turned into an encoder, without the prior of the labels.
loses: [visible-home, hidden-home]
"""


def home(decoder):
    """Data and an encoder for which the decoder is optimal, and H_Θ(Y|X) is below H(Y|Z)."""
    p_zy = decoder / len(decoder)
    p_y = p_zy.sum(axis=0)
    return {"p_xy": np.diag(p_y), "encoder": decoder.T / len(decoder)}
