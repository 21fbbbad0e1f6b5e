"""
problem: not-normal
cell: table
what: The values of T are those of X.
loses: [visible-table, hidden-table]
"""


def three_values(p_x, p_y):
    f = np.sign(np.cumsum(p_x) - p_x / 2 - 0.5)
    return {"p_xy": np.outer(p_x, p_y), "statistic": f}
