"""
problem: decision-adversary
what: The 0-1 loss.
loses: [visible-strict, visible-large, hidden-strict, hidden-large]
"""


def adversary(p_xy, labels):
    return 1 - np.eye(p_xy.shape[1])
