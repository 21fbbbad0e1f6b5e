"""
problem: few-samples
what: Classes by a matrix of ones and zeros; the smallest batch from an array.
"""


def corrected(z, y):
    """All classes at once."""
    member = (y[:, None] == np.unique(y)).astype(float)
    n = member.sum(axis=0)
    mean = member.T @ z / n[:, None]
    squares = member.T @ z**2 - n[:, None] * mean**2
    h = np.log(2 * np.pi * np.e) + np.log(squares / 2) - digamma((n - 1) / 2)[:, None]
    return float(n @ h.sum(axis=1) / (2 * len(z)))


def chance_below(n, ddof):
    return 1 - chi2.sf(n - ddof, df=n - 1)


def smallest_batch(k, nats):
    start = max(2, int(k / (2 * nats)) - 10)
    n = np.arange(2 if start < 1000 else start, start + 1000)
    lack = k / 2 * (np.log((n - 1) / 2) - digamma((n - 1) / 2))
    return int(n[np.argmax(lack <= nats)])
