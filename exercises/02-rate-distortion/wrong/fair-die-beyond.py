"""
problem: fair-die
what: The formulas are used beyond their range.
loses: [visible-rate, visible-channel, hidden-rate, hidden-channel]
"""


def die_rate(m, D):
    if D in (0, 1):
        return np.log(m) if D == 0 else np.log(m / (m - 1))
    return np.log(m) + D * np.log(D / (m - 1)) + (1 - D) * np.log(1 - D)


def die_price(m, D):
    return np.log((1 - D) / D * (m - 1))


def die_channel(m, D):
    return np.full((m, m), D / (m - 1)) + (1 - D - D / (m - 1)) * np.eye(m)
