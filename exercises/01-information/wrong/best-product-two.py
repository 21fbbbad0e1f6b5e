"""
problem: best-product
cell: best
what: Works for two variables only.
loses: [visible-best, hidden-best]
"""


def best_product(p):
    a, b = p.sum(axis=1), p.sum(axis=0)
    return {"factors": [a, b], "minimum": kl_divergence(p.ravel(), np.multiply.outer(a, b).ravel())}
