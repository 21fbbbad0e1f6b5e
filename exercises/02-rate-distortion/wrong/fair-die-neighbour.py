"""
problem: fair-die
what: An error is always the next face, which tells too much.
loses: [visible-channel, hidden-channel]
"""


def die_rate(m, D):
    if 1 - 1 / m <= D:
        return 0.0
    return np.log(m) if D == 0 else np.log(m) + D * np.log(D / (m - 1)) + (1 - D) * np.log(1 - D)


def die_price(m, D):
    return np.log((1 - D) / D * (m - 1))


def die_channel(m, D):
    error = min(D, 1 - 1 / m)
    return (1 - error) * np.eye(m) + error * np.roll(np.eye(m), 1, axis=1)
