"""
problem: fair-die
what: The rate in bits.
loses: [visible-rate, hidden-rate]
"""


def die_rate(m, D):
    if 1 - 1 / m <= D:
        return 0.0
    return np.log2(m) if D == 0 else np.log2(m) + D * np.log2(D / (m - 1)) + (1 - D) * np.log2(1 - D)


def die_price(m, D):
    return np.log2((1 - D) / D * (m - 1))


def die_channel(m, D):
    error = min(D, 1 - 1 / m)
    return np.full((m, m), error / (m - 1)) + (1 - error - error / (m - 1)) * np.eye(m)
