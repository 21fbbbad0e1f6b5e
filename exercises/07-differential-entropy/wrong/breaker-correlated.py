"""
problem: entropy-budgets
cell: breaker
what: Correlated numbers with the right variances.
loses: [visible-breaker, hidden-breaker]
"""


def breaker(entropy, k):
    """A covariance that keeps the printed budget with an entropy above this one, or None."""
    budget = np.exp(2 * entropy - 1) / (2 * np.pi)
    reached = k / 2 * np.log(2 * np.pi * np.e * budget / k)
    return (0.5 * np.eye(k) + 0.5) * budget / k if reached > entropy else None
