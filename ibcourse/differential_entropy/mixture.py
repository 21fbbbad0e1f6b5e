r"""Mixtures: the law of a noisy embedding of finitely many points, and the shape of a density.

Let a deterministic encoder send the n points of a data set to :math:`\mu_1, \dots, \mu_n`, and add Gaussian
noise of variance :math:`\sigma^2`.  Then Z is a mixture, and so is Z given its class:

.. math::

    p(z) = \frac1n \sum_i \mathcal N(z; \mu_i, \sigma^2 I), \qquad
    p(z|y) = \frac{1}{n_y} \sum_{i: y_i = y} \mathcal N(z; \mu_i, \sigma^2 I), \qquad
    p(y|z) = \frac{\sum_{i: y_i = y} e^{-\lVert z - \mu_i \rVert^2 / 2 \sigma^2}}
        {\sum_i e^{-\lVert z - \mu_i \rVert^2 / 2 \sigma^2}}.

Since :math:`h(Z|Y) = \mathbb E\, D(p(z|x) \| p(z|y)) + h(\epsilon)`, lowering :math:`h(Z|Y)` draws the
points of a class together.  One point feels this force in two ways, because it is the mean of a first
argument and takes part in every second one.  With the responsibility
:math:`r_k(z) = \mathcal N(z; \mu_k, \sigma^2 I) / n_{y_k} p(z|y_k)`,

.. math::

    \frac{\partial h(Z|Y)}{\partial \mu_k}
    = \underbrace{-\frac1n \sum_{i \ne k:\, y_i = y_k} \mathbb E_{p(z|x_i)} r_k(z) \frac{z - \mu_k}{\sigma^2}}
        _{\text{the other points}}
    \; \underbrace{-\; \frac1n\, \mathbb E_{p(z|x_k)} \left[ \ln p(z|y_k) + r_k(z) \right]
        \frac{z - \mu_k}{\sigma^2}}_{\text{its own point}} .

The factor :math:`1/n` is :math:`\hat p(y_k)\, /\, n_{y_k}`.  The responsibility decays exponentially with
the square of the distance, so the force comes from near points and not from the centroid of the class.
"""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ibcourse._array import Array, ArrayLike, as_arrays, as_distributions, check_finite, check_positive
from ibcourse.differential_entropy.bounds import _as_labels
from ibcourse.information.gaussian import LN_2_PI_E

# The trapezoidal rule converges exponentially for such integrands: steps of σ/8 up to 9σ leave about 1e-12.
NODES = np.arange(-72, 73) / 8


class SoftClustering(NamedTuple):
    """Entropies of a noisy embedding in nats, and the derivative of h(Z|Y) in nats per unit of length.

    Attributes
    ----------
    h_z, h_z_given_y, h_z_given_x : array, shape ()
        Differential entropies of Z; the last is that of the noise.
    h_y_given_z : array, shape ()
        The entropy of the label given Z.
    others, own : array, shape (n, d)
        The two parts of the derivative with respect to each mean: by the divergences of the other points of
        its class, and by its own.
    """

    h_z: Array
    h_z_given_y: Array
    h_z_given_x: Array
    h_y_given_z: Array
    others: Array
    own: Array

    @property
    def gradient(self) -> Array:
        """The derivative of h(Z|Y) with respect to each mean, shape (n, d)."""
        return self.others + self.own


def soft_clustering(means: ArrayLike, labels: ArrayLike, scale: float) -> SoftClustering:
    r"""Return the entropies of a noisy embedding of a few points, and the force on each of them.

    Parameters
    ----------
    means : array_like, shape (n,) or (n, d)
        The embeddings, in one or two dimensions.
    labels : array_like of int, shape (n,)
        The class of each point.
    scale : float
        The standard deviation σ of the noise, positive.

    Returns
    -------
    SoftClustering
        Nats.

    Raises
    ------
    ValueError
        If the shapes do not fit, labels are not integers, the scale is not positive, or d is more than 2.

    Notes
    -----
    By the trapezoidal rule about each mean: exact to rounding, for tens of points.  For a data set use
    `ibcourse.estimators.mixture`.  Gradients of torch flow through the entropies.
    Source: Kirsch, Lyle and Gal (2020), appendix A.8, with errata E1.17 to E1.20.
    Lesson: 07 What pulls the points of a class.

    Examples
    --------
    Two classes of two points; the points of a class are one unit apart:

    >>> result = soft_clustering([0, 1, 4, 5], [0, 0, 1, 1], scale=0.5)
    >>> print(round(result.h_z_given_y - result.h_z_given_x, 4), round(result.h_y_given_z, 4))
    0.3368 0.0019
    >>> print(result.gradient[:, 0].round(4))  # a step down the gradient moves them together
    [-0.2248  0.2248 -0.2248  0.2248]
    """
    xp, means = as_arrays(means=means)
    means = means[:, None] if means.ndim == 1 else means
    if means.ndim != 2 or not means.shape[0] or means.shape[1] not in (1, 2):
        raise ValueError(
            f"means has shape {tuple(means.shape)}; expected (n,), (n, 1) or (n, 2): quadrature is for one "
            "or two dimensions. In more, use ibcourse.estimators.mixture."
        )
    check_finite(means=means)
    check_positive(scale=scale)
    if not 0 < scale**2 < math.inf:
        raise ValueError(
            f"scale is {scale}; expected a positive number, the standard deviation of the noise, "
            "whose square is a number too."
        )
    labels = _as_labels(labels, means)
    n, d = means.shape
    same = labels[:, None] == labels[None, :]
    shares = xp.mean(xp.astype(same, means.dtype), axis=1)  # p̂(y) of the class of each point
    steps, weights = _nodes(xp, means)
    h_noise = d * (LN_2_PI_E / 2 + math.log(scale)) + 0 * means[0, 0]
    surprise_z, surprise_z_given_y, forces, own = [], [], [], []
    for i in range(n):
        z = means[i] + scale * steps
        pulls = (z[:, None, :] - means[None, :, :]) / scale**2
        log_kernels = -xp.sum(pulls**2, axis=-1) * scale**2 / 2  # exponents only: the constant waits below
        log_members = xp.where(same[i], log_kernels, -math.inf)
        log_class = _log_sum_exp(xp, log_members)
        responsibility = xp.exp(log_members - log_class[:, None])
        surprise_z.append(math.log(n) - weights @ _log_sum_exp(xp, log_kernels))
        surprise_z_given_y.append(math.log(n) + xp.log(shares[i]) - weights @ log_class)
        forces.append(-xp.sum((weights[:, None] * responsibility)[:, :, None] * pulls, axis=0) / n)
        own.append(forces[i][i] - (weights * log_class) @ pulls[:, i] / n)
    constant = h_noise - d / 2  # ln (2πσ²)^(d/2)
    h_z = constant + xp.mean(xp.stack(surprise_z))
    h_z_given_y = constant + xp.mean(xp.stack(surprise_z_given_y))
    h_y_given_z = h_z_given_y - h_z - xp.mean(xp.log(shares))
    apart = 1 - xp.eye(n, dtype=means.dtype, device=means.device)
    others = xp.sum(xp.stack(forces) * apart[:, :, None], axis=0)
    return SoftClustering(h_z, h_z_given_y, h_noise, h_y_given_z, others, xp.stack(own))


