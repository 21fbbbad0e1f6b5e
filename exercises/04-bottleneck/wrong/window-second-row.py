"""
problem: window
what: x1 is taken for the second row.
loses: [visible-window, visible-line, hidden-window, hidden-line]
"""


def certified(p_xy):
    """A price in the window, an optimal encoder there, and the line that certifies it."""
    p_x, p_y = p_xy.sum(axis=1), p_xy.sum(axis=0)
    r1 = np.linspace(0, 1, 100_001)[1:-1]
    r = np.stack([r1, 1 - r1], axis=1)
    r_y = r @ (p_xy / p_x[:, None])
    cost, gain = np.sum(r * np.log(r / p_x), axis=1), np.sum(r_y * np.log(r_y / p_y), axis=1)

    far = np.abs(r1 - p_x[0]) > 1e-3
    onset = np.min(cost[far] / gain[far])
    local = 1 / np.linalg.svd(p_xy / np.sqrt(np.outer(p_x, p_y)), compute_uv=False)[1] ** 2
    beta = (onset + local) / 2

    f = cost - beta * gain
    left, right = r1 < p_x[0], r1 > p_x[0]
    a, b = r1[0], r1[-1]
    for _ in range(100):  # the lowest chord over p_X: the best partner of one end, then of the other
        b = r1[right][np.argmin((f[right] - f[r1 == a]) / (r1[right] - a))]
        a = r1[left][np.argmax((f[r1 == b] - f[left]) / (b - r1[left]))]
    slope = ((f[r1 == b] - f[r1 == a]) / (b - a)).item()
    start = np.min(f - slope * r1) - 2e-9  # the graph may dip a little between the points of the grid
    weight = (p_x[0] - a) / (b - a)  # of the cluster at b
    joint = np.array([[(1 - weight) * a, weight * b], [(1 - weight) * (1 - a), weight * (1 - b)]])
    return {"beta": beta, "encoder": (joint / p_x[:, None])[::-1], "line": [start + slope, start]}
