"""
problem: decision-adversary
what: One error is dearer by a fixed factor, whatever the table.
loses: [visible-large, hidden-strict, hidden-large]
"""


def adversary(p_xy, labels):
    y = p_xy.shape[1]
    loss = np.zeros((2, y))
    loss[0, 1:] = 1
    loss[1, 0] = 0.45
    return loss
