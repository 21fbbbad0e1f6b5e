"""
problem: fair-die
what: The rate is the information of the channel.
"""


def die_channel(m, D):
    kept = 1 - min(D, (m - 1) / m)
    return np.where(np.eye(m) > 0, kept, (1 - kept) / (m - 1))


def die_rate(m, D):
    channel = die_channel(m, D)
    return np.sum(channel * np.log(np.where(channel > 0, channel * m, 1))) / m


def die_price(m, D):
    return np.log(m - 1) + np.log(1 - D) - np.log(D)
