r"""Upper bounds on differential entropy, and the surrogates that samples give of them.

Among all vectors with covariance :math:`\Sigma` a Gaussian one has the largest differential entropy.
Forgetting the correlations, and then all but the mean squared norm, loosens the bound in two steps:

.. math::

    h(Z) \le \tfrac12 \ln \det(2 \pi e\, \Sigma) \le \sum_{i=1}^k \tfrac12 \ln(2 \pi e\, \Sigma_{ii})
    \le \tfrac k2 \ln \frac{2 \pi e\, \mathbb E \lVert Z \rVert^2}{k}.

The first step is :math:`D(p \| \mathcal N(\mu, \Sigma)) \ge 0`, the second is the divergence of two
Gaussians, the third is Jensen's inequality for the logarithm.  A deep network is trained with the second or
third bound in place of the entropy.  All are bounds only where the moments are true ones.  A sample
variance is an estimate, and the logarithm of an estimate lies on average below the logarithm of the truth:
`log_variance_bias`.

A differential entropy has no lower bound, since :math:`h(cZ) = h(Z) + k \ln |c|`.  Independent noise gives it
one, :math:`h(\hat Z + \epsilon) \ge h(\epsilon)`, and Gaussian noise of the variance
`ZERO_ENTROPY_VARIANCE` makes this bound zero.
"""

import math
from typing import Any, NamedTuple

import numpy as np
from scipy.special import digamma

from ibcourse._array import Array, ArrayLike, _cell, _first, as_arrays, check_finite, check_shapes, namespace
from ibcourse.information import gaussian_entropy
from ibcourse.information.gaussian import LN_2_PI_E

#: The variance of a Gaussian variable whose differential entropy is zero, 1/(2πe).
ZERO_ENTROPY_VARIANCE = math.exp(-LN_2_PI_E)
#: Its standard deviation, about 0.242.
ZERO_ENTROPY_SCALE = math.exp(-LN_2_PI_E / 2)


class MaximumEntropyBounds(NamedTuple):
    """Three upper bounds on a differential entropy, in nats, each of shape (...).

    Attributes
    ----------
    covariance : array
        From the whole covariance matrix; the entropy of the Gaussian that has it.
    variances : array
        From the variances alone.
    second_moment : array
        From the mean squared norm alone.
    """

    covariance: Array
    variances: Array
    second_moment: Array


def maximum_entropy_bounds(cov: ArrayLike, mean: ArrayLike = 0.0) -> MaximumEntropyBounds:
    r"""Return the three bounds that covariance, variances and mean squared norm set to an entropy.

    .. math::

        \tfrac12 \ln \det(2 \pi e\, \Sigma) \le \sum_i \tfrac12 \ln(2 \pi e\, \Sigma_{ii})
        \le \tfrac k2 \ln \frac{2 \pi e\, (\operatorname{tr} \Sigma + \lVert \mu \rVert^2)}{k}

    Parameters
    ----------
    cov : array_like, shape (..., k, k)
        Covariance matrices.
    mean : array_like, shape (..., k) or (), optional
        Means; they enter the last bound only.

    Returns
    -------
    MaximumEntropyBounds
        Nats, in increasing order.

    Raises
    ------
    ValueError
        If cov is not a symmetric, positive definite matrix, or mean does not fit it or is not finite.

    Notes
    -----
    Source: Kirsch, Lyle and Gal (2020), theorem 2, with the factor ½ of erratum E1.10 and the constant of
    E1.9.
    Lesson: 07 Noise that costs nothing, and three surrogates.

    Examples
    --------
    >>> print(*(round(float(bound), 4) for bound in maximum_entropy_bounds([[1, 0.6], [0.6, 2]])))
    3.0852 3.1845 3.2433
    """
    covariance = gaussian_entropy(cov)
    xp, cov, mean = as_arrays(cov=cov, mean=mean)
    variances = xp.linalg.diagonal(cov)
    if mean.ndim:
        if mean.shape[-1] != (k := cov.shape[-1]):
            raise ValueError(f"mean has shape {tuple(mean.shape)}; expected a number, or (..., {k}), as cov.")
        check_shapes(mean=mean, variances=variances)
    check_finite(mean=mean)
    square = xp.sum(variances + mean**2, axis=-1)
    return MaximumEntropyBounds(
        covariance, _diagonal_bound(variances), second_moment_bound(square, cov.shape[-1])
    )


