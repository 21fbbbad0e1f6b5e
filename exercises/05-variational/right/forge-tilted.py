"""
problem: close-both-gaps
cell: forge
what: A noisy copy found by bisection, and a prior that prefers one symbol.
"""


def forge(n, information, rate):
    """An encoder of n equally likely inputs and a prior, with this I(X;Z) and this rate."""

    def bisect(function, target):
        low, high = 0.0, 1.0
        for _ in range(200):
            middle = (low + high) / 2
            low, high = (middle, high) if function(middle) < target else (low, middle)
        return low

    def noisy(kept):
        return kept * np.eye(n) + (1 - kept) / n

    def told(kept):
        rows = noisy(kept)
        return np.sum(rows[rows > 0] * np.log(rows[rows > 0])) / n + np.log(n)

    encoder = noisy(1.0) if information > np.log(n) - 1e-9 else noisy(bisect(told, information))
    low, high = -200.0, -np.log(n)
    for _ in range(200):  # the logarithm of the share of the first symbol
        middle = (low + high) / 2
        rest = np.log(-np.expm1(middle) / (n - 1))
        slack = -np.log(n) - (middle + (n - 1) * rest) / n
        low, high = (low, middle) if slack < rate - information else (middle, high)
    prior = np.full(n, -np.expm1(high) / (n - 1))
    prior[0] = np.exp(high)
    return {"encoder": encoder, "prior": prior / prior.sum()}
