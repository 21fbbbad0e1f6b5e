"""
problem: decision-adversary
what: Rows for y and columns for actions.
loses: [visible-strict, visible-large, hidden-strict, hidden-large]
"""


def adversary(p_xy, labels):
    y = p_xy.shape[1]
    return np.concatenate([np.ones((y, 1)), np.zeros((y, 1)), np.full((y, 3), 0.5)], axis=1)
