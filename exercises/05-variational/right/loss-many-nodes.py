"""
problem: expected-loss
what: Gauss-Legendre rules on short pieces of the line.
"""


def line(mean, scale, w, b, y):
    """Weights and NLL at the nodes of a Gauss-Legendre rule on each of 400 pieces."""
    nodes, rule = np.polynomial.legendre.leggauss(12)
    edges = np.linspace(-9, 9, 401)
    noise = (edges[:-1, None] + 9 / 400 * (nodes + 1)).ravel()
    weights = np.tile(rule, 400) * norm.pdf(noise)
    logit = w @ mean + b + np.linalg.norm(w * scale) * noise
    return weights / weights.sum(), np.logaddexp(0, logit) - y * logit


def expected_loss(mean, scale, w, b, y, beta):
    """The expected NLL, the rate, the loss, and the bias of the NLL at noise zero, in nats."""
    weights, values = line(mean, scale, w, b, y)
    nll, logit = float(weights @ values), w @ mean + b
    rate = float(np.sum(scale**2 + mean**2) - len(mean)) / 2 - float(np.log(scale).sum())
    return {
        "nll": nll,
        "rate": rate,
        "loss": nll + beta * rate,
        "bias": np.logaddexp(0, logit) - y * logit - nll,
    }


def draws(mean, scale, w, b, y, error):
    """How many draws of the noise make the standard error of the mean NLL at most error."""
    weights, values = line(mean, scale, w, b, y)
    return max(1, int(np.ceil((weights @ values**2 - (weights @ values) ** 2) / error**2)))
