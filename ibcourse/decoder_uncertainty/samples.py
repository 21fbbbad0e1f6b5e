r"""What a few samples of the code say about the two cross-entropies.

Dropout, or any stochastic encoder, is a sampler: it returns the probability :math:`p_\Theta(y|z_i)` of the
right label for codes :math:`z_1, \dots, z_n` drawn from :math:`p(z|x)`.  Two things can be done with them:

.. math::

    \hat L_{\text{mean loss}} = -\frac{1}{n} \sum_i \ln p_\Theta(y|z_i), \qquad
    \hat L_{\text{loss of mean}} = -\ln \frac{1}{n} \sum_i p_\Theta(y|z_i) .

The mean loss is an unbiased estimate of :math:`H_\Theta(Y|Z)` for every n.  The loss of the mean has the
expectation :math:`L_n` with

.. math:: H_\Theta(Y|Z) = L_1 \ge L_2 \ge \dots \ge L_n \to H_\Theta(Y|X)

The limit holds if no right label has probability 0; else all :math:`L_n` may be infinite.  The loss of the
mean estimates :math:`H_\Theta(Y|X)` with a bias that is never negative and that is near
:math:`\operatorname{Var}[p_\Theta(y|Z)] / (2 n\, p_\Theta(y|x)^2)` for many samples.  With one sample the two
estimates are one: unbiased for the first, too high for the second.

.. rubric:: References

- Y. Burda, R. Grosse and R. Salakhutdinov, Importance weighted autoencoders (2015), arXiv:1509.00519.
- A. Kirsch, C. Lyle and Y. Gal, Unpacking information bottlenecks (2020), arXiv:2003.12537, section 5.3.
"""

import itertools
import math
from typing import NamedTuple

import numpy as np
import scipy  # its parts load at their first use

from ibcourse._array import (
    Array,
    ArrayLike,
    as_arrays,
    as_distributions,
    check_probabilities,
    check_whole,
    to_numpy,
    tolerance,
    xlogy,
)
from ibcourse.decoder_uncertainty.tables import _model

_MOST_COUNTS = 200_000  # a second and some 10 MB


class SampleLosses(NamedTuple):
    """Two estimates from the same samples, in nats.

    ``mean_loss`` is unbiased for H_Θ(Y|Z); ``loss_of_mean`` is on average between H_Θ(Y|X) and H_Θ(Y|Z).
    """

    mean_loss: Array
    loss_of_mean: Array


class MonteCarlo(NamedTuple):
    """The mean of independent draws, ``value``, and its standard error, ``error``, both in nats."""

    value: float
    error: float


def sample_losses(probabilities: ArrayLike) -> SampleLosses:
    r"""Return the mean loss and the loss of the mean of sampled probabilities of the right label.

    .. math:: -\frac{1}{n} \sum_i \ln p_\Theta(y|z_i), \qquad -\ln \frac{1}{n} \sum_i p_\Theta(y|z_i)

    Parameters
    ----------
    probabilities : array_like, shape (..., n)
        p_Θ(y|z_i) for n codes drawn from p(z|x), on the last axis.

    Returns
    -------
    SampleLosses
        ``mean_loss`` and ``loss_of_mean``, each of shape (...).  The first is never smaller.

    Raises
    ------
    ValueError
        If a cell is not a number from 0 to 1, or there is no sample.

    Notes
    -----
    The mean over data of the first estimates H_Θ(Y|Z) without bias, however few the samples.  Averaging the
    losses of several dropout masks lowers the variance and not the mean.
    Source: Kirsch, Lyle and Gal (2020), section 5.3.  Lesson: 06 Decoder uncertainty.

    Examples
    --------
    >>> mean_loss, loss_of_mean = sample_losses([0.9, 0.2])
    >>> print(mean_loss.round(4), loss_of_mean.round(4))
    0.8574 0.5978
    """
    xp, p = as_arrays(probabilities=probabilities)
    check_probabilities(p, "probabilities", tolerance(probabilities))
    if p.ndim == 0 or p.shape[-1] == 0:
        raise ValueError(f"probabilities has shape {tuple(p.shape)}; expected samples on the last axis.")
    with np.errstate(divide="ignore"):  # a label that has probability 0 costs ∞
        return SampleLosses(0.0 - xp.mean(xp.log(p), axis=-1), 0.0 - xp.log(xp.mean(p, axis=-1)))


