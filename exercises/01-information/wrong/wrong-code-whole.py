"""
problem: wrong-code
what: The whole cross-entropy taken for the divergence.
loses: [visible-excess, hidden-excess]
"""


def cross_entropy_bits(p_xy, q):
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(p_xy > 0, -p_xy * np.log2(q), 0).sum(axis=(-2, -1))


def excess_bits(p_xy, q):
    return cross_entropy_bits(p_xy, q)
