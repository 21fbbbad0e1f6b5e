"""
problem: processing
cell: break
what: Z is X only in half of the cases.
loses: [visible-break, hidden-break]
"""


def break_processing(p_xy):
    y_tells = np.zeros((*p_xy.shape, p_xy.size + p_xy.shape[1]))
    for x, y in np.ndindex(*p_xy.shape):
        y_tells[x, y, x * p_xy.shape[1] + y] = p_xy[x, y] / 2
        y_tells[x, y, p_xy.size + y] = p_xy[x, y] / 2
    return y_tells
