"""
problem: sampler
what: The loss of the mean is taken for the lower limit as well.
loses: [visible, hidden-lower]
"""


def limits(p):
    """One-sided 95 % limits of both cross-entropies from samples p, shape (..., N, n)."""
    n_images = p.shape[-2]

    def limit(values, side):
        return values.mean(axis=-1) + side * 1.645 * values.std(axis=-1, ddof=1) / np.sqrt(n_images)

    mean_loss = -np.log(p).mean(axis=-1)
    return {
        "dec_lower": limit(mean_loss, -1),
        "dec_upper": limit(mean_loss, 1),
        "pred_lower": limit(-np.log(p.mean(axis=-1)), -1),
        "pred_upper": limit(-np.log(p.mean(axis=-1)), 1),
    }
