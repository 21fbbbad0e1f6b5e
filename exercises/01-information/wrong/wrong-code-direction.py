"""
problem: wrong-code
what: Averages over the forecast, not over the truth.
loses: [visible-charge, visible-excess, hidden-charge, hidden-excess]
"""


def cross_entropy_bits(p_xy, q):
    p_x = p_xy.sum(axis=-1, keepdims=True)
    rows = p_xy / np.where(p_x > 0, p_x, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(q > 0, -p_x * q * np.log2(rows), 0).sum(axis=(-2, -1))


def excess_bits(p_xy, q):
    p_x = p_xy.sum(axis=-1, keepdims=True)
    return cross_entropy_bits(p_xy, q) - cross_entropy_bits(p_x * q, q)