def second_moment_bound(second_moment: ArrayLike, k: int) -> Array:
    r"""Return the largest entropy that a mean squared norm allows.

    .. math:: h(Z) \le \tfrac k2 \ln \frac{2 \pi e\, \mathbb E \lVert Z \rVert^2}{k}

    Parameters
    ----------
    second_moment : array_like, any shape
        :math:`\mathbb E \lVert Z \rVert^2`, positive.
    k : int
        The dimension of Z.

    Returns
    -------
    array, the shape of second_moment
        Nats.

    Raises
    ------
    ValueError
        If a mean squared norm is not positive, or k is less than 1.

    See Also
    --------
    largest_second_moment : The same, solved for the mean squared norm.

    Notes
    -----
    Only the spherical Gaussian about zero reaches it.
    Source: Kirsch, Lyle and Gal (2020), section 6.2; erratum E1.9.
    Lesson: 07 Noise that costs nothing, and three surrogates.

    Examples
    --------
    The constant of one dimension, e²/(2πe), would let an entropy in two dimensions exceed 1 nat:

    >>> print(round(second_moment_bound(math.e**2 / (2 * math.pi * math.e), k=2), 4))
    1.3069
    """
    _check_dimension(k)
    xp, second_moment = as_arrays(second_moment=second_moment)
    if (bad := _first(~(second_moment > 0))) is not None:
        raise ValueError(
            f"{_cell('second_moment', bad)} is {second_moment[bad].item():g}; expected a positive number. "
            "A variable that is always zero has no density."
        )
    return k / 2 * (LN_2_PI_E + xp.log(second_moment / k))


def largest_second_moment(entropy: ArrayLike, k: int) -> Array:
    r"""Return the mean squared norm up to which an entropy cannot exceed a given value.

    .. math:: \mathbb E \lVert Z \rVert^2 \le \frac{k\, e^{2C/k}}{2 \pi e} \;\Longrightarrow\; h(Z) \le C

    Parameters
    ----------
    entropy : array_like, any shape
        The value C, in nats.
    k : int
        The dimension of Z.

    Returns
    -------
    array, the shape of entropy
        Mean squared norms.

    Raises
    ------
    ValueError
        If k is less than 1, or an entropy is nan.

    Notes
    -----
    Source: Kirsch, Lyle and Gal (2020), section 6.2, repaired by erratum E1.9: as printed, without k, the
    constant holds in one dimension only.
    Lesson: 07 Noise that costs nothing, and three surrogates.

    Examples
    --------
    >>> print(round(largest_second_moment(1.0, k=2), 4))
    0.3183
    """
    _check_dimension(k)
    xp, entropy = as_arrays(entropy=entropy)
    if (bad := _first(xp.isnan(entropy))) is not None:
        raise ValueError(f"{_cell('entropy', bad)} is nan; expected a number of nats.")
    return k * xp.exp(2 * entropy / k - LN_2_PI_E)


def second_moment(z: ArrayLike) -> Array:
    r"""Return the mean squared norm of a sample.

    .. math:: \frac1n \sum_j \lVert z_j \rVert^2

    Parameters
    ----------
    z : array_like, shape (n, k)
        Samples of Z.

    Returns
    -------
    array, shape ()
        An unbiased estimate of :math:`\mathbb E \lVert Z \rVert^2`.

    Raises
    ------
    ValueError
        If z does not have two axes and a sample, or a number is not finite.

    Notes
    -----
    `second_moment_bound` makes it a bound in nats.
    Source: Kirsch, Lyle and Gal (2020), section 6.2, the activation L2 regulariser.
    Lesson: 07 Noise that costs nothing, and three surrogates.

    Examples
    --------
    >>> print(second_moment([[3, 4], [0, 0]]))
    12.5
    """
    xp, z = _as_samples(z, least=1)
    return xp.mean(xp.sum(z**2, axis=1))


