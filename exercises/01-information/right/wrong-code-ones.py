"""
problem: wrong-code
what: Puts 1 where nothing happens, and takes the excess as a mean divergence of the rows.
"""


def cross_entropy_bits(p_xy, q):
    safe = np.where(p_xy > 0, q, 1)
    with np.errstate(divide="ignore"):
        logs = np.log2(safe)
    return -np.einsum("...xy,...xy->...", p_xy, logs)


def excess_bits(p_xy, q):
    p_x = p_xy.sum(axis=-1, keepdims=True)
    ratio = np.divide(p_xy, p_x * q, out=np.ones(p_xy.shape), where=p_xy > 0)
    return np.einsum("...xy,...xy->...", p_xy, np.log2(ratio))
