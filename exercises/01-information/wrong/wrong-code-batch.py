"""
problem: wrong-code
what: Sums over the batch, too.
loses: [visible-charge, visible-excess, hidden-charge, hidden-excess]
"""


def cross_entropy_bits(p_xy, q):
    seen = p_xy > 0
    with np.errstate(divide="ignore"):
        return -np.sum(p_xy[seen] * np.log2(q[seen]))


def excess_bits(p_xy, q):
    p_x = p_xy.sum(axis=-1, keepdims=True)
    rows = p_xy / np.where(p_x > 0, p_x, 1)
    return cross_entropy_bits(p_xy, q) - cross_entropy_bits(p_xy, rows)