def log_variance(z: ArrayLike, *, ddof: int = 1) -> Array:
    r"""Return the entropy bound that the sample variances of Z estimate.

    .. math:: \sum_i \tfrac12 \ln\!\left(2 \pi e\, \widehat{\operatorname{Var}}(Z_i)\right)

    Parameters
    ----------
    z : array_like, shape (n, k)
        Samples of Z, at least two.
    ddof : int
        The sum of squares is divided by n − ddof: 1 gives the unbiased variance, 0 NumPy's default.

    Returns
    -------
    array, shape ()
        Nats; −∞ if a component is constant.

    Raises
    ------
    ValueError
        If z does not have two axes, or fewer than two samples, or a number is not finite.

    See Also
    --------
    log_variance_bias : By how much it lies below the bound on average.

    Notes
    -----
    Source: Kirsch, Lyle and Gal (2020), section 6.2, the log-variance regulariser.
    Lesson: 07 Noise that costs nothing, and three surrogates.

    Examples
    --------
    >>> z = np.random.default_rng(0).normal(size=(10_000, 3))
    >>> print(round(log_variance(z), 2))  # the truth is 3 × 1.4189 = 4.2568
    4.25
    """
    xp, z = _as_samples(z, least=2)
    _check_ddof(z.shape[0], ddof)
    z = xp.where(xp.any(z != z[:1, :], axis=0), z, 0.0)  # rounding would leave a constant some variance
    return _diagonal_bound(xp.var(z, axis=0, correction=ddof))


def conditional_log_variance(z: ArrayLike, y: ArrayLike, *, ddof: int = 1) -> Array:
    r"""Return the bound on h(Z|Y) that the sample variances within the classes estimate.

    .. math::

        \sum_y \hat p(y) \sum_i \tfrac12 \ln\!\left(2 \pi e\, \widehat{\operatorname{Var}}(Z_i | y)\right)

    Parameters
    ----------
    z : array_like, shape (n, k)
        Samples of Z.
    y : array_like of int, shape (n,)
        Their labels.
    ddof : int
        The sum of squares of a class of n samples is divided by n − ddof.

    Returns
    -------
    array, shape ()
        Nats; −∞ if a component is constant in a class.

    Raises
    ------
    ValueError
        If the shapes do not fit, a number is not finite, labels are not integers, or no class has two
        samples.

    Notes
    -----
    A class with one sample has no variance: it is left out, and the others are weighted by their share of
    the samples that remain.
    Source: Kirsch, Lyle and Gal (2020), observation 7, the conditional log-variance regulariser.  For
    Gaussian classes with uncorrelated components its mean lies below h(Z|Y), not above (erratum E1.11).
    Lesson: 07 Noise that costs nothing, and three surrogates.

    Examples
    --------
    >>> print(round(conditional_log_variance([[0.0], [2.0], [5.0], [7.0]], [0, 0, 1, 1]), 4))
    1.7655
    """
    xp, z = _as_samples(z, least=2)
    y = _as_labels(y, z)
    members = xp.astype(y[:, None] == xp.unique_values(y)[None, :], z.dtype)
    if not xp.any(xp.sum(members, axis=0) >= 2):
        raise ValueError("no class of y has two samples, so that none has a variance; give more samples.")
    _check_ddof(2, ddof)
    first = z[xp.argmax(members, axis=0), :]  # of each class
    varies = members.T @ xp.astype(z != members @ first, z.dtype) > 0
    z = xp.where(members @ xp.astype(varies, z.dtype) > 0, z, 0.0)  # as in log_variance
    return _conditional_log_variance(z, members, ddof)


