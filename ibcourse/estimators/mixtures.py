r"""A code with known noise: its entropies by Monte Carlo over a mixture, and by bounds.

The model
---------

Let X be one of N data points, each with probability 1/N, and let Z be the code of a network with Gaussian
noise, :math:`p_i = p(z|x_i) = \mathcal N(m_i, \operatorname{diag} s_i^2)`.  Given the data set nothing is
unknown: the code is a mixture, :math:`p(z) = \frac1N \sum_i p_i(z)`, and its entropies are integrals.  With
:math:`z \sim p_i`,

.. math:: I[X;Z] = \ln N - \mathbb E \ln \sum_j \frac{p_j(z)}{p_i(z)}, \qquad H[Z] = H[Z|X] + I[X;Z],

where :math:`H[Z|X]` is a closed form.  The term j = i is one, so that no sample, and hence no estimate, lies
above :math:`\ln N`.  If X has a class :math:`Y = y(X)`, the sum splits into S, over the components of the
same class, and O, over the others:

.. math:: H[Y|Z] = \mathbb E \ln (1 + O / S), \qquad I[X;Z|Y] = \ln N - H(Y) - \mathbb E \ln S ,

so that :math:`I[X;Z] = I[Y;Z] + I[X;Z|Y]` holds for the estimates too.

The sum cannot overflow: :math:`\mathbb E_{p_i}\, p_j / p_i \le 1`, so the ratio is above :math:`e^t` with
probability at most :math:`e^{-t}` (Markov's inequality).

References
----------
- A. Kolchinsky and B. D. Tracey, Estimating mixture entropy with pairwise distances, Entropy 19 (2017).
- A. Kolchinsky, B. D. Tracey and D. H. Wolpert, Nonlinear information bottleneck, Entropy 21 (2019).
- A. M. Saxe et al., On the information bottleneck theory of deep learning, ICLR (2018).
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from array_api_compat import device

from ibcourse._array import (
    Array,
    ArrayLike,
    _cell,
    _first,
    as_arrays,
    check_finite,
    check_positive,
    check_whole,
    holds_whole_numbers,
    namespace,
    to_numpy,
)
from ibcourse.estimators.result import Estimate
from ibcourse.information import entropy

CELLS = 2**22  # of a block, so that its temporary arrays stay at some 100 MB
ROUNDING = 1e-6  # the error of a log-ratio in nats, above which differences are taken before squares
LN_2_PI_E = math.log(2 * math.pi * math.e)
ASSUMES = "X is uniform over the given points, and the noise is Gaussian, independent, of the given scales."
FULL = (
    "The estimate is near its ceiling {:.4g}, which is set by the number of points: the code tells nearly "
    "all of them apart, and more points would give more information."
)


@dataclass(frozen=True)
class MixtureInformation:
    """The entropies and informations of a code with known noise, each an `Estimate` in nats.

    Attributes
    ----------
    h_z, h_z_given_x, i_xz : Estimate
        H[Z], H[Z|X] (exact) and I[X;Z], which is at most ln N.
    h_z_given_y, i_yz, i_xz_given_y, h_y_given_z : Estimate
        H[Z|Y], I[Y;Z], I[X;Z|Y] and H[Y|Z]; nan where no labels were given.
    """

    h_z: Estimate
    h_z_given_x: Estimate
    i_xz: Estimate
    h_z_given_y: Estimate
    i_yz: Estimate
    i_xz_given_y: Estimate
    h_y_given_z: Estimate


class EntropyBounds(NamedTuple):
    """A lower and an upper bound on H[Z], in nats."""

    lower: float
    upper: float


def mixture(
    means: ArrayLike,
    scales: ArrayLike,
    labels: ArrayLike | None = None,
    *,
    samples: int = 1000,
    seed: int = 0,
) -> MixtureInformation:
    r"""Estimate what a code with Gaussian noise of known size tells about its input, given the data set.

    .. math:: I[X;Z] = \frac1N \sum_i \mathbb E_{z \sim p_i} \ln \frac{p_i(z)}{\frac1N \sum_j p_j(z)}

    Parameters
    ----------
    means : array_like, shape (N, K)
        The code of each data point before the noise.
    scales : array_like, scalar or shape (K,) or (N, K)
        Standard deviations of the noise: one for all, one a coordinate, or one a point and coordinate.
    labels : array_like of int, shape (N,), optional
        The class of each point.
    samples : int
        How many codes are drawn at least.  If they are as many as the points, each point gives equally many;
        otherwise no point gives two.
    seed : int
        Seed of the draws, which are the same for NumPy and torch.

    Returns
    -------
    MixtureInformation
        Estimates in nats, with their Monte Carlo errors.

    Raises
    ------
    ValueError
        If the shapes do not fit, a mean is not finite or a scale not positive, samples is no whole number
        from 2, or seed none from 0.

    Notes
    -----
    The information is that between the code and *which of the N points* was shown: it cannot exceed ln N, and
    where it comes near, the data set is too small to say more (a warning).  A torch tensor is computed with
    on its device, without gradients.  The cost is ``samples`` × N × K multiplications, as products of
    matrices.
    Source: Kolchinsky, Tracey and Wolpert (2019).  Lesson: 07 Differential entropy.

    Examples
    --------
    Two points far apart are told apart, two near ones are not:

    >>> print(round(mixture([[0.0], [100.0]], 1).i_xz.value, 4))
    0.6931
    >>> near = mixture([[0.0], [0.1]], 1, labels=[0, 1])
    >>> near.i_yz.value < 0.01 and near.i_xz.value == near.i_yz.value
    True
    """
    check_whole(2, samples=samples)  # with one, the error could not be known
    check_whole(seed=seed)
    code = _Code(means, scales)
    n = code.n
    classes = np.zeros(n, dtype=np.int64) if labels is None else _as_labels(labels, n)
    # A stream of its own: codes drawn from default_rng(seed) must not meet their own numbers as noise.
    generator = np.random.default_rng([seed, 1])
    each = -(-samples // n) if samples >= n else 1
    index = np.repeat(np.arange(n), each) if samples >= n else generator.choice(n, samples, replace=False)
    log_same, surprise = np.empty(len(index)), np.empty(len(index))
    for block, same, other in code.draw(index, generator, classes):
        log_same[block] = np.log(same)
        surprise[block] = np.log1p(other / same)  # −ln p(y|z)

    def below(ceiling: float, terms: np.ndarray) -> Estimate:
        """Return the ceiling less the mean of the terms."""
        value, error = _mean(terms, each)
        full = ceiling > 0 and value < max(3 * error, 0.01 * ceiling)
        return Estimate(ceiling - value, error, ASSUMES, FULL.format(ceiling) if full else "")

    def shifted(constant: float, by: Estimate) -> Estimate:
        return Estimate(constant + by.value, by.error, ASSUMES, by.warning)

    h_z_given_x = Estimate(code.conditional_entropy, 0.0, ASSUMES)
    i_xz = below(math.log(n), log_same + surprise)
    h_z = shifted(h_z_given_x.value, i_xz)
    if labels is None:
        none = Estimate(math.nan, warning="No labels were given.")
        return MixtureInformation(h_z, h_z_given_x, i_xz, none, none, none, none)
    h_y = float(entropy(np.bincount(classes) / n))
    i_xz_given_y = below(math.log(n) - h_y, log_same)
    h_y_given_z = Estimate(*_mean(surprise, each), ASSUMES)
    return MixtureInformation(
        h_z=h_z,
        h_z_given_x=h_z_given_x,
        i_xz=i_xz,
        h_z_given_y=shifted(h_z_given_x.value, i_xz_given_y),
        i_yz=Estimate(h_y - h_y_given_z.value, h_y_given_z.error, ASSUMES),
        i_xz_given_y=i_xz_given_y,
        h_y_given_z=h_y_given_z,
    )


def mixture_bounds(means: ArrayLike, scales: ArrayLike) -> EntropyBounds:
    r"""Return bounds on the entropy of a code with Gaussian noise, from the distances of all pairs.

    .. math:: H[Z|X] - \frac1N \sum_i \ln \frac1N \sum_j e^{-d(p_i, p_j)}

    With d the Bhattacharyya distance this is at most H[Z], with the Kullback–Leibler divergence
    :math:`D(p_i \| p_j)` at least.

    Parameters
    ----------
    means : array_like, shape (N, K)
        The code of each data point before the noise.
    scales : array_like, scalar or shape (K,) or (N, K)
        Standard deviations of the noise.

    Returns
    -------
    EntropyBounds
        The lower and the upper bound in nats.  Both lie between H[Z|X] and H[Z|X] + ln N.

    Raises
    ------
    ValueError
        If the shapes do not fit, a mean is not finite or a scale not positive.

    Notes
    -----
    No sampling, but all N² pairs, K multiplications each; with scales of shape (N, K) the lower bound has no
    form as a product of matrices and is slower.  Take H[Z|X] off for bounds on I[X;Z]: `kde_bounds` does.
    Source: Kolchinsky and Tracey (2017), equations 10 and 11.  Lesson: 07 Differential entropy.

    Examples
    --------
    >>> lower, upper = mixture_bounds([[0.0], [2.0]], 1)
    >>> h_z = mixture([[0.0], [2.0]], 1, samples=4000).h_z
    >>> lower < h_z.value < upper
    True
    """
    code = _Code(means, scales)
    lower, upper = code.pairwise()
    return EntropyBounds(code.conditional_entropy + lower, code.conditional_entropy + upper)


def kde_bounds(z: ArrayLike, noise: float) -> tuple[Estimate, Estimate]:
    r"""Return bounds on what a noiseless code tells about the data, once noise is added to it.

    .. math:: I[X; Z + \varepsilon], \qquad \varepsilon \sim \mathcal N(0, \sigma^2 I)

    Parameters
    ----------
    z : array_like, shape (n, K)
        The codes.
    noise : float
        The standard deviation σ.

    Returns
    -------
    lower, upper : Estimate
        Nats, from 0 to ln n.

    Raises
    ------
    ValueError
        If z is not a finite table or the noise not positive.

    Notes
    -----
    A kernel density estimate with kernels of width σ *is* the mixture of `mixture_bounds`, and this is how
    the entropies of networks were often measured.  The noise is the analyst's, not the network's: without it
    the information is infinite or ln n, and its size decides the result.
    Source: Kolchinsky and Tracey (2017); Saxe et al. (2018).  Lesson: 07 Differential entropy.

    Examples
    --------
    >>> lower, upper = kde_bounds([[0.0], [1.0], [5.0]], noise=0.5)
    >>> print(round(lower.value, 4), round(upper.value, 4))
    0.7824 1.014
    """
    check_positive(noise=noise)
    code = _Code(z, noise)
    assumes = f"Gaussian noise of standard deviation {noise:g}, which the network does not have, is added."
    ceiling = math.log(code.n)
    return tuple(  # type: ignore[return-value]
        Estimate(
            value,
            assumes=assumes,
            warning=FULL.format(ceiling) if code.n > 1 and value > 0.99 * ceiling else "",
        )
        for value in code.pairwise()
    )


class _Code:
    """N diagonal Gaussians, in coordinates in which the geometric mean of the scales is one."""

    def __init__(self, means: ArrayLike, scales: ArrayLike) -> None:
        xp, m, s = as_arrays(means=means, scales=scales)
        m, s = (array.detach() if xp is not np else array for array in (m, s))
        self.xp, (self.n, self.k) = xp, _check(m, s)
        self.shared = s.ndim < 2  # the noise is the same for all points: of scale one, in these coordinates
        log_s = xp.log(s) + xp.zeros(self.k, dtype=s.dtype, device=device(s))
        unit = log_s if self.shared else xp.mean(log_s, axis=0)
        self.conditional_entropy = 0.5 * self.k * LN_2_PI_E + float(xp.sum(unit))
        self.m = (m - xp.mean(m, axis=0)) / xp.exp(unit)
        # ln p_j(z), up to a constant, is a product of features of z with features of j, and an offset.
        if self.shared:
            self.features, self.offset = self.m, -0.5 * xp.sum(self.m**2, axis=-1)
        else:
            self.log_s = log_s - unit
            self.volume = xp.sum(self.log_s, axis=-1)
            weight = xp.exp(-2 * self.log_s)
            self.features = xp.concat([-0.5 * weight, self.m * weight], axis=-1)
            self.offset = -0.5 * xp.sum(self.m**2 * weight, axis=-1) - self.volume
        largest = float(xp.max(xp.abs(self.offset)))
        self.exact = not largest * xp.finfo(self.m.dtype).eps < ROUNDING  # not so for inf, or nan, either

    def draw(
        self, index: np.ndarray, generator: np.random.Generator, classes: np.ndarray
    ) -> Iterator[tuple[slice, np.ndarray, np.ndarray]]:
        """Draw z from each component named, and yield Σ_j p_j(z) / p_i(z) over its class and over others."""
        xp, where = self.xp, device(self.m)
        y = xp.asarray(classes, device=where)
        for block in self._blocks(len(index)):
            i = xp.asarray(index[block], device=where)
            noise = xp.asarray(generator.standard_normal((len(index[block]), self.k)))
            noise = xp.asarray(xp.astype(noise, self.m.dtype), device=where)  # mps has no float64
            step = noise if self.shared else noise * xp.exp(self.log_s[i, :])
            ratio = xp.exp(self._log_ratio(self.m[i, :] + step, noise, i))
            ratio[xp.arange(len(i), device=where), i] = 1.0
            same = y[i][:, None] == y[None, :]
            own, other = (xp.sum(xp.where(mask, ratio, 0.0), axis=1) for mask in (same, ~same))
            yield block, to_numpy(own), to_numpy(other)

    def pairwise(self) -> tuple[float, float]:
        """Return the mean over i of −ln mean_j exp(−d(p_i, p_j)): d Bhattacharyya's, d Kullback's."""
        xp = self.xp
        lower = upper = 0.0
        for block in self._blocks(self.n, pairs=not self.shared):
            m, i = self.m[block, :], xp.arange(self.n, device=device(self.m))[block]
            kl = -self._log_ratio(m, xp.zeros_like(m), i)
            if self.shared:
                bhattacharyya = kl / 4
            else:
                log_s = self.log_s[block, :]
                kl = kl - xp.exp(2 * log_s) @ self.features[:, : self.k].T - self.k / 2
                # ln of the arithmetic over the geometric mean of the variances, from half their log-ratio
                difference = log_s[:, None, :] - self.log_s
                logs = xp.log(xp.cosh(difference))
                variance = xp.exp(logs + log_s[:, None, :] + self.log_s)
                square = (m[:, None, :] - self.m) ** 2 / variance
                bhattacharyya = xp.sum(square / 8 + logs / 2, axis=-1)
            lower -= self._mean_log_near(bhattacharyya)
            upper -= self._mean_log_near(kl)
        return lower, upper

    def _mean_log_near(self, distance: Array) -> float:
        xp = self.xp
        near = xp.mean(xp.exp(-xp.clip(distance, 0.0, None)), axis=1)  # rounding may leave −1e-9
        return float(xp.sum(xp.log(near))) / self.n

    def _log_ratio(self, z: Array, noise: Array, i: Array) -> Array:
        """Return ln p_j(z) − ln p_i(z), shape (rows of z, N), where z is the mean of i plus its noise."""
        xp = self.xp
        log_own = -0.5 * xp.sum(noise**2, axis=-1) - (0.0 if self.shared else self.volume[i])
        if self.exact:
            weight = -0.5 if self.shared else self.features[:, : self.k]
            log_p = xp.sum((z[:, None, :] - self.m) ** 2 * weight, axis=-1)
            log_p = log_p - (0.0 if self.shared else self.volume)
        elif self.shared:
            log_p = z @ self.features.T + self.offset - 0.5 * xp.sum(z**2, axis=-1)[:, None]
        else:
            log_p = xp.concat([z**2, z], axis=-1) @ self.features.T + self.offset
        return log_p - log_own[:, None]

    def _blocks(self, rows: int, pairs: bool = False) -> Iterator[slice]:
        """Cut the rows so that a block of rows × N, or × N × K where the pairs are subtracted, is small."""
        step = max(1, CELLS // (self.n * (self.k if pairs or self.exact else 1)))
        return (slice(start, min(start + step, rows)) for start in range(0, rows, step))


def _check(means: Array, scales: Array) -> tuple[int, int]:
    if means.ndim != 2 or 0 in means.shape:
        raise ValueError(
            f"the codes have shape {tuple(means.shape)}; expected (N, K): a row a point. For codes of one "
            "number, use a column: z[:, None]."
        )
    n, k = means.shape
    if tuple(scales.shape) not in {(), (k,), (n, k)}:
        raise ValueError(
            f"scales has shape {tuple(scales.shape)}; expected a number, or shape ({k},) or ({n}, {k}), to "
            f"fit the means of shape ({n}, {k})."
        )
    xp = namespace(means)
    check_finite(means=means)
    if (bad := _first(~((scales > 0) & xp.isfinite(scales)))) is not None:
        raise ValueError(
            f"{_cell('scales', bad)} is {scales[bad].item():g}; expected a positive standard deviation. "
            "Without noise the code tells all points apart, and its entropy is minus infinity."
        )
    return n, k


def _as_labels(labels: ArrayLike, n: int) -> np.ndarray:
    """Return the classes numbered from 0, without gaps."""
    array = namespace(labels).asarray(labels)
    if tuple(array.shape) != (n,) or not holds_whole_numbers(array):
        raise ValueError(
            f"labels has shape {tuple(array.shape)} and type {array.dtype}; expected whole numbers, one for "
            f"each of the {n} points."
        )
    return np.unique(to_numpy(array), return_inverse=True)[1]


def _mean(values: np.ndarray, each: int) -> tuple[float, float]:
    """Return the mean and its standard error, for `each` values a stratum, all strata of equal weight."""
    strata = values.reshape(-1, each)
    if each == 1:
        return float(values.mean()), float(values.std(ddof=1)) / math.sqrt(len(values))
    return float(values.mean()), math.sqrt(strata.var(axis=1, ddof=1).mean() / len(values))
