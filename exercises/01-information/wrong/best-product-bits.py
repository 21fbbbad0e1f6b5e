"""
problem: best-product
cell: best
what: The minimum is in bits.
loses: [visible-best, hidden-best]
"""


def best_product(p):
    factors = [p.sum(axis=tuple(j for j in range(p.ndim) if j != i)) for i in range(p.ndim)]
    product = np.ones(())
    for factor in factors:
        product = np.multiply.outer(product, factor)
    seen = p > 0
    return {"factors": factors, "minimum": np.sum(p[seen] * np.log2(p[seen] / product[seen]))}
