"""
problem: wrong-code
what: A small number inside the logarithm hides what is impossible.
loses: [visible-charge, visible-excess, hidden-charge, hidden-excess]
"""


def cross_entropy_bits(p_xy, q):
    return -(p_xy * np.log2(q + 1e-12)).sum(axis=(-2, -1))


def excess_bits(p_xy, q):
    p_x = p_xy.sum(axis=-1, keepdims=True)
    rows = p_xy / np.where(p_x > 0, p_x, 1)
    return cross_entropy_bits(p_xy, q) - cross_entropy_bits(p_xy, rows)