class MixtureShape(NamedTuple):
    """Moments of a mixture: its mean and variance, its skewness and its excess kurtosis."""

    mean: float
    variance: float
    skewness: float
    excess_kurtosis: float


def mixture_shape(weights: ArrayLike, components: Sequence[Any]) -> MixtureShape:
    r"""Return mean, variance, skewness and excess kurtosis of a mixture of known laws.

    .. math::

        \mathbb E X^r = \sum_j w_j\, \mathbb E_j X^r, \qquad
        \frac{\mathbb E (X - \mu)^3}{\sigma^3}, \qquad \frac{\mathbb E (X - \mu)^4}{\sigma^4} - 3

    Parameters
    ----------
    weights : array_like, shape (m,)
        The probabilities of the components.
    components : sequence of m distributions
        Frozen distributions of SciPy, continuous or discrete, with four moments each.

    Returns
    -------
    MixtureShape
        Skewness and excess kurtosis have no unit.

    Raises
    ------
    ValueError
        If weights is not a distribution over the components, or the mixture has no positive variance.

    Notes
    -----
    Both are zero for every normal law.  Excess kurtosis measures the weight of the tails and says nothing
    of a peak; zero skewness does not make a law symmetric (erratum E3.23).
    Lesson: 07 What survives a change of units.

    Examples
    --------
    A density that is flat on [-1, 1], with rare values up to 10:

    >>> import scipy.stats
    >>> flat = [scipy.stats.uniform(-1, 2), scipy.stats.uniform(-10, 20)]
    >>> print(round(mixture_shape([0.99, 0.01], flat).excess_kurtosis, 2))
    42.9
    """
    _, weights = as_distributions(weights=weights)
    if weights.shape != (len(components),):
        raise ValueError(
            f"weights has shape {weights.shape}; expected ({len(components)},), one for each component."
        )
    moments = [[float(m) for m in c.stats(moments="mvsk")] for c in components]
    mean = sum(w * m for w, (m, *_) in zip(weights, moments, strict=True))
    central = [0.0] * 5
    for weight, (m, variance, skewness, kurtosis) in zip(weights, moments, strict=True):
        # Moments about the component's own mean, then about the mixture's: nothing large is subtracted.
        own = [1.0, 0.0, variance, 0.0, 0.0]
        if variance > 0:
            own[3:] = skewness * variance**1.5, (kurtosis + 3) * variance**2
        for r in (2, 3, 4):
            central[r] += weight * sum(math.comb(r, j) * own[j] * (m - mean) ** (r - j) for j in range(r + 1))
    _, _, variance, third, fourth = central
    if not variance > 0:
        raise ValueError(f"the mixture has the variance {variance}; shape needs a positive, finite one.")
    return MixtureShape(*map(float, (mean, variance, third / variance**1.5, fourth / variance**2 - 3)))


def _nodes(xp: Any, means: Array) -> tuple[Array, Array]:
    """Nodes (m, d) of the trapezoidal rule for a standard normal law, and their weights (m,)."""
    d = means.shape[1]
    steps = np.stack(np.meshgrid(*[NODES] * d, indexing="ij"), axis=-1).reshape(-1, d)
    weights = np.exp(-np.sum(steps**2, axis=1) / 2)
    steps, weights = steps[weights > 1e-18], weights[weights > 1e-18]
    return tuple(
        xp.asarray(values, dtype=means.dtype, device=means.device)
        for values in (steps, weights / weights.sum())
    )


def _log_sum_exp(xp: Any, values: Array) -> Array:
    largest = xp.max(values, axis=1, keepdims=True)
    return xp.log(xp.sum(xp.exp(values - largest), axis=1)) + largest[:, 0]
