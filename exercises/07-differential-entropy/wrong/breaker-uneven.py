"""
problem: entropy-budgets
cell: breaker
what: The budget is shared out unevenly.
loses: [visible-breaker, hidden-breaker]
"""


def breaker(entropy, k):
    """A covariance that keeps the printed budget with an entropy above this one, or None."""
    budget = np.exp(2 * entropy - 1) / (2 * np.pi)
    reached = k / 2 * np.log(2 * np.pi * np.e * budget / k)
    return np.diag(np.arange(1.0, k + 1)) * budget / (k * (k + 1) / 2) if reached > entropy else None
