"""
problem: entropy-budgets
cell: breaker
what: A covariance is returned where nothing breaks.
loses: [visible-breaker, hidden-breaker]
"""


def breaker(entropy, k):
    """A covariance that keeps the printed budget with an entropy above this one, or None."""
    budget = np.exp(2 * entropy - 1) / (2 * np.pi)
    return np.eye(k) * budget / k if k > 1 else None
