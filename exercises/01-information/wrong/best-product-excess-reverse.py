"""
problem: best-product
cell: excess
what: The excess with q first.
loses: [visible-excess, hidden-excess]
"""


def product_excess(p, factors):
    excess = 0.0
    for i, q in enumerate(factors):
        excess += kl_divergence(q, p.sum(axis=tuple(j for j in range(p.ndim) if j != i)))
    return excess