def multi_sample_loss(weights: ArrayLike, probabilities: ArrayLike, samples: int) -> Array:
    r"""Return the expected loss of the mean of n samples, exactly.

    .. math:: L_n = \E_{z_1, \dots, z_n \sim w} \left[ -\ln \frac{1}{n} \sum_i p_\Theta(y|z_i) \right]

    Parameters
    ----------
    weights : array_like, shape (..., Z)
        The distribution p(z|x) of the code.
    probabilities : array_like, shape (..., Z)
        The probability p_Θ(y|z) of the right label, for each code.
    samples : int
        n, at least 1.

    Returns
    -------
    array, shape (...)
        Nats.  It falls with n, from the mean loss at n = 1 towards :math:`-\ln \sum_z w(z)\, p_\Theta(y|z)`.

    Raises
    ------
    ValueError
        If the weights are not a distribution, a probability is not a number from 0 to 1, they do not fit,
        samples is not a positive integer, or there are too many outcomes to enumerate.

    Notes
    -----
    The sum runs over how often each code is drawn, :math:`\binom{n + |Z| - 1}{|Z| - 1}` outcomes.
    Source: Burda, Grosse and Salakhutdinov (2015), theorem 1.  Lesson: 06 Decoder uncertainty.

    Examples
    --------
    >>> for n in [1, 2, 3, 6]:
    ...     print(n, multi_sample_loss([0.3, 0.5, 0.2], [0.9, 0.2, 0.6], n).round(4))
    1 0.9385
    2 0.8294
    3 0.7887
    6 0.7489
    """
    _, weights = as_distributions(weights=weights)
    xp, weights, p = as_arrays(weights=weights, probabilities=probabilities)
    check_probabilities(p, "probabilities", tolerance(probabilities))
    if p.ndim == 0 or p.shape[-1] != weights.shape[-1]:
        raise ValueError(
            f"weights and probabilities have shapes {tuple(weights.shape)} and {tuple(p.shape)}; expected "
            "the codes on the last axis of both."
        )
    counts = _counts(samples, weights.shape[-1])
    log_ways = scipy.special.gammaln(samples + 1) - scipy.special.gammaln(counts + 1).sum(axis=-1)
    if log_ways.max() > np.log(np.finfo(float).max):
        raise ValueError(
            f"samples is {samples}: their arrangements are more than a float holds. Use "
            "sampled_multi_sample_bound, or fewer samples."
        )
    ways = np.exp(log_ways)
    _, counts, ways, _ = as_arrays(counts=counts, ways=ways, like=p)
    outcome = ways * xp.prod(weights[..., None, :] ** counts, axis=-1)
    mean = xp.sum(p[..., None, :] * counts, axis=-1) / samples
    return 0.0 - xp.sum(xlogy(outcome, mean), axis=-1)


def multi_sample_bound(p_xy: ArrayLike, encoder: ArrayLike, decoder: ArrayLike, samples: int) -> Array:
    r"""Return the bound on the prediction cross-entropy that n samples of the code give, exactly.

    .. math::

        L_n = \E_{p(x,y)} \E_{z_1, \dots, z_n \sim p(z|x)}
            \left[ -\ln \frac{1}{n} \sum_i p_\Theta(y|z_i) \right],
        \qquad H_\Theta(Y|X) \le L_n \le L_1 = H_\Theta(Y|Z)

    Parameters
    ----------
    p_xy : array_like, shape (X, Y)
        The joint distribution.
    encoder : array_like, shape (..., X, Z)
        Encoders p(z|x).
    decoder : array_like, shape (..., Z, Y)
        Decoders p_Θ(y|z).
    samples : int
        n, at least 1.

    Returns
    -------
    array, shape (...)
        Nats.  It falls with n.

    Raises
    ------
    ValueError
        If the tables are no model (see `uncertainties`), samples is not a positive integer, or there are too
        many outcomes to enumerate.

    See Also
    --------
    sampled_multi_sample_bound : The same by Monte Carlo.

    Notes
    -----
    Training on the mean of several probabilities minimises this bound.  Training on the mean of several
    losses minimises H_Θ(Y|Z), however many there are.
    Source: Burda, Grosse and Salakhutdinov (2015); Kirsch, Lyle and Gal (2020), section 5.3.
    Lesson: 06 Decoder uncertainty.

    Examples
    --------
    >>> p_xy, encoder, decoder = [[0.5, 0], [0, 0.5]], [[0.8, 0.2], [0.2, 0.8]], [[0.9, 0.1], [0.1, 0.9]]
    >>> for n in [1, 2, 10]:
    ...     print(n, multi_sample_bound(p_xy, encoder, decoder, n).round(4))
    1 0.5448
    2 0.3813
    10 0.3112
    """
    xp, p_xy, encoder, decoder = _model(p_xy, encoder, decoder)
    losses = multi_sample_loss(  # axes (X, Y, Z) of both
        encoder[..., :, None, :], xp.matrix_transpose(decoder)[..., None, :, :], samples
    )
    return xp.sum(p_xy * xp.where(p_xy > 0, losses, 0.0), axis=(-2, -1))


