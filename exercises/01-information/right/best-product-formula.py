"""
problem: best-product
cell: best
what: The minimum as a sum of entropies minus the joint entropy.
"""


def surprise(p):
    p = p[p > 0]
    return -np.sum(p * np.log(p))


def best_product(p):
    letters = "abcdefgh"[: p.ndim]
    factors = [np.einsum(f"{letters}->{letter}", p) for letter in letters]
    return {"factors": factors, "minimum": sum(surprise(factor) for factor in factors) - surprise(p)}
