r"""The objective of the bottleneck and one step of its fixed-point iteration.

The objective
-------------

An encoder :math:`p(t|x)` makes :math:`T` from :math:`X` alone, so that :math:`T - X - Y` is a Markov chain.
The generalised bottleneck minimises over encoders

.. math::

    L_\gamma = H(T) - \gamma\, H(T|X) - \beta\, I(T;Y)
             = (1 - \gamma)\, H(T) + \gamma\, I(X;T) - \beta\, I(T;Y).

With :math:`\gamma = 1` this is the bottleneck, :math:`I(X;T) - \beta I(T;Y)`; with :math:`\gamma = 0` the
deterministic bottleneck, :math:`H(T) - \beta I(T;Y)`.

One step
--------

Let any :math:`w(t)` and :math:`q(y|t)` stand in place of the marginal and the decoder of the encoder:

.. math::

    G(r, w, q) = \sum_{x,t} p(x)\, r(t|x) \left[ \gamma \ln r(t|x) - \ln w(t)
        + \beta\, D(p(y|x) \| q(y|t)) \right] - \beta\, I(X;Y).

By Gibbs' inequality :math:`G(r, w, q) \ge L_\gamma(r)`, with equality for the encoder's own :math:`p(t)` and
:math:`p(y|t)`.  For fixed :math:`w` and :math:`q` each row of the encoder is free, and its best choice is

.. math::

    r(t|x) \propto \left[ w(t)\, e^{-\beta D(p(y|x) \| q(y|t))} \right]^{1/\gamma},

or, for :math:`\gamma = 0`, the one cluster where the bracket is largest.  A step takes the encoder's own
:math:`w` and :math:`q`, then the best encoder for them.  So no step raises :math:`L_\gamma`.  Where the steps
end is a fixed point, which need not be the optimum.

References
----------
- N. Tishby, F. C. Pereira and W. Bialek, The information bottleneck method, Allerton Conference (1999).
- D. J. Strouse and D. J. Schwab, The deterministic information bottleneck, Neural Computation 29 (2017).
"""

import math
from typing import Any, NamedTuple

import numpy as np

from ibcourse._array import Array, ArrayLike, as_arrays, check_distribution, namespace, tolerance, xlogy
from ibcourse.information import entropy, mutual_information


class EncoderInformation(NamedTuple):
    """What an encoder keeps: I(X;T), I(T;Y) and H(T), in nats."""

    i_xt: Array
    i_ty: Array
    h_t: Array


class Decoder(NamedTuple):
    """What follows from an encoder: the weights p(t), shape (..., T), and p(y|t), shape (..., T, Y)."""

    p_t: Array
    p_y_given_t: Array


def encoder_information(p_xy: ArrayLike, encoder: ArrayLike) -> EncoderInformation:
    r"""Return the information that an encoder keeps about X and about Y, and its entropy.

    .. math:: I(X;T), \qquad I(T;Y), \qquad H(T)

    Parameters
    ----------
    p_xy : array_like, shape (X, Y)
        The joint distribution.
    encoder : array_like, shape (..., X, T)
        Encoders p(t|x); axes before the last two are a batch.

    Returns
    -------
    EncoderInformation
        ``i_xt``, ``i_ty`` and ``h_t`` in nats, each of shape (...).

    Raises
    ------
    ValueError
        If p_xy is not a joint distribution, a row of the encoder is not a distribution, or they do not fit.

    Notes
    -----
    Source: Tishby, Pereira and Bialek (1999).  Lesson: 04 Bottleneck.

    Examples
    --------
    >>> i_xt, i_ty, h_t = encoder_information([[0.4, 0.1], [0.1, 0.4]], [[1, 0], [0, 1]])
    >>> print(round(i_xt, 4), round(i_ty, 4), round(h_t, 4))
    0.6931 0.1927 0.6931
    """
    xp, p_xy, encoder = _problem(p_xy, encoder)
    p_x = xp.sum(p_xy, axis=-1)
    p_xt = p_x[:, None] * encoder
    p_ty = xp.matmul(_transpose(encoder), p_xy)
    return EncoderInformation(
        mutual_information(p_xt), mutual_information(p_ty), entropy(xp.sum(p_ty, axis=-1))
    )