def log_variance_bias(n: ArrayLike, *, ddof: int = 1) -> Array:
    r"""Return by how much half the logarithm of a Gaussian sample variance errs on average.

    .. math::

        \mathbb E\, \tfrac12 \ln \widehat{\operatorname{Var}} - \tfrac12 \ln \operatorname{Var}
        = \tfrac12 \left[ \psi\!\left(\tfrac{n-1}{2}\right) - \ln \tfrac{n - \mathrm{ddof}}{2} \right]

    Parameters
    ----------
    n : array_like of numbers, any shape
        How many samples the variance is estimated from; at least 2.
    ddof : int
        The sum of squares is divided by n − ddof: 1 gives the unbiased variance, 0 NumPy's default.

    Returns
    -------
    array, the shape of n
        Nats per dimension, negative for ddof = 0 and 1.

    Raises
    ------
    ValueError
        If there are fewer than two samples.

    Notes
    -----
    The sum of squares over the variance has a χ² law with n − 1 degrees of freedom, whose mean logarithm is
    :math:`\psi(\frac{n-1}{2}) + \ln 2`.  For Z that is not Gaussian,
    or has correlated components, the slack of the bound may hide the bias.
    Source: erratum E1.11 to Kirsch, Lyle and Gal (2020).
    Lesson: 07 Noise that costs nothing, and three surrogates.

    Examples
    --------
    >>> print(log_variance_bias([2, 5, 10, 100]).round(4))
    [-0.6352 -0.1352 -0.0576 -0.0051]
    >>> print(round(log_variance_bias(5, ddof=0), 3))
    -0.247
    """
    n = np.asarray(n, dtype=np.float64)
    if not np.all(n >= 2):
        raise ValueError(f"n is {n.tolist()}; a variance needs at least 2 samples.")
    _check_ddof(n.min(), ddof)
    return (digamma((n - 1) / 2) - np.log((n - ddof) / 2)) / 2


def _check_ddof(n: float, ddof: int) -> None:
    if not ddof < n:
        raise ValueError(f"ddof is {ddof} where there may be {n:g} samples; expected fewer, such as 1 or 0.")


def _as_labels(y: ArrayLike, z: Array) -> Array:
    """Return y as integer labels on the device of z, one for each of its rows, or raise ValueError."""
    xp = namespace(z)
    y = xp.asarray(y, device=z.device)
    if not xp.isdtype(y.dtype, "integral") or tuple(y.shape) != (z.shape[0],):
        raise ValueError(
            f"y has shape {tuple(y.shape)} and type {y.dtype}; expected integer labels of shape "
            f"({z.shape[0]},), one for each row."
        )
    return y


def _conditional_log_variance(z: Array, members: Array, ddof: int = 1) -> Array:
    """`conditional_log_variance` from an indicator (n, classes); 0 if no class has two samples."""
    xp = namespace(z)
    counts = xp.sum(members, axis=0)
    kept = counts >= 2
    turned = members.T
    means = turned @ z / xp.where(kept, counts, 1.0)[:, None]
    squares = turned @ (z - members @ means) ** 2
    variances = squares / xp.where(kept, counts - ddof, 1.0)[:, None]
    bounds = _diagonal_bound(xp.where(kept[:, None], variances, 1.0))
    weights = xp.where(kept, counts, 0.0)
    total = xp.sum(weights)
    return xp.sum(weights * bounds) / xp.where(total > 0, total, 1.0)


def _diagonal_bound(variances: Array) -> Array:
    xp = namespace(variances)
    with np.errstate(divide="ignore"):  # the logarithm of no variance is −∞
        return xp.sum((xp.log(variances) + LN_2_PI_E) / 2, axis=-1)


def _as_samples(z: ArrayLike, least: int) -> tuple[Any, Array]:
    xp, z = as_arrays(z=z)
    if z.ndim != 2 or z.shape[0] < least or not z.shape[1]:
        raise ValueError(
            f"z has shape {tuple(z.shape)}; expected (n, k): at least {least} samples of k components each."
        )
    check_finite(z=z)
    return xp, z


def _check_dimension(k: int) -> None:
    if k < 1:
        raise ValueError(f"k is {k}; expected a dimension, at least 1.")
