"""
problem: told-or-infinite
what: The formula of narrow uniform noise, with h(Z|X) added.
loses: [visible, hidden-noise]
"""


def told(case, a):
    """The information I(X;Z) of a case with the parameter a, in nats."""
    if case in ("relu", "leak", "whole"):
        return np.inf
    if case == "threshold":
        p = np.array([norm.cdf(a), norm.sf(a)])
        return -np.sum(np.where(p > 0, p * np.log(np.maximum(p, 1e-300)), 0))
    if case == "wrapped":
        return -np.log(a)
    if case == "wide":
        return a / 2 + np.log(a)
    if case == "heavy":
        return np.log1p(1 / a)
    if case == "images":
        return (1 - a) * np.log(100)
    if case == "bits":
        return np.log(2) / (2 if abs(a) == 1 else 1)
    return np.log1p(a**-2) / 2
