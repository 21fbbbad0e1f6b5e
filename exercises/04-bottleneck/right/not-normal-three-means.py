"""
problem: not-normal
cell: table
what: Each value of T weights the halves of Y in its own way.
"""


def three_values(p_x, p_y):
    statistic = np.digitize(np.cumsum(p_x) - p_x / 2, [0.35, 0.65])
    marks = np.eye(3)[statistic]
    p_t = marks.T @ p_x
    upper = np.cumsum(p_y) - p_y / 2 > 0.5
    share = p_y[upper].sum()
    tilt = np.array([-1.0, 0.1, 1.0])
    tilt = tilt - p_t @ tilt
    tilt = tilt / np.abs(tilt).max() * min(share, 1 - share)
    p_y_given_t = np.where(
        upper, np.outer(share + tilt, p_y / share), np.outer(1 - share - tilt, p_y / (1 - share))
    )
    return {"p_xy": p_x[:, None] * p_y_given_t[statistic], "statistic": statistic.tolist()}
