"""
problem: wrong-code
what: np.mean over the cells in place of the sum.
loses: [visible-charge, visible-excess, hidden-charge, hidden-excess]
"""


def cross_entropy_bits(p_xy, q):
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(p_xy > 0, -p_xy * np.log2(q), 0).mean(axis=(-2, -1))


def excess_bits(p_xy, q):
    p_x = p_xy.sum(axis=-1, keepdims=True)
    rows = p_xy / np.where(p_x > 0, p_x, 1)
    return cross_entropy_bits(p_xy, q) - cross_entropy_bits(p_xy, rows)