def sampled_multi_sample_bound(
    p_xy: ArrayLike,
    encoder: ArrayLike,
    decoder: ArrayLike,
    samples: int,
    *,
    draws: int = 10_000,
    seed: int = 0,
) -> MonteCarlo:
    r"""Estimate the bound that n samples of the code give by Monte Carlo.

    Parameters
    ----------
    p_xy : array_like, shape (X, Y)
        The joint distribution.
    encoder : array_like, shape (X, Z)
        The encoder p(z|x).
    decoder : array_like, shape (Z, Y)
        The decoder p_Θ(y|z).
    samples : int
        n, at least 1.
    draws : int
        How many pairs (x, y) are drawn, each with n codes; at least 2.
    seed : int
        The seed of NumPy's generator.

    Returns
    -------
    MonteCarlo
        ``value`` and ``error``, its standard error, in nats.

    Raises
    ------
    ValueError
        If the tables are no model (see `uncertainties`), there is a batch, or a number is too small.

    See Also
    --------
    multi_sample_bound : The same exactly, for few codes.

    Notes
    -----
    Source: Burda, Grosse and Salakhutdinov (2015).  Lesson: 06 Decoder uncertainty.

    Examples
    --------
    >>> p_xy, encoder, decoder = [[0.5, 0], [0, 0.5]], [[0.8, 0.2], [0.2, 0.8]], [[0.9, 0.1], [0.1, 0.9]]
    >>> value, error = sampled_multi_sample_bound(p_xy, encoder, decoder, 2)
    >>> print(round(value, 2), round(error, 3))
    0.38 0.005
    """
    _, *tables = _model(p_xy, encoder, decoder)
    joint, into, out = map(to_numpy, tables)
    check_whole(1, samples=samples)
    check_whole(2, draws=draws)
    check_whole(seed=seed)
    if into.ndim > 2 or out.ndim > 2:
        raise ValueError(
            f"encoder and decoder have shapes {into.shape} and {out.shape}; "
            "expected one model, without a batch."
        )
    rng = np.random.default_rng(seed)
    x, y = np.divmod(rng.choice(joint.size, draws, p=joint.ravel()), joint.shape[1])
    below = np.cumsum(into, axis=1)[x, None, :-1] < rng.random((draws, samples))[..., None]
    losses = sample_losses(out[below.sum(axis=-1), y[:, None]]).loss_of_mean
    return MonteCarlo(float(losses.mean()), float(losses.std(ddof=1) / math.sqrt(draws)))


def _counts(samples: int, codes: int) -> np.ndarray:
    """Return all ways in which the codes share the samples, shape (ways, codes)."""
    check_whole(1, samples=samples)
    ways = math.comb(samples + codes - 1, codes - 1)
    if ways > _MOST_COUNTS:
        raise ValueError(
            f"{samples} samples of {codes} codes have {ways} outcomes; expected at most {_MOST_COUNTS}. "
            "Use sampled_multi_sample_bound, or fewer samples."
        )
    # Stars and bars: codes − 1 bars among samples + codes − 1 places; the gaps between bars are the counts.
    places = samples + codes - 1
    bars = np.array(list(itertools.combinations(range(places), codes - 1)), dtype=float).reshape(
        ways, codes - 1
    )
    edges = np.concatenate([np.full((ways, 1), -1.0), bars, np.full((ways, 1), float(places))], axis=1)
    return np.diff(edges, axis=1) - 1
