"""
problem: sampler
what: All N n losses are treated as independent.
loses: [visible, hidden-dec]
"""


def limits(p):
    """One-sided 95 % limits of both cross-entropies from samples p, shape (..., N, n)."""
    n_images, n = p.shape[-2:]

    def limit(values, side):
        return values.mean(axis=-1) + side * 1.645 * values.std(axis=-1, ddof=1) / np.sqrt(n_images)

    losses = -np.log(p)
    pooled = 1.645 * losses.std(axis=(-2, -1)) / np.sqrt(n_images * n)
    others = (p.sum(axis=-1, keepdims=True) - p) / (n - 1)
    tangents = (-np.log(others) - (p - others) / others).mean(axis=-1)
    return {
        "dec_lower": losses.mean(axis=(-2, -1)) - pooled,
        "dec_upper": losses.mean(axis=(-2, -1)) + pooled,
        "pred_lower": limit(tangents, -1),
        "pred_upper": limit(-np.log(p.mean(axis=-1)), 1),
    }
