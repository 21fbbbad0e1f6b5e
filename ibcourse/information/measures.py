r"""Entropies and divergences of finite distributions.

Information
-----------

Let :math:`X` take finitely many values, with probabilities :math:`p(x)`.  Learning that an event of
probability :math:`p` has happened gives the *information content* :math:`h(p) = -\ln p`: nothing if the
event was certain, much if it was rare, and the sum of the two contents if two independent events have
happened.  All other quantities here are averages of it:

.. math::

    \begin{aligned}
    H(X) &= \textstyle\sum_x p(x)\, h(p(x)) && \text{entropy} \\
    H(p \| q) &= \textstyle\sum_x p(x)\, h(q(x)) && \text{cross-entropy} \\
    D(p \| q) &= \textstyle\sum_x p(x)\, h\!\left(\tfrac{q(x)}{p(x)}\right) = H(p \| q) - H(p)
        && \text{Kullback–Leibler divergence} \\
    H(Y | X) &= \textstyle\sum_{x,y} p(x, y)\, h(p(y|x)) = H(X, Y) - H(X) && \text{conditional entropy} \\
    I(X; Y) &= H(Y) - H(Y | X) = \textstyle\sum_x p(x)\, D(p(y|x) \| p(y)) && \text{mutual information}
    \end{aligned}

The entropy is the mean content of a symbol, under the best description of it.  The cross-entropy is the
mean content for someone who believes in :math:`q` while :math:`p` is true, and the divergence is what
the wrong belief costs.  The mutual information is what :math:`X` tells about :math:`Y` on average, and
as much as :math:`Y` tells about :math:`X`.

Gibbs' inequality
-----------------

No wrong belief is cheaper than the truth: :math:`D(p \| q) \ge 0`, with equality only for
:math:`p = q`.  The proof is one line.  The tangent of the logarithm at 1 lies above it,
:math:`\ln u \le u - 1`, and with :math:`u = q(x) / p(x)` every term of

.. math::

    D(p \| q) = \sum_x \left[ p(x) \ln \frac{p(x)}{q(x)} - p(x) + q(x) \right]

is non-negative; the two sums that were added cancel, since both are one.  That the mutual information
is non-negative, that conditioning lowers entropy on average, and that :math:`H(X) \le \ln n` for
:math:`n` symbols are three readings of this inequality.  `kl_divergence` adds the terms in this form,
so that rounding cannot make a divergence negative either.

Conventions
-----------

Values are in nats; `bits` converts.  An empty cell contributes nothing, :math:`0 \ln 0 = 0`, the limit
of :math:`p \ln p`.  If :math:`q(x) = 0 < p(x)` somewhere, :math:`p` is not absolutely continuous with
respect to :math:`q`, and :math:`D(p \| q) = H(p \| q) = \infty`.  The last axis of an array is the
alphabet, the last two are :math:`(X, Y)` for a joint table, and the axes before are a batch.  NumPy
arrays and lists give NumPy results (float64 scalars where no axis is left); torch tensors give torch
tensors, with gradients.  Inputs are never changed.

References
----------
- C. E. Shannon, A mathematical theory of communication, Bell System Technical Journal 27 (1948).
- S. Kullback and R. A. Leibler, On information and sufficiency, Annals of Mathematical Statistics 22 (1951).
- T. M. Cover and J. A. Thomas, Elements of Information Theory, 2nd ed. (2006), chapter 2.
"""

import math

import numpy as np

from ibcourse._array import (
    Array,
    ArrayLike,
    as_arrays,
    as_distributions,
    check_probabilities,
    namespace,
    tolerance,
    xlogy,
)


def information_content(p: ArrayLike) -> Array:
    r"""Return the information content of events of the given probabilities.

    .. math:: h(p) = -\ln p

    Parameters
    ----------
    p : array_like, any shape
        Probabilities.  They need not sum to one.

    Returns
    -------
    array, the shape of p
        Nats; infinite where p is 0.

    Raises
    ------
    ValueError
        If a cell is not a number from 0 to 1.

    Notes
    -----
    A cell above 1 by a rounding error, at most 1e-8, or more for narrower types, counts as 1.
    Source: Shannon (1948).  Lesson: 01 Information.

    Examples
    --------
    >>> print(information_content([1, 0.5, 0]))
    [0.         0.69314718        inf]
    """
    xp, array = as_arrays(p=p)
    check_probabilities(array, tolerance=tolerance(p))
    with np.errstate(divide="ignore"):  # h(0) = ∞
        return 0.0 - xp.log(xp.where(array > 1, 1.0, array))  # 0 − x, so that h(1) is 0 and not −0


