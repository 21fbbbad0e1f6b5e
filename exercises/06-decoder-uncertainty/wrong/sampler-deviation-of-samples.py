"""
problem: sampler
what: The margin is the deviation of the samples of one image.
loses: [visible, hidden-dec]
"""


def limits(p):
    """One-sided 95 % limits of both cross-entropies from samples p, shape (..., N, n)."""
    n_images, n = p.shape[-2:]

    def limit(values, side):
        return values.mean(axis=-1) + side * 1.645 * values.std(axis=-1, ddof=1) / np.sqrt(n_images)

    mean_loss = -np.log(p).mean(axis=-1)
    within = 1.645 * np.log(p).std(axis=-1).mean(axis=-1)
    others = (p.sum(axis=-1, keepdims=True) - p) / (n - 1)
    tangents = (-np.log(others) - (p - others) / others).mean(axis=-1)
    return {
        "dec_lower": mean_loss.mean(axis=-1) - within,
        "dec_upper": mean_loss.mean(axis=-1) + within,
        "pred_lower": limit(tangents, -1),
        "pred_upper": limit(-np.log(p.mean(axis=-1)), 1),
    }
