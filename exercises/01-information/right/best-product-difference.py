"""
problem: best-product
cell: excess
what: The difference of the two divergences.
"""


def product_excess(p, factors):
    whole, least = p, p
    for i, factor in enumerate(factors):
        shape = [-1 if j == i else 1 for j in range(p.ndim)]
        marginal = p.sum(axis=tuple(j for j in range(p.ndim) if j != i))
        whole = whole / np.reshape(factor, shape)
        least = least / np.reshape(marginal, shape)
    return np.sum(p * (np.log(np.where(p > 0, whole, 1)) - np.log(np.where(p > 0, least, 1))))
