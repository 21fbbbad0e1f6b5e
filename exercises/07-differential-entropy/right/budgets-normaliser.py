"""
problem: entropy-budgets
cell: budgets
what: From the normaliser, ln of the integral of exp(-lambda c), plus lambda times the budget.
"""


def log_normaliser(kind, rate, k):
    """ln of the integral of exp(-rate * charge)."""
    if kind == "square":
        return k / 2 * np.log(np.pi / rate)
    if kind == "absolute":
        return k * np.log(2 / rate)
    if kind == "positive":
        return -k * np.log(rate)
    area = np.log(2 * np.pi ** (k / 2)) if k < 1000 else np.nan
    return area - gammaln(k / 2) + gammaln(k) - k * np.log(rate)


def largest_entropy(kind, budget, k):
    if kind == "range":
        return np.log(2 * budget) * k
    rate = (k / 2 if kind == "square" else k) / budget
    return log_normaliser(kind, rate, k) + rate * budget


def safe_budget(kind, entropy, k):
    per_number = (entropy - largest_entropy(kind, 1.0, k)) / k
    return np.exp(2 * per_number) if kind == "square" else np.exp(per_number)
