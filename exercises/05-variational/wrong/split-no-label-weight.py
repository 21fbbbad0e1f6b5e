"""
problem: rate-split
what: p(z, y) in place of p(z|y).
loses: [visible-exact, visible-estimate, hidden-relevant]
"""


def split(means, scales, labels, samples, seed):
    """The rate of a model, its information and slack, and what of it is relevant, in nats."""
    n, k = means.shape
    z = means[:, None] + scales[:, None] * np.random.default_rng(seed).normal(size=(n, samples, k))
    log_p = np.empty((n, samples, n))  # of each code, under each of the Gaussians
    for j in range(n):
        log_p[..., j] = -np.sum(((z - means[j]) / scales[j]) ** 2 / 2 + np.log(scales[j]), axis=-1)
    log_own = np.stack([log_p[i, :, i] for i in range(n)])
    log_z = logsumexp(log_p, axis=-1) - np.log(n)
    log_z_given_y = np.empty((n, samples))
    for label in np.unique(labels):
        same = labels == label
        log_z_given_y[same] = logsumexp(log_p[same][..., same], axis=-1) - np.log(n)
    told = log_own - log_z
    rate = np.mean(np.sum(scales**2 + means**2 - 1 - 2 * np.log(scales), axis=1)) / 2
    information, relevant = told.mean(), (log_z_given_y - log_z).mean()
    return {
        "rate": rate,
        "information": information,
        "slack": rate - information,
        "relevant": relevant,
        "redundant": information - relevant,
        "error": np.sqrt(np.sum(told.var(axis=1, ddof=1)) / samples) / n,
    }
