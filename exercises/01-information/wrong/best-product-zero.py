"""
problem: best-product
cell: best
what: The total correlation is forgotten; the minimum is said to be 0.
loses: [visible-best, hidden-best]
"""


def best_product(p):
    factors = [p.sum(axis=tuple(j for j in range(p.ndim) if j != i)) for i in range(p.ndim)]
    return {"factors": factors, "minimum": 0.0}
