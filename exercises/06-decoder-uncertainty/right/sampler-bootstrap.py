"""
problem: sampler
what: Images are resampled, and the tangent is taken at the mean of all samples but a few.
"""


def limits(p):
    """One-sided 95 % limits of both cross-entropies from samples p, shape (..., N, n)."""
    generator = np.random.default_rng(0)
    n_images, n = p.shape[-2:]
    fold = []
    for part in np.array_split(np.arange(n), n - 1):
        rest = np.delete(p, part, axis=-1).mean(axis=-1)
        fold.append(-np.log(rest) + 1 - p[..., part].mean(axis=-1) / rest)
    weights = generator.multinomial(n_images, np.full(n_images, 1 / n_images), 300).T / n_images

    def quantile(values, q):
        return np.quantile(values @ weights, q, axis=-1)

    each, of_mean = -np.log(p).mean(axis=-1), -np.log(p.mean(axis=-1))
    return {
        "dec_lower": quantile(each, 0.05),
        "dec_upper": quantile(each, 0.95),
        "pred_lower": quantile(np.mean(fold, axis=0), 0.05),
        "pred_upper": quantile(of_mean, 0.95),
    }