def entropy(p: ArrayLike) -> Array:
    r"""Return the entropy of a distribution.

    .. math:: H(X) = -\sum_x p(x) \ln p(x)

    Parameters
    ----------
    p : array_like, shape (..., n)
        Distributions on the last axis.  For a joint entropy, flatten the joint table first.

    Returns
    -------
    array, shape (...)
        Nats, from 0 (one symbol is certain) to ln n (all are equally probable).

    Raises
    ------
    ValueError
        If p is not a distribution: a cell is negative or not finite, or a sum is not one.

    Notes
    -----
    The derivative at an empty cell, which is infinite, is taken as 0.
    Source: Shannon (1948).  Lesson: 01 Information.

    Examples
    --------
    >>> print(entropy([0.5, 0.5]))
    0.6931471805599453
    >>> print(entropy([[0.5, 0.5], [1, 0]]))
    [0.69314718 0.        ]
    """
    _, p = as_distributions(p=p)
    return _entropy(p)


def cross_entropy(p: ArrayLike, q: ArrayLike) -> Array:
    r"""Return the cross-entropy of q under p.

    .. math:: H(p \| q) = -\sum_x p(x) \ln q(x) = H(p) + D(p \| q)

    Parameters
    ----------
    p, q : array_like, shapes (..., n)
        The true and the believed distributions, on the last axis; their batch axes broadcast.

    Returns
    -------
    array, shape (...)
        Nats; infinite if q is 0 where p is not.

    Raises
    ------
    ValueError
        If p or q is not a distribution, or their shapes do not fit.

    Notes
    -----
    The conditional cross-entropy of a channel is a mean over its rows: ``p_x @ cross_entropy(p_y_x, q_y_x)``.
    Source: Cover and Thomas (2006), section 5.4.  Lesson: 01 Information.

    Examples
    --------
    >>> print(round(cross_entropy([0.5, 0.5], [0.25, 0.75]), 4))
    0.837
    """
    xp, p, q = as_distributions(p=p, q=q)
    return 0.0 - xp.sum(xlogy(p, q), axis=-1)


def kl_divergence(p: ArrayLike, q: ArrayLike) -> Array:
    r"""Return the Kullback–Leibler divergence of p from q.

    .. math:: D(p \| q) = \sum_x p(x) \ln \frac{p(x)}{q(x)}

    Parameters
    ----------
    p, q : array_like, shapes (..., n)
        Distributions on the last axis; their batch axes broadcast.

    Returns
    -------
    array, shape (...)
        Nats, never negative; 0 where p = q, infinite if q is 0 where p is not.

    Raises
    ------
    ValueError
        If p or q is not a distribution, or their shapes do not fit.

    Notes
    -----
    The sum is that of :math:`p \ln(p/q) - p + q`, whose terms are non-negative.  Its derivatives,
    :math:`\ln(p/q)` and :math:`1 - p/q`, are those of the plain sum up to a constant, which makes no
    difference to changes that keep the sums at one.  The derivative with respect to an empty cell of p,
    which is −∞, is taken as −1, that of :math:`-p + q` alone.  Second derivatives are right at p = q too.
    Source: Kullback and Leibler (1951).  Lesson: 01 Information.

    Examples
    --------
    >>> print(round(kl_divergence([0.5, 0.5], [0.25, 0.75]), 4))
    0.1438
    >>> print(kl_divergence([0.5, 0.5], [1, 0]))
    inf
    """
    _, p, q = as_distributions(p=p, q=q)
    return _kl_divergence(p, q)


