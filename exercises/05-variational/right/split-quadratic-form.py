"""
problem: rate-split
what: A quadratic form for all densities at once.
"""


def split(means, scales, labels, samples, seed):
    """The rate of a model, its information and slack, and what of it is relevant, in nats."""
    n, k = means.shape
    noise = np.random.default_rng(seed).standard_normal((samples, n, k))
    z = (means + scales * noise).reshape(-1, k)
    weight = 1 / scales**2
    square = z**2 @ weight.T - 2 * z @ (means * weight).T + np.sum(means**2 * weight, axis=1)
    log_p = (-square / 2 - np.log(scales).sum(axis=1)).reshape(samples, n, n)
    own = np.diagonal(log_p, axis1=1, axis2=2)
    marks = labels[:, None] == labels
    log_z = logsumexp(log_p, axis=2) - np.log(n)
    mates = np.where(marks, log_p, -np.inf)
    log_zy = logsumexp(mates, axis=2) - np.log(marks.sum(axis=1))
    rate = 0.5 * np.mean(np.sum(means**2 + scales**2 - 1 - np.log(scales**2), axis=1))
    found = {"rate": rate, "information": np.mean(own - log_z), "relevant": np.mean(log_zy - log_z)}
    found["slack"] = rate - found["information"]
    found["redundant"] = found["information"] - found["relevant"]
    found["error"] = np.sqrt(np.mean(np.var(own - log_z, axis=0, ddof=1)) / (n * samples))
    return found
