"""
problem: wrong-code
what: Loops over the cells of each table.
"""


def charges(p_xy, q):
    total = 0.0
    for p, guess in zip(p_xy.ravel(), q.ravel(), strict=True):
        if p > 0:
            total += np.inf if guess == 0 else -p * np.log(guess) / np.log(2)
    return total


def cross_entropy_bits(p_xy, q):
    if p_xy.ndim == 2:
        return charges(p_xy, q)
    return np.array([cross_entropy_bits(p, guess) for p, guess in zip(p_xy, q, strict=True)])


def excess_bits(p_xy, q):
    if p_xy.ndim == 2:
        perfect = [row / row.sum() if row.sum() else row for row in p_xy]
        return charges(p_xy, q) - charges(p_xy, np.array(perfect))
    return np.array([excess_bits(p, guess) for p, guess in zip(p_xy, q, strict=True)])
