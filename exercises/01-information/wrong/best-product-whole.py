"""
problem: best-product
cell: excess
what: The whole divergence in place of the excess.
loses: [visible-excess, hidden-excess]
"""


def product_excess(p, factors):
    product = np.ones(())
    for factor in factors:
        product = np.multiply.outer(product, factor)
    return kl_divergence(p.ravel(), product.ravel())
