"""
problem: decision-adversary
what: Every action costs the same under each y, so there is nothing to decide.
loses: [visible-strict, visible-large, hidden-strict, hidden-large]
"""


def adversary(p_xy, labels):
    return np.tile(np.linspace(0, 1, p_xy.shape[1]), (2, 1))
