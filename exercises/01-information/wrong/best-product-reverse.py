"""
problem: best-product
cell: best
what: The reverse divergence is minimised, one factor after the other.
loses: [visible-best, hidden-best]
"""


def best_product(p):
    logs = np.log(p + 1e-9)
    factors = [p.sum(axis=tuple(j for j in range(p.ndim) if j != i)) for i in range(p.ndim)]
    for _ in range(200):
        for i in range(p.ndim):
            mean = np.moveaxis(logs, i, 0)
            for j in reversed(range(p.ndim)):
                if j != i:
                    mean = mean @ factors[j]
            factors[i] = np.exp(mean - mean.max())
            factors[i] /= factors[i].sum()
    product = np.ones(())
    for factor in factors:
        product = np.multiply.outer(product, factor)
    return {"factors": factors, "minimum": np.sum(product * (np.log(product) - logs))}