def conditional_entropy(p_xy: ArrayLike) -> Array:
    r"""Return the conditional entropy of the second variable given the first.

    .. math:: H(Y | X) = -\sum_{x,y} p(x, y) \ln p(y | x) = H(X, Y) - H(X)

    Parameters
    ----------
    p_xy : array_like, shape (..., X, Y)
        Joint tables on the last two axes.  For H(X|Y), swap them: ``conditional_entropy(p_xy.T)``.

    Returns
    -------
    array, shape (...)
        Nats, from 0 (Y is a function of X) to H(Y) (they are independent).

    Raises
    ------
    ValueError
        If p_xy is not a joint distribution.

    Notes
    -----
    Source: Shannon (1948).  Lesson: 01 Information.

    Examples
    --------
    >>> print(round(conditional_entropy([[0.5, 0], [0.25, 0.25]]), 4))
    0.3466
    """
    _, p_xy = as_distributions(axes=2, p_xy=p_xy)
    p_x, p_y_given_x = _condition(p_xy)
    return namespace(p_xy).sum(p_x * _entropy(p_y_given_x), axis=-1)


def mutual_information(p_xy: ArrayLike) -> Array:
    r"""Return the mutual information of two variables.

    .. math::

        I(X; Y) = \sum_{x,y} p(x, y) \ln \frac{p(x, y)}{p(x)\, p(y)} = \sum_x p(x)\, D(p(y|x) \| p(y))

    Parameters
    ----------
    p_xy : array_like, shape (..., X, Y)
        Joint tables on the last two axes.

    Returns
    -------
    array, shape (...)
        Nats, never negative; 0 if X and Y are independent, at most H(X) and H(Y).

    Raises
    ------
    ValueError
        If p_xy is not a joint distribution.

    Notes
    -----
    Source: Shannon (1948); Cover and Thomas (2006), section 2.3.  Lesson: 01 Information.

    Examples
    --------
    >>> print(mutual_information([[0.5, 0], [0, 0.5]]))
    0.6931471805599453
    """
    xp, p_xy = as_distributions(axes=2, p_xy=p_xy)
    # A mean over x, because the product p(x) p(y) of two tiny probabilities would underflow.
    p_x, p_y_given_x = _condition(p_xy)
    p_y = xp.sum(p_xy, axis=-2, keepdims=True)
    return xp.sum(p_x * _kl_divergence(p_y_given_x, p_y), axis=-1)


def bits(nats: ArrayLike) -> Array:
    r"""Convert nats to bits: divide by ln 2.

    Parameters
    ----------
    nats : array_like, any shape
        Information in nats.

    Returns
    -------
    array, the shape of nats
        The same in bits.

    Notes
    -----
    Everything in this package is computed in nats; this function is for what is shown.
    Lesson: 01 Information.

    Examples
    --------
    >>> print(bits(entropy([0.25, 0.25, 0.25, 0.25])))
    2.0
    """
    _, nats = as_arrays(nats=nats)
    return nats / math.log(2)


def _entropy(p: Array) -> Array:
    return 0.0 - namespace(p).sum(xlogy(p, p), axis=-1)


def _kl_divergence(p: Array, q: Array) -> Array:
    # Σ p ln(p/q) of two nearly equal distributions is a small difference of large terms, and rounding may
    # leave it negative.  Σ [p ln(p/q) − p + q] has the same value, and no term of it is negative, since
    # ln u ≤ u − 1.  Where p is near q, their difference is exact and log1p keeps its digits: with
    # u = (q − p)/p, the rounded ln(1 + u) is at most u.  Nothing is cut off at zero, which would cut second
    # derivatives at p = q.  Elsewhere the quotient q/p might overflow, so the logarithms are subtracted.
    xp = namespace(p, q)
    near = xp.abs(q - p) < p / 2
    far = (p > 0) & ~near
    u = xp.where(near, q - p, 0.0) / xp.where(near, p, 1.0)
    with np.errstate(divide="ignore"):  # D = ∞ where q = 0 < p
        far_ratio = xp.log(xp.where(far, q, 1.0)) - xp.log(xp.where(far, p, 1.0))
    terms = xp.where(near, p * (u - xp.log1p(u)), q - p - p * far_ratio)
    return xp.sum(terms, axis=-1)


def _condition(p_xy: Array) -> tuple[Array, Array]:
    """Return p(x), shape (..., X), and p(y|x), shape (..., X, Y); rows of probability 0 stay 0."""
    xp = namespace(p_xy)
    p_x = xp.sum(p_xy, axis=-1, keepdims=True)
    return p_x[..., 0], p_xy / xp.where(p_x > 0, p_x, 1.0)
