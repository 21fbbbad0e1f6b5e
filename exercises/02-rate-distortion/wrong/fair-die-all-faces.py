"""
problem: fair-die
what: After an error the face may be any of m.
loses: [visible-rate, visible-channel, hidden-rate, hidden-channel]
"""


def die_rate(m, D):
    if 1 - 1 / m <= D:
        return 0.0
    return np.log(m) if D == 0 else np.log(m) + D * np.log(D) + (1 - D) * np.log(1 - D) - D * np.log(m)


def die_price(m, D):
    return np.log((1 - D) / D) + np.log(m)


def die_channel(m, D):
    return (1 - D) * np.eye(m) + D / m
