"""
problem: fair-die
what: The rate is zero from one half on, as for the coin.
loses: [visible-rate, visible-channel, hidden-rate, hidden-channel]
"""


def die_rate(m, D):
    if D >= 0.5:
        return 0.0
    return np.log(m) if D == 0 else np.log(m) + D * np.log(D / (m - 1)) + (1 - D) * np.log(1 - D)


def die_price(m, D):
    return np.log((1 - D) / D * (m - 1))


def die_channel(m, D):
    if D >= 0.5:
        return np.eye(m)[np.zeros(m, dtype=int)]
    return np.full((m, m), D / (m - 1)) + (1 - D - D / (m - 1)) * np.eye(m)
