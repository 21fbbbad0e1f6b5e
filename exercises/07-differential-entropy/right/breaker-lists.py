"""
problem: entropy-budgets
cell: breaker
what: Nested lists, and a test by the ratio of budgets.
"""


def breaker(entropy, k):
    """The printed budget against the repaired one."""
    printed = np.exp(2 * entropy) / (2 * np.pi * np.e)
    repaired = k * np.exp(2 * entropy / k) / (2 * np.pi * np.e)
    if printed <= repaired * (1 + 1e-9):
        return None
    return [[printed / k if i == j else 0.0 for j in range(k)] for i in range(k)]
