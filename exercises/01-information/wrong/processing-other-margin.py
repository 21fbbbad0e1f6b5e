"""
problem: processing
cell: break
what: Another p(x, y) than the one that was given.
loses: [visible-break, hidden-break]
"""


def break_processing(p_xy):
    n = p_xy.shape[0]
    table = np.zeros((n, p_xy.shape[1], n))
    for x in range(n):
        table[x, :, x] = 1 / table[:, :, 0].size
    return table