def lagrangian(p_xy: ArrayLike, encoder: ArrayLike, beta: ArrayLike, gamma: float = 1.0) -> Array:
    r"""Return the objective of the bottleneck.

    .. math:: L_\gamma = H(T) - \gamma\, H(T|X) - \beta\, I(T;Y)

    Parameters
    ----------
    p_xy : array_like, shape (X, Y)
        The joint distribution.
    encoder : array_like, shape (..., X, T)
        Encoders p(t|x); axes before the last two are a batch.
    beta : float or array_like
        The price of relevance, not negative; broadcasts against the batch.
    gamma : float
        1 for the bottleneck, 0 for the deterministic bottleneck.

    Returns
    -------
    array, shape (...)
        Nats.  A constant encoder has 0.

    Raises
    ------
    ValueError
        If p_xy is not a joint distribution, a row of the encoder is not a distribution, they do not fit, or
        beta or gamma is negative or not finite.

    Notes
    -----
    Source: Strouse and Schwab (2017), equation 13; with γ = 1 Tishby, Pereira and Bialek (1999).
    Lesson: 04 Bottleneck.

    Examples
    --------
    >>> p_xy = [[0.4, 0.1], [0.1, 0.4]]
    >>> print(round(lagrangian(p_xy, [[1, 0], [0, 1]], beta=5), 4))
    -0.2706
    """
    _, p_xy, encoder = _problem(p_xy, encoder)
    beta, gamma = as_beta(beta, p_xy), as_gamma(gamma)
    i_xt, i_ty, h_t = encoder_information(p_xy, encoder)
    return (1 - gamma) * h_t + gamma * i_xt - beta * i_ty


def decoder(p_xy: ArrayLike, encoder: ArrayLike) -> Decoder:
    r"""Return the weights of the clusters and what each says about Y.

    .. math:: p(t) = \sum_x p(x)\, p(t|x), \qquad p(y|t) = \frac{1}{p(t)} \sum_x p(x, y)\, p(t|x)

    Parameters
    ----------
    p_xy : array_like, shape (X, Y)
        The joint distribution.
    encoder : array_like, shape (..., X, T)
        Encoders p(t|x); axes before the last two are a batch.

    Returns
    -------
    Decoder
        ``p_t``, shape (..., T), and ``p_y_given_t``, shape (..., T, Y); a cluster that is not used has a row
        of zeros.

    Raises
    ------
    ValueError
        If p_xy is not a joint distribution, a row of the encoder is not a distribution, or they do not fit.

    Notes
    -----
    Source: Tishby, Pereira and Bialek (1999).  Lesson: 04 Bottleneck.

    Examples
    --------
    >>> p_t, p_y_given_t = decoder([[0.4, 0.1], [0.1, 0.4]], [[1, 0], [0.5, 0.5]])
    >>> print(p_t)
    [0.75 0.25]
    >>> print(p_y_given_t)
    [[0.6 0.4]
     [0.2 0.8]]
    """
    _, p_xy, encoder = _problem(p_xy, encoder)
    return _decoder(p_xy, encoder)


def ib_step(p_xy: ArrayLike, encoder: ArrayLike, beta: ArrayLike, gamma: float = 1.0) -> Array:
    r"""Return the encoder after one step of the fixed-point iteration.

    .. math::

        p'(t|x) \propto \left[ p(t)\, e^{-\beta D(p(y|x) \| p(y|t))} \right]^{1/\gamma}

    Parameters
    ----------
    p_xy : array_like, shape (X, Y)
        The joint distribution.
    encoder : array_like, shape (..., X, T)
        Encoders p(t|x); axes before the last two are a batch.
    beta : float or array_like
        The price of relevance, not negative; broadcasts against the batch.
    gamma : float
        1 for the bottleneck.  With 0, the deterministic bottleneck, each input goes to the one cluster with
        the largest bracket, the first of several.

    Returns
    -------
    array, shape (..., X, T)
        The new encoder.  `lagrangian` is not larger than before.

    Raises
    ------
    ValueError
        If p_xy is not a joint distribution, a row of the encoder is not a distribution, they do not fit, or
        beta or gamma is negative or not finite.

    Notes
    -----
    A cluster that is not used stays so.  An input of probability zero says nothing about Y, and is encoded as
    if its divergences were 0.
    Source: Tishby, Pereira and Bialek (1999), equation 16; Strouse and Schwab (2017), equation 16.
    Lesson: 04 Bottleneck.

    Examples
    --------
    >>> p_xy = [[0.4, 0.1], [0.1, 0.4]]
    >>> print(ib_step(p_xy, [[0.8, 0.2], [0.2, 0.8]], beta=5).round(4))
    [[0.9056 0.0944]
     [0.0944 0.9056]]
    """
    _, p_xy, encoder = _problem(p_xy, encoder)
    beta, gamma = as_beta(beta, p_xy), as_gamma(gamma)
    return step_unchecked(p_xy, encoder, beta, gamma)


