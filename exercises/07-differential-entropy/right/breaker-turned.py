"""
problem: entropy-budgets
cell: breaker
what: The same variances in turned axes.
"""


def breaker(entropy, k):
    """A covariance by an orthogonal matrix, above the point where the printed budget turns unsafe."""
    if k == 1 or entropy < k * np.log(k) / (2 * k - 2):
        return None
    turn = np.linalg.qr(np.vander(np.linspace(-1, 1, k)))[0]
    variance = np.exp(2 * entropy - np.log(2 * np.pi * np.e * k))
    found = turn @ np.diag(np.full(k, variance)) @ turn.T
    return (found + found.T) / 2 * (1 - 1e-12)
