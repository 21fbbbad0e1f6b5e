"""
problem: fair-die
what: ln m - h(D), as for the coin.
loses: [visible-rate, hidden-rate]
"""


def die_rate(m, D):
    if 1 - 1 / m <= D:
        return 0.0
    return np.log(m) if D == 0 else np.log(m) + D * np.log(D) + (1 - D) * np.log(1 - D)


def die_price(m, D):
    return np.log((1 - D) / D)


def die_channel(m, D):
    error = min(D, 1 - 1 / m)
    return np.full((m, m), error / (m - 1)) + (1 - error - error / (m - 1)) * np.eye(m)