def step_unchecked(p_xy: Array, encoder: Array, beta: Array, gamma: float) -> Array:
    """Return the encoder after one step; nothing is checked."""
    xp = namespace(p_xy)
    p_t, p_y_given_t = _decoder(p_xy, encoder)
    p_x = xp.sum(p_xy, axis=-1, keepdims=True)
    p_y_given_x = p_xy / xp.where(p_x > 0, p_x, 1.0)
    with np.errstate(divide="ignore"):  # ln p(t) = −∞: the cluster is not used
        log_p_t = xp.log(p_t)
    bracket = log_p_t[..., None, :] - _cost(p_y_given_x, p_y_given_t, beta[..., None, None])
    if gamma == 0:
        clusters = xp.arange(encoder.shape[-1], device=encoder.device)
        return xp.astype(clusters == xp.argmax(bracket, axis=-1)[..., None], encoder.dtype)
    bracket = (bracket - xp.max(bracket, axis=-1, keepdims=True)) / gamma
    new = xp.exp(bracket)
    return new / xp.sum(new, axis=-1, keepdims=True)


def as_beta(beta: ArrayLike, like: Array, name: str = "beta", axes: int | None = None) -> Array:
    """Return β as an array beside another; ValueError if one is negative or not finite, or for other axes."""
    xp, beta, _ = as_arrays(**{name: beta, "like": like})
    if axes is not None and beta.ndim != axes:
        raise ValueError(f"{name} has shape {tuple(beta.shape)}; expected one axis, a list of β.")
    if math.prod(beta.shape) == 0:
        raise ValueError(f"{name} is empty; expected at least one β.")
    if not xp.all(xp.isfinite(beta) & (beta >= 0)):
        raise ValueError(f"{name} is {beta}; expected finite numbers that are not negative.")
    return beta


def as_gamma(gamma: float) -> float:
    """Return γ, or raise ValueError if it is not a finite number that is not negative."""
    if not (np.ndim(gamma) == 0 and np.isfinite(gamma) and gamma >= 0):
        raise ValueError(f"gamma is {gamma}; expected a finite number, 0 or more (1: the bottleneck).")
    return float(gamma)


def as_joint(p_xy: ArrayLike, **others: ArrayLike) -> tuple[Any, ...]:
    """Return the namespace, the checked table of one joint distribution, shape (X, Y), and other arrays.

    What rounding left of a sum is divided out.
    """
    xp, table, *rest = as_arrays(p_xy=p_xy, **others)
    if table.ndim != 2:
        raise ValueError(f"p_xy has shape {tuple(table.shape)}; expected two axes, (X, Y).")
    check_distribution(table, "p_xy", 2, tolerance(p_xy))
    return xp, table / xp.sum(table), *rest


def _problem(p_xy: ArrayLike, encoder: ArrayLike) -> tuple[Any, Array, Array]:
    """Return the namespace, the joint table and the encoder, checked."""
    xp, table, rows = as_joint(p_xy, encoder=encoder)
    check_distribution(rows, "encoder", 1, tolerance(encoder))
    if rows.ndim < 2 or rows.shape[-2] != table.shape[0]:
        raise ValueError(
            f"encoder has shape {tuple(rows.shape)} and p_xy {tuple(table.shape)}; "
            "expected (X, T) and (X, Y): "
            "one row of the encoder for each row of p_xy."
        )
    return xp, table, rows / xp.sum(rows, axis=-1, keepdims=True)


def _transpose(array: Array) -> Array:
    return namespace(array).matrix_transpose(array)


def _decoder(p_xy: Array, encoder: Array) -> Decoder:
    xp = namespace(p_xy)
    p_ty = xp.matmul(_transpose(encoder), p_xy)
    p_t = xp.sum(p_ty, axis=-1)
    return Decoder(p_t, p_ty / xp.where(p_t > 0, p_t, 1.0)[..., None])


def _cost(p_y_given_x: Array, p_y_given_t: Array, beta: Array) -> Array:
    """Return β D(p(y|x) ‖ p(y|t)), shape (..., X, T), by products of matrices."""
    xp = namespace(p_y_given_x)
    empty = p_y_given_t == 0
    log_q = xp.log(xp.where(empty, 1.0, p_y_given_t))
    negative_entropy = xp.sum(xlogy(p_y_given_x, p_y_given_x), axis=-1, keepdims=True)
    divergence = negative_entropy - xp.matmul(p_y_given_x, _transpose(log_q))
    # D = ∞ where p(y|x) > 0 = p(y|t) for some y; but at β = 0 no divergence costs anything.
    support = xp.astype(p_y_given_x > 0, p_y_given_x.dtype)
    outside = xp.matmul(support, _transpose(xp.astype(empty, p_y_given_x.dtype))) > 0
    return beta * xp.where(outside & (beta > 0), xp.inf, divergence)
