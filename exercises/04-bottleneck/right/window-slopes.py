"""
problem: window
what: The highest line below the graph, by its slope; its contacts are the clusters.
"""


def certified(p_xy):
    p_x, p_y = p_xy.sum(axis=1), p_xy.sum(axis=0)
    u = np.linspace(1e-5, np.pi - 1e-5, 60_001)
    s = (1 - np.cos(u)) / 2
    channel = p_xy / p_x[:, None]
    out = s[:, None] * channel[0] + (1 - s)[:, None] * channel[1]
    cost = s * np.log(s / p_x[0]) + (1 - s) * np.log((1 - s) / p_x[1])
    gain = (out * np.log(out / p_y)).sum(axis=1)
    away = np.abs(s - p_x[0]) > 1e-3
    local = 1 / np.linalg.eigvalsh(channel @ (p_xy / p_y).T / np.sqrt(np.outer(1 / p_x, p_x)))[0]
    beta = 0.3 * np.min(cost[away] / gain[away]) + 0.7 * local
    f = cost - beta * gain
    low, high = -50.0, 50.0
    for _ in range(70):  # the height at p_X is concave in the slope
        a, b = low + (high - low) / 3, high - (high - low) / 3
        if np.min(f - a * (s - p_x[0])) < np.min(f - b * (s - p_x[0])):
            low = a
        else:
            high = b
    slope = (low + high) / 2
    rest = f - slope * s
    left, right = s < p_x[0], s > p_x[0]
    ends = np.array([s[left][rest[left].argmin()], s[right][rest[right].argmin()]])
    weights = np.array([ends[1] - p_x[0], p_x[0] - ends[0]]) / (ends[1] - ends[0])
    encoder = np.stack([weights * ends / p_x[0], weights * (1 - ends) / p_x[1]])
    start = rest.min() - 5e-9
    return {"beta": beta, "encoder": encoder, "line": [start, start + slope]}
