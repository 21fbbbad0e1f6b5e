"""
problem: entropy-budgets
cell: budgets
what: The entropy of the length, without the area of the sphere.
loses: [visible-budgets, hidden-budgets]
"""


def unit_entropy(kind, k):
    """The largest entropy within the budget 1."""
    if kind == "square":
        return k / 2 * np.log(2 * np.pi * np.e / k)
    if kind == "absolute":
        return k * np.log(2 * np.e / k)
    if kind == "positive":
        return k * np.log(np.e / k)
    if kind == "range":
        return k * np.log(2)
    return gammaln(k) + k - k * np.log(k)


def largest_entropy(kind, budget, k):
    """The largest entropy of k numbers within a budget, in nats."""
    return unit_entropy(kind, k) + k * np.log(budget) / (2 if kind == "square" else 1)


def safe_budget(kind, entropy, k):
    """The largest budget within which no entropy of k numbers is larger than this one."""
    return np.exp((entropy - unit_entropy(kind, k)) / k) ** (2 if kind == "square" else 1)
