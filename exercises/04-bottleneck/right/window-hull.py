"""
problem: window
what: The lower hull of the graph, from left to right.
"""


def certified(p_xy):
    p_x, p_y = p_xy.sum(axis=1), p_xy.sum(axis=0)
    channel = p_xy / p_x[:, None]

    def height(r):
        out = r @ channel
        return (r * np.log(r / p_x)).sum(-1) - beta * (out * np.log(out / p_y)).sum(-1)

    s = np.linspace(0, 1, 20_001)[1:-1]
    r = np.stack([s, 1 - s], axis=1)
    beta = 0.0
    cost = height(r)
    beta = 1.0
    gain = cost - height(r)
    away = np.abs(s - p_x[0]) > 1e-3
    local = 1 / np.linalg.svd(p_xy / np.sqrt(np.outer(p_x, p_y)))[1][1] ** 2
    beta = 0.5 * np.min(cost[away] / gain[away]) + 0.5 * local
    f = cost - beta * gain
    hull = []
    for i in range(len(s)):
        while len(hull) > 1:
            a, b = hull[-2:]
            if (f[b] - f[a]) * (s[i] - s[a]) < (f[i] - f[a]) * (s[b] - s[a]):
                break
            hull.pop()
        hull.append(i)
    k = next(k for k, i in enumerate(hull) if s[i] > p_x[0])
    r = np.array([[s[i], 1 - s[i]] for i in hull[k - 1 : k + 1]])
    weights = np.array([r[1, 0] - p_x[0], p_x[0] - r[0, 0]]) / (r[1, 0] - r[0, 0])
    encoder = (weights[:, None] * r / p_x).T
    one, two = height(r)
    slope = (two - one) / (r[1, 0] - r[0, 0])
    start = one - slope * r[0, 0]
    start -= max(0, (start + slope * s - f).max()) + 5e-8
    return {"beta": float(beta), "encoder": encoder, "line": [float(start), float(start + slope)]}
