r"""Lower bounds on mutual information from the scores of a critic.

A critic f(x, y) tells pairs that belong together from pairs that do not.  Let p be the joint distribution and
q = p(x) p(y) the product.  Gibbs' inequality, as Donsker and Varadhan wrote it, is

.. math:: I(X;Y) = D(p \| q) \ge \mathbb E_p f - \ln \mathbb E_q e^f ,

with equality for :math:`f = \ln (p / q)` plus any constant.  The four functions estimate it, or something
below it, from one table of scores :math:`f_{ij} = f(x_i, y_j)` of n independent pairs: :math:`\mathbb E_p` is
the mean over the diagonal, :math:`\mathbb E_q` that over the n(n − 1) other cells.

What none of them may do: no distribution-free lower bound from n samples that holds with high confidence can
exceed O(ln n) (McAllester and Stratos 2020).  An estimate above it is luck, variance or bias.

References
----------
- M. D. Donsker and S. R. S. Varadhan, Asymptotic evaluation of certain Markov process expectations for large
  time, IV, Communications on Pure and Applied Mathematics 36 (1983).
- X. Nguyen, M. J. Wainwright and M. I. Jordan, Estimating divergence functionals and the likelihood ratio by
  convex risk minimization, IEEE Transactions on Information Theory 56 (2010).
- A. van den Oord, Y. Li and O. Vinyals, Representation learning with contrastive predictive coding,
  arXiv:1807.03748 (2018).
- B. Poole et al., On variational bounds of mutual information, ICML (2019).
- J. Song and S. Ermon, Understanding the limitations of variational mutual information estimators, ICLR
  (2020).
- D. McAllester and K. Stratos, Formal limitations on the measurement of mutual information, AISTATS (2020).
"""

import math
from typing import Any

from ibcourse._array import Array, ArrayLike, as_arrays


def donsker_varadhan(scores: ArrayLike) -> Array:
    r"""Return Donsker and Varadhan's bound on a sample.

    .. math:: \frac1n \sum_i f_{ii} - \ln \frac{1}{n(n-1)} \sum_{i \ne j} e^{f_{ij}}

    Parameters
    ----------
    scores : array_like, shape (n, n)
        The critic's scores f(x_i, y_j).

    Returns
    -------
    array, shape ()
        Nats, differentiable for torch tensors.

    Raises
    ------
    ValueError
        If scores is no square table with two rows at least.

    Notes
    -----
    A lower bound in the limit n → ∞ only.  On a sample the logarithm of a mean is too low on average, so the
    value is too high, and for much information the mean of e^f hangs on cells that the sample does not have.
    A critic trained by it is MINE (Belghazi et al. 2018).
    Source: Donsker and Varadhan (1983).  Lesson: 07 Differential entropy.

    Examples
    --------
    >>> print(round(float(donsker_varadhan([[1.0, 0.0], [0.0, 1.0]])), 4))
    1.0
    """
    xp, f, others = _as_scores(scores)
    return _diagonal_mean(xp, f) - _log_mean_exp(xp, others)


def nwj(scores: ArrayLike) -> Array:
    r"""Return the bound of Nguyen, Wainwright and Jordan on a sample.

    .. math:: 1 + \frac1n \sum_i f_{ii} - \frac{1}{n(n-1)} \sum_{i \ne j} e^{f_{ij}}

    Parameters
    ----------
    scores : array_like, shape (n, n)
        The critic's scores f(x_i, y_j).

    Returns
    -------
    array, shape ()
        Nats, differentiable for torch tensors; −∞ if a score overflows.

    Raises
    ------
    ValueError
        If scores is no square table with two rows at least.

    Notes
    -----
    The tangent :math:`\ln u \le u - 1` in place of the logarithm: unbiased, so a lower bound on average for
    any critic that was not trained on the same sample.  It is tight only for f = ln(p/q) without any
    constant (1 + f is often called the critic), and its variance grows as e^I.
    Source: Nguyen, Wainwright and Jordan (2010).  Lesson: 07 Differential entropy.

    Examples
    --------
    >>> print(round(float(nwj([[1.0, 0.0], [0.0, 1.0]])), 4))
    1.0
    """
    xp, f, others = _as_scores(scores)
    return 1 + _diagonal_mean(xp, f) - xp.mean(xp.exp(others))


