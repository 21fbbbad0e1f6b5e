"""
problem: entropy-budgets
cell: breaker
what: At k = 1 rounding decides whether C exceeds C.
loses: [visible-breaker, hidden-breaker]
"""


def breaker(entropy, k):
    """A covariance that keeps the printed budget with an entropy above this one, or None."""
    budget = np.exp(2 * entropy - 1) / (2 * np.pi)
    reached = k / 2 * (1 + np.log(2 * np.pi * budget / k))
    return np.eye(k) * budget / k if reached > entropy else None
