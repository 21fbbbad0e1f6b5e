"""
problem: few-samples
what: The ln 2 of the mean of the logarithm is forgotten.
loses: [visible-corrected, hidden-corrected]
"""


def corrected(z, y):
    """An unbiased estimate of h(Z|Y) for independent Gaussian components, in nats."""
    total = 0.0
    for label in np.unique(y):
        own = z[y == label]
        squares = np.sum((own - own.mean(axis=0)) ** 2, axis=0)
        h = 0.5 * (np.log(2 * np.pi * np.e * squares) - digamma((len(own) - 1) / 2))
        total += len(own) / len(z) * h.sum()
    return total


def chance_below(n, ddof):
    """The probability that the estimate from n samples lies below the entropy."""
    return chi2.cdf(n - ddof, n - 1)


def smallest_batch(k, nats):
    """The smallest batch whose estimate is on average at most nats too low."""

    def lacks(n):
        return k / 2 * (np.log((n - 1) / 2) - digamma((n - 1) / 2)) > nats

    low, high = 1, 2
    while lacks(high):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if lacks(middle) else (low, middle)
    return high
