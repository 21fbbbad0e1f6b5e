"""
problem: sampler
what: Logarithms to base 2.
loses: [visible, hidden-dec, hidden-upper, hidden-lower]
"""


def limits(p):
    """One-sided 95 % limits of both cross-entropies from samples p, shape (..., N, n)."""
    n_images, n = p.shape[-2:]

    def limit(values, side):
        return values.mean(axis=-1) + side * 1.645 * values.std(axis=-1, ddof=1) / np.sqrt(n_images)

    mean_loss = -np.log2(p).mean(axis=-1)
    others = (p.sum(axis=-1, keepdims=True) - p) / (n - 1)
    tangents = (-np.log2(others) - (p - others) / others).mean(axis=-1)
    return {
        "dec_lower": limit(mean_loss, -1),
        "dec_upper": limit(mean_loss, 1),
        "pred_lower": limit(tangents, -1),
        "pred_upper": limit(-np.log2(p.mean(axis=-1)), 1),
    }
