"""
problem: wrong-code
what: 0 log 0 is not a number.
loses: [visible-charge, visible-excess, hidden-charge, hidden-excess]
"""


def cross_entropy_bits(p_xy, q):
    return -(p_xy * np.log2(q)).sum(axis=(-2, -1))


def excess_bits(p_xy, q):
    rows = p_xy / p_xy.sum(axis=-1, keepdims=True)
    return (p_xy * np.log2(rows / q)).sum(axis=(-2, -1))
