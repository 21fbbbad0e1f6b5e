"""
problem: entropy-budgets
cell: budgets
what: Entropies of named densities, and bisection for the inverse.
"""


def largest_entropy(kind, budget, k):
    """The largest entropy, from the best density of each kind."""
    share = budget / k
    one = {
        "square": 0.5 * (1 + np.log(2 * np.pi * share)),
        "absolute": 1 + np.log(2 * share),
        "positive": 1 + np.log(share),
        "range": np.log(2 * budget),
    }
    if kind in one:
        return k * one[kind]
    area = np.log(2) + np.log(np.pi) * k / 2 - gammaln(k / 2)
    return area + gammaln(k) + k * np.log(share) + k


def safe_budget(kind, entropy, k):
    """The budget at which the largest entropy is this one."""
    low, high = -60.0, 60.0
    for _ in range(100):
        middle = (low + high) / 2
        if largest_entropy(kind, np.exp(middle), k) > entropy:
            high = middle
        else:
            low = middle
    return np.exp(low)
