"""
problem: few-samples
what: The bias as a function of its own, a gamma law, and steps from the large-sample formula.
"""


def bias(n):
    """The mean of half the logarithm of a variance of n samples, above the right one."""
    return (digamma((n - 1) / 2) - np.log((n - 1) / 2)) / 2


def corrected(z, y):
    """The log-variance less its bias, class by class."""
    labels, counts = np.unique(y, return_counts=True)
    parts = []
    for label, n in zip(labels, counts, strict=True):
        logs = 0.5 * np.log(2 * np.pi * np.e * np.var(z[y == label], axis=0, ddof=1))
        parts.append(np.sum(logs - bias(n)))
    return np.average(parts, weights=counts)


def chance_below(n, ddof):
    """From the incomplete gamma function."""
    return gammainc((n - 1) / 2, (n - ddof) / 2)


def smallest_batch(k, nats):
    """Down and up from the formula of large samples."""
    n = max(2, round(1 + k / (2 * nats)))
    while n > 2 and -k * bias(n - 1) <= nats:
        n -= 1
    while -k * bias(n) > nats:
        n += 1
    return n
