"""
problem: sampler
what: The jackknife for the lower limit, and t quantiles that are a little wider.
"""


def limits(p):
    """One-sided 95 % limits of both cross-entropies from samples p, shape (..., N, n)."""
    n_images, n = p.shape[-2:]
    loss = -np.log(p)
    each = loss.mean(axis=-1)
    of_mean = -np.log(p.mean(axis=-1))
    without = np.stack([-np.log(np.delete(p, i, axis=-1).mean(axis=-1)) for i in range(n)])
    jackknife = n * of_mean - (n - 1) * without.mean(axis=0)
    found = {}
    for key, values, side in [
        ("dec_lower", each, -1),
        ("dec_upper", each, 1),
        ("pred_lower", jackknife, -1),
        ("pred_upper", of_mean, 1),
    ]:
        error = np.sqrt(values.var(axis=-1, ddof=1) / n_images)
        found[key] = values.mean(axis=-1) + side * 1.651 * error
    return found
