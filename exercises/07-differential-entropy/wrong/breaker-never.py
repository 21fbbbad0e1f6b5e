"""
problem: entropy-budgets
cell: breaker
what: The printed budget is believed.
loses: [visible-breaker, hidden-breaker]
"""


def breaker(entropy, k):
    """A covariance that keeps the printed budget with an entropy above this one, or None."""
    return None
