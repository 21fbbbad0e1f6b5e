"""
problem: rate-split
what: One input at a time, with the differences of log densities.
"""


def split(means, scales, labels, samples, seed):
    """The rate of a model, its information and slack, and what of it is relevant, in nats."""
    generator = np.random.default_rng(seed)
    n = len(means)
    told, about_y, spread = [], [], []
    for mean, scale, label in zip(means, scales, labels, strict=True):
        z = generator.normal(mean, scale, size=(samples, len(mean)))
        log_p = -0.5 * (((z[:, None] - means) / scales) ** 2).sum(axis=2) - np.log(scales).sum(axis=1)
        own = -0.5 * (((z - mean) / scale) ** 2).sum(axis=1) - np.log(scale).sum()
        whole = logsumexp(log_p, axis=1, b=1 / n)
        mates = log_p[:, labels == label]
        told.append((own - whole).mean())
        spread.append((own - whole).var(ddof=1))
        about_y.append((logsumexp(mates, axis=1, b=1 / mates.shape[1]) - whole).mean())
    rate = np.sum((scales**2 + means**2 - 1) / 2 - np.log(scales)) / n
    i_xz, i_zy = np.mean(told), np.mean(about_y)
    error = np.sqrt(np.mean(spread) / (n * samples))
    return {
        "rate": rate,
        "information": i_xz,
        "slack": rate - i_xz,
        "relevant": i_zy,
        "redundant": i_xz - i_zy,
        "error": error,
    }
