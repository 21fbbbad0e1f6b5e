"""
problem: fair-die
what: Where nothing is told, one letter is sent; the rate as a divergence.
"""


def die_rate(m, D):
    told = 0.0
    if D * m < m - 1:
        for p, q in [(D, (m - 1) / m), (1 - D, 1 / m)]:
            told += p * np.log(p / q) if p > 0 else 0.0
    return told


def die_price(m, D):
    return -np.log(D / ((m - 1) * (1 - D)))


def die_channel(m, D):
    if D * m >= m - 1:
        return [[1.0] + [0.0] * (m - 1)] * m
    return [[1 - D if i == j else D / (m - 1) for j in range(m)] for i in range(m)]
