"""
problem: entropy-budgets
cell: breaker
what: The repaired budget, at which the entropy is exactly the one asked.
loses: [visible-breaker, hidden-breaker]
"""


def breaker(entropy, k):
    """A covariance that keeps the printed budget with an entropy above this one, or None."""
    budget = np.exp(2 * entropy - 1) / (2 * np.pi)
    reached = k / 2 * np.log(2 * np.pi * np.e * budget / k)
    return np.eye(k) * np.exp(2 * entropy / k - 1) / (2 * np.pi) if reached > entropy else None
