"""
problem: expected-loss
what: The bend in closed form, the rest by quadrature around it.
"""


def moments(mean, scale, w, b, y):
    """The mean and the variance of the NLL over the noise."""
    sign = 1 if y else -1
    centre, spread = -sign * (w @ mean + b), np.linalg.norm(w * scale)
    grid = np.unique(
        np.concatenate([centre + spread * np.linspace(-9, 9, 40001), np.linspace(-40, 40, 40001)])
    )
    grid = grid[np.abs(grid - centre) <= 9 * spread]
    values, density = np.logaddexp(0, grid), norm.pdf(grid, centre, spread)
    total = np.trapezoid(density, grid)
    first = np.trapezoid(values * density, grid) / total
    return first, np.trapezoid((values - first) ** 2 * density, grid) / total


def expected_loss(mean, scale, w, b, y, beta):
    """The expected NLL, the rate, the loss, and the bias of the NLL at noise zero, in nats."""
    nll = moments(mean, scale, w, b, y)[0]
    rate = np.sum((mean**2 + scale**2 - 1) / 2 - np.log(scale))
    logit = w @ mean + b
    return {
        "nll": nll,
        "rate": rate,
        "loss": nll + beta * rate,
        "bias": np.logaddexp(0, -logit * (2 * y - 1)) - nll,
    }


def draws(mean, scale, w, b, y, error):
    """How many draws of the noise make the standard error of the mean NLL at most error."""
    return int(np.ceil(moments(mean, scale, w, b, y)[1] / error**2))
