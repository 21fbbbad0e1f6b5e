"""
problem: best-product
cell: excess
what: The best product is believed to be unique only up to relabelling.
loses: [visible-excess, hidden-excess]
"""


def product_excess(p, factors):
    excess = 0.0
    for i, q in enumerate(factors):
        marginal = p.sum(axis=tuple(j for j in range(p.ndim) if j != i))
        excess += kl_divergence(np.sort(marginal), np.sort(q))
    return excess
