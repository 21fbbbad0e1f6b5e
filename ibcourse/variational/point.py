r"""The variational loss of one point, exactly: a Gaussian code of one dimension and a logistic decoder."""

from typing import NamedTuple

import numpy as np
from scipy.special import log_expit

from ibcourse.bottleneck.step import as_beta
from ibcourse.information import gaussian_kl

# The trapezoidal rule: for smooth functions under a Gaussian its error falls exponentially with the nodes.
_NODES = np.linspace(-9, 9, 1001)
_WEIGHTS = np.exp(-(_NODES**2) / 2)


class PointLoss(NamedTuple):
    """The loss of one point, in nats: loss = nll + β rate."""

    loss: np.ndarray
    nll: np.ndarray
    rate: np.ndarray


def point_loss(
    mean: np.ndarray | float,
    scale: np.ndarray | float,
    weight: float,
    y: int,
    beta: float,
    *,
    bias: float = 0.0,
    noise: np.ndarray | float | None = None,
) -> PointLoss:
    r"""Return the loss of the variational bottleneck for one point with the code N(mean, scale²).

    .. math::

        \mathbb{E}_{z \sim N(\mu, \sigma^2)} [-\ln d(y|z)] + \beta\, D(N(\mu, \sigma^2) \| N(0, 1)), \qquad
        d(1|z) = \frac{1}{1 + e^{-(w z + b)}}

    Parameters
    ----------
    mean, scale : float or array
        The code's mean μ and standard deviation σ > 0; they broadcast.
    weight, bias : float
        The decoder's w and b.
    y : int
        The label, 0 or 1.
    beta : float
        The price of compression.
    noise : float or array, optional
        The value of ε in :math:`z = \mu + \sigma \epsilon`, or several, over which the loss is averaged.
        If not given, the expectation over ε is taken, by quadrature.

    Returns
    -------
    PointLoss
        ``loss``, ``nll`` and ``rate`` in nats, of the broadcast shape.

    Raises
    ------
    ValueError
        If a scale is not positive, y is not 0 or 1, beta is negative or not finite, or noise is empty.

    Notes
    -----
    The negative log-likelihood is convex in z, so its value at the mean, ``noise=0``, is at most the
    expectation, by Jensen's inequality.  The quadrature is exact to 1e-11 for :math:`|w| \sigma \le 50`.
    Source: Alemi et al. (2017), section 3, for one point.  Lesson: 05 Variational.

    Examples
    --------
    >>> at_the_mean = point_loss(1, 0.5, weight=2, y=1, beta=0.1, noise=0)
    >>> exact = point_loss(1, 0.5, weight=2, y=1, beta=0.1)
    >>> print(at_the_mean.nll.round(4), at_the_mean.rate.round(4), at_the_mean.loss.round(4))
    0.1269 0.8181 0.2087
    >>> print(exact.nll.round(4), exact.loss.round(4))
    0.1827 0.2646
    """
    mean, scale = np.broadcast_arrays(np.asarray(mean, float), np.asarray(scale, float))
    if not np.all(scale > 0):
        raise ValueError(f"scale is {scale}; expected a standard deviation above 0.")
    if y not in (0, 1):
        raise ValueError(f"y is {y}; expected the label 0 or 1.")
    beta = as_beta(beta, mean)
    nodes, weights = (_NODES, _WEIGHTS) if noise is None else (np.atleast_1d(noise), None)
    if not nodes.size:
        raise ValueError("noise is empty; expected a value of ε, or several.")
    t = mean[..., None] + scale[..., None] * nodes
    nll = -np.average(log_expit((2 * y - 1) * (weight * t + bias)), axis=-1, weights=weights)
    rate = gaussian_kl(mean[..., None], scale[..., None, None] ** 2, [0.0], [[1.0]])
    return PointLoss(nll + beta * rate, nll, rate)
