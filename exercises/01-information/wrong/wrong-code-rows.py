"""
problem: wrong-code
what: A plain mean over the rows, not weighted with p(x).
loses: [visible-charge, visible-excess, hidden-charge, hidden-excess]
"""


def cross_entropy_bits(p_xy, q):
    p_x = p_xy.sum(axis=-1, keepdims=True)
    rows = p_xy / np.where(p_x > 0, p_x, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(p_xy > 0, -rows * np.log2(q), 0).sum(axis=-1).mean(axis=-1)


def excess_bits(p_xy, q):
    p_x = p_xy.sum(axis=-1, keepdims=True)
    rows = p_xy / np.where(p_x > 0, p_x, 1)
    return cross_entropy_bits(p_xy, q) - cross_entropy_bits(p_xy, rows)
