"""
problem: not-normal
cell: table
what: A jointly Gaussian pair in bins, cut into three.
loses: [visible-table, hidden-table]
"""


def three_values(p_x, p_y):
    x, y = (ndtri(np.cumsum(p) - p / 2) for p in (p_x, p_y))
    p = np.exp(-((x[:, None] - 0.8 * y) ** 2) / 0.72) * np.exp(-(y**2) / 2)
    for _ in range(2000):
        p *= (p_x / p.sum(axis=1))[:, None]
        p *= p_y / p.sum(axis=0)
    return {"p_xy": p, "statistic": np.digitize(x, [-0.43, 0.43])}