def info_nce(scores: ArrayLike) -> Array:
    r"""Return the InfoNCE bound on a sample.

    .. math:: \ln n + \frac1n \sum_i \ln \frac{e^{f_{ii}}}{\sum_j e^{f_{ij}}} \le \ln n

    Parameters
    ----------
    scores : array_like, shape (n, n)
        The critic's scores f(x_i, y_j).

    Returns
    -------
    array, shape ()
        Nats, differentiable for torch tensors.

    Raises
    ------
    ValueError
        If scores is no square table with two rows at least.

    Notes
    -----
    Which of n candidates y belongs to x: a classification with n classes.  The mean in the denominator holds
    the pair itself, so that no term exceeds ln n; it is a lower bound on average, of low variance, and blind
    to all information above ln n.
    Source: van den Oord et al. (2018); Poole et al. (2019).  Lesson: 07 Differential entropy.

    Examples
    --------
    >>> print(round(float(info_nce([[100.0, 0.0], [0.0, 100.0]])), 4))
    0.6931
    """
    xp, f, _ = _as_scores(scores)
    return math.log(f.shape[0]) + xp.mean(xp.linalg.diagonal(f) - _log_sum_exp(xp, f))


def smile(scores: ArrayLike, clip: float = 5.0) -> Array:
    r"""Return Song and Ermon's smoothed estimate on a sample.

    .. math:: \frac1n \sum_i f_{ii} - \ln \frac{1}{n(n-1)} \sum_{i \ne j} e^{\min(\max(f_{ij}, -\tau), \tau)}

    Parameters
    ----------
    scores : array_like, shape (n, n)
        The critic's scores f(x_i, y_j).
    clip : float
        The limit τ > 0, in nats.

    Returns
    -------
    array, shape ()
        Nats, differentiable for torch tensors.

    Raises
    ------
    ValueError
        If scores is no square table with two rows at least, or clip is not positive.

    Notes
    -----
    Not a bound: the second term is at most τ, whatever the scores are, so that maximising it sends the scores
    to infinity.  Song and Ermon train the critic by the Jensen–Shannon divergence, and measure by this.  What
    is gained is a variance that is bounded; τ → ∞ gives `donsker_varadhan`.
    Source: Song and Ermon (2020).  Lesson: 07 Differential entropy.

    Examples
    --------
    >>> print(round(float(smile([[1.0, 9.0], [9.0, 1.0]], clip=5)), 4))
    -4.0
    """
    if not clip > 0:
        raise ValueError(f"clip is {clip}; expected a positive number of nats.")
    xp, f, others = _as_scores(scores)
    return _diagonal_mean(xp, f) - _log_mean_exp(xp, xp.clip(others, -clip, clip))


def _as_scores(scores: ArrayLike) -> tuple[Any, Array, Array]:
    """Return the namespace, the table, and its cells off the diagonal."""
    xp, f = as_arrays(scores=scores)
    n = f.shape[0] if f.ndim else 0
    if tuple(f.shape) != (n, n) or n < 2:
        raise ValueError(f"scores has shape {tuple(f.shape)}; expected (n, n), n at least 2: f(x_i, y_j).")
    # Without its last cell, and cut into rows of n + 1, the table has its diagonal in the first column.
    return xp, f, xp.reshape(xp.reshape(f, (-1,))[:-1], (n - 1, n + 1))[:, 1:]


def _diagonal_mean(xp: Any, f: Array) -> Array:
    return xp.mean(xp.linalg.diagonal(f))


def _log_sum_exp(xp: Any, values: Array) -> Array:
    """Return ln Σ exp over the last axis."""
    largest = xp.max(values, axis=-1, keepdims=True)
    largest = xp.where(xp.isfinite(largest), largest, 0.0)
    return largest[..., 0] + xp.log(xp.sum(xp.exp(values - largest), axis=-1))


def _log_mean_exp(xp: Any, values: Array) -> Array:
    flat = xp.reshape(values, (-1,))
    return _log_sum_exp(xp, flat) - math.log(flat.shape[0])
