"""
problem: sampler
what: The deviation is not divided by the root of the number of images.
loses: [visible, hidden-dec, hidden-upper, hidden-lower]
"""


def limits(p):
    """One-sided 95 % limits of both cross-entropies from samples p, shape (..., N, n)."""
    n = p.shape[-1]

    def limit(values, side):
        return values.mean(axis=-1) + side * 1.645 * values.std(axis=-1, ddof=1)

    mean_loss = -np.log(p).mean(axis=-1)
    others = (p.sum(axis=-1, keepdims=True) - p) / (n - 1)
    tangents = (-np.log(others) - (p - others) / others).mean(axis=-1)
    return {
        "dec_lower": limit(mean_loss, -1),
        "dec_upper": limit(mean_loss, 1),
        "pred_lower": limit(tangents, -1),
        "pred_upper": limit(-np.log(p.mean(axis=-1)), 1),
    }
