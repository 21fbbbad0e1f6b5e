"""
problem: expected-loss
what: The variance of the NLL from its slope at noise zero.
loses: [visible-draws, hidden-draws]
"""


def line(mean, scale, w, b, y):
    """Weights of a fine grid of noise on a line, and the NLL on it."""
    noise = np.linspace(-9, 9, 20001)
    weights = np.exp(-(noise**2) / 2)
    logit = w @ mean + b + np.sqrt(w**2 @ scale**2) * noise
    return weights / weights.sum(), np.logaddexp(0, -logit if y else logit)


def expected_loss(mean, scale, w, b, y, beta):
    """The expected NLL, the rate, the loss, and the bias of the NLL at noise zero, in nats."""
    weights, values = line(mean, scale, w, b, y)
    nll = weights @ values
    rate = 0.5 * np.sum(scale**2 + mean**2 - 1 - 2 * np.log(scale))
    logit = w @ mean + b
    bias = np.logaddexp(0, -logit if y else logit) - nll
    return {"nll": nll, "rate": rate, "loss": nll + beta * rate, "bias": bias}


def draws(mean, scale, w, b, y, error):
    """How many draws of the noise make the standard error of the mean NLL at most error."""
    logit = w @ mean + b
    slope = 1 / (1 + np.exp(logit if y else -logit))
    return int(np.ceil(slope**2 * (w**2 @ scale**2) / error**2))
