"""
problem: no-order
cell: home
what: The code is the input, so that the prediction is that of the code.
loses: [visible-home, hidden-home]
"""


def home(decoder):
    """Data and an encoder for which the decoder is optimal, and H_Θ(Y|X) is below H(Y|Z)."""
    p_zy = decoder / len(decoder)
    return {"p_xy": p_zy, "encoder": np.eye(len(decoder))}
