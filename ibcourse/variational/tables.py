r"""Three variational bounds on tables, where everything can be computed, also what each bound loses.

A variational bound puts a guess where the truth is too dear.  Each of the three is Gibbs' inequality, so that
each loses a Kullback–Leibler divergence, of the truth from the guess:

.. math::

    \begin{aligned}
    I(T;Y) &= \underbrace{H(Y) - \mathbb{E}[-\ln d(y|t)]}_{\text{bound}}
        + \mathbb{E}\, D(p(y|t) \| d(y|t)) && \text{decoder } d(y|t) \text{ for } p(y|t) \\
    \underbrace{\mathbb{E}\, D(p(t|x) \| r(t))}_{\text{bound}} &= I(X;T) + D(p(t) \| r(t))
        && \text{marginal } r(t) \text{ for } p(t) \\
    \ln p(x) &= \underbrace{\mathbb{E}_{q(z|x)} \ln \frac{p(x, z)}{q(z|x)}}_{\text{bound}}
        + D(q(z|x) \| p(z|x)) && \text{posterior } q(z|x) \text{ for } p(z|x)
    \end{aligned}

The encoder :math:`p(t|x)` is exact in the first two: it defines :math:`T`, and with it :math:`p(t)` and
:math:`p(y|t)`.  A bound with the right guess in it is tight.

The variational bottleneck
--------------------------

The first two bounds together make a loss that needs no unknown distribution,

.. math::

    \mathbb{E}[-\ln d(y|t)] + \beta\, \mathbb{E}\, D(p(t|x) \| r(t))
    = H(Y) - I(T;Y) + \beta\, I(X;T)
    + \mathbb{E}\, D(p(y|t) \| d(y|t)) + \beta\, D(p(t) \| r(t)) .

So it is :math:`H(Y) + \beta L`, with the Lagrangian :math:`L = I(X;T) - \frac{1}{\beta} I(T;Y)` of the
bottleneck at the price :math:`1/\beta`, plus two gaps.  The :math:`\beta` of this topic is a price of
compression, in nats of relevance, as in Alemi et al.; that of the topic before is a price of relevance.  Each
is the reciprocal of the other.

References
----------
- A. A. Alemi, I. Fischer, J. V. Dillon and K. Murphy, Deep variational information bottleneck, ICLR (2017).
- D. Barber and F. Agakov, The IM algorithm: a variational approach to information maximization, NIPS (2003).
- I. Fischer, The conditional entropy bottleneck, Entropy 22 (2020).
- D. P. Kingma and M. Welling, Auto-encoding variational Bayes, ICLR (2014).
"""

from typing import Any, NamedTuple

import numpy as np

from ibcourse._array import (
    Array,
    ArrayLike,
    as_arrays,
    as_distributions,
    check_distribution,
    tolerance,
    xlogy,
)
from ibcourse.bottleneck import encoder_information
from ibcourse.bottleneck.step import _decoder, _problem, as_beta
from ibcourse.information.measures import _entropy, _kl_divergence


class Bound(NamedTuple):
    """A quantity, a bound on it, and what lies between, in nats.

    Attributes
    ----------
    value : array
        The quantity itself.
    bound : array
        The bound: an upper one has value + gap = bound, a lower one bound + gap = value.
    gap : array
        A Kullback–Leibler divergence, computed by itself; never negative.
    """

    value: Array
    bound: Array
    gap: Array


class VIBLoss(NamedTuple):
    r"""The loss of the variational bottleneck and its parts, in nats.

    Attributes
    ----------
    loss : array
        cross_entropy + β rate, which is h_y − i_ty + β i_xt + decoder_gap + β marginal_gap.
    cross_entropy : array
        :math:`\mathbb{E}[-\ln d(y|t)]` = H(Y) − I(T;Y) + decoder_gap.
    rate : array
        :math:`\mathbb{E}\, D(p(t|x) \| r(t))` = I(X;T) + marginal_gap.
    h_y, i_ty, i_xt : array
        H(Y), I(T;Y) and I(X;T).
    decoder_gap, marginal_gap : array
        What the decoder and the marginal lose.
    """

    loss: Array
    cross_entropy: Array
    rate: Array
    h_y: Array
    i_ty: Array
    i_xt: Array
    decoder_gap: Array
    marginal_gap: Array


def decoder_bound(p_xy: ArrayLike, encoder: ArrayLike, decoder: ArrayLike) -> Bound:
    r"""Return I(T;Y) and its lower bound by a decoder.

    .. math:: I(T;Y) = H(Y) - \mathbb{E}[-\ln d(y|t)] + \mathbb{E}_{p(t)}\, D(p(y|t) \| d(y|t))

    Parameters
    ----------
    p_xy : array_like, shape (X, Y)
        The joint distribution.
    encoder : array_like, shape (..., X, T)
        Encoders p(t|x); axes before the last two are a batch.
    decoder : array_like, shape (..., T, Y)
        Decoders d(y|t), any distributions; their batch broadcasts against that of the encoders.

    Returns
    -------
    Bound
        Of shape (...): bound + gap = value.  The bound is −∞ where a decoder rules out what happens.

    Raises
    ------
    ValueError
        If p_xy is no joint distribution, a row of the encoder or decoder is no distribution, or they do not
        fit.

    See Also
    --------
    optimal_decoder : Closes the gap.

    Notes
    -----
    A bad decoder makes the bound negative, and the bound is not less true for it.
    Source: Barber and Agakov (2003).  Lesson: 05 Variational.

    Examples
    --------
    >>> p_xy = [[0.4, 0.1], [0.1, 0.4]]
    >>> value, bound, gap = decoder_bound(p_xy, [[1, 0], [0, 1]], [[0.6, 0.4], [0.4, 0.6]])
    >>> print(value.round(4), bound.round(4), gap.round(4))
    0.1927 0.1012 0.0915
    """
    xp, p_xy, encoder, decoder = _with_guess(p_xy, encoder, "T", "Y", decoder=decoder)
    p_t, p_y_given_t = _decoder(p_xy, encoder)
    log_likelihood = xp.sum(xlogy(p_t[..., None] * p_y_given_t, decoder), axis=(-2, -1))
    return Bound(
        encoder_information(p_xy, encoder).i_ty,
        _entropy(xp.sum(p_xy, axis=0)) + log_likelihood,
        _mean(xp, p_t, _kl_divergence(p_y_given_t, decoder)),
    )


def marginal_bound(p_x: ArrayLike, encoder: ArrayLike, marginal: ArrayLike) -> Bound:
    r"""Return I(X;T) and its upper bound by a marginal, the rate.

    .. math:: \mathbb{E}_{p(x)}\, D(p(t|x) \| r(t)) = I(X;T) + D(p(t) \| r(t))

    Parameters
    ----------
    p_x : array_like, shape (X,)
        The distribution of X.
    encoder : array_like, shape (..., X, T)
        Encoders p(t|x); axes before the last two are a batch.
    marginal : array_like, shape (..., T)
        Marginals r(t), any distributions; their batch broadcasts against that of the encoders.

    Returns
    -------
    Bound
        Of shape (...): value + gap = bound.  The bound may be infinite; the value is at most H(X).

    Raises
    ------
    ValueError
        If a distribution is none, or the shapes do not fit.

    See Also
    --------
    optimal_marginal : Closes the gap.

    Notes
    -----
    r is a guess for the marginal p(t) of the encoder, and has a letter of its own for this reason.
    Source: Alemi et al. (2017), section 3.  Lesson: 05 Variational.

    Examples
    --------
    >>> value, bound, gap = marginal_bound([0.5, 0.5], [[1, 0], [0, 1]], [0.8, 0.2])
    >>> print(value.round(4), bound.round(4), gap.round(4))
    0.6931 0.9163 0.2231
    """
    xp, p_xy, encoder, marginal = _of_x(p_x, encoder, marginal)
    p_t = _decoder(p_xy, encoder).p_t
    return Bound(
        encoder_information(p_xy, encoder).i_xt,
        _mean(xp, p_xy[:, 0], _kl_divergence(encoder, marginal[..., None, :])),
        _kl_divergence(p_t, marginal),
    )


def evidence_bound(prior: ArrayLike, likelihood: ArrayLike, posterior: ArrayLike) -> Bound:
    r"""Return ln p(x) and its lower bound by a posterior, the ELBO.

    .. math::

        \ln p(x) = \mathbb{E}_{q(z|x)} [\ln p(x|z)] - D(q(z|x) \| p(z)) + D(q(z|x) \| p(z|x))

    Parameters
    ----------
    prior : array_like, shape (Z,)
        The distribution p(z) of the latent variable.
    likelihood : array_like, shape (Z, X)
        The model's p(x|z): row z is a distribution of x.
    posterior : array_like, shape (..., X, Z)
        Guesses q(z|x) for the model's p(z|x); axes before the last two are a batch.

    Returns
    -------
    Bound
        Of shape (..., X), one for each x: bound + gap = value.

    Raises
    ------
    ValueError
        If a distribution is none, or the shapes do not fit.

    See Also
    --------
    true_posterior : Closes the gap.
    vib_loss : With Y = X, ``p_xy = diag(p_x)``, and β = 1 it is the mean of −ELBO; other β make a β-VAE.

    Notes
    -----
    Here the model (prior and likelihood) is what one believes and q serves to compute with it.  In the
    bottleneck the encoder is what one believes, and decoder and marginal serve.
    Source: Kingma and Welling (2014).  Lesson: 05 Variational.

    Examples
    --------
    >>> value, bound, gap = evidence_bound([0.5, 0.5], [[0.9, 0.1], [0.2, 0.8]], [[0.5, 0.5], [0.5, 0.5]])
    >>> print(value.round(4), bound.round(4), gap.round(4))
    [-0.5978 -0.7985] [-0.8574 -1.2629] [0.2596 0.4644]
    """
    xp, prior, likelihood, posterior = _model(prior, likelihood, posterior)
    p_zx = prior[:, None] * likelihood
    with np.errstate(divide="ignore"):  # an x that the model rules out has ln p(x) = −∞
        value = xp.log(xp.sum(p_zx, axis=0))
    expected_log_joint = xp.sum(xlogy(posterior, prior) + xlogy(posterior, likelihood.T), axis=-1)
    gap = _kl_divergence(posterior, true_posterior(prior, likelihood))
    return Bound(value + xp.zeros_like(gap), expected_log_joint + _entropy(posterior), gap)


def backward_bound(p_xy: ArrayLike, encoder: ArrayLike, backward: ArrayLike) -> Bound:
    r"""Return I(X;T|Y) and its upper bound by a backward encoder, the residual rate.

    .. math::

        \mathbb{E}\, D(p(t|x) \| b(t|y)) = I(X;T|Y) + \mathbb{E}_{p(y)}\, D(p(t|y) \| b(t|y))

    Parameters
    ----------
    p_xy : array_like, shape (X, Y)
        The joint distribution.
    encoder : array_like, shape (..., X, T)
        Encoders p(t|x); axes before the last two are a batch.
    backward : array_like, shape (..., Y, T)
        Backward encoders b(t|y), any distributions; their batch broadcasts against that of the encoders.

    Returns
    -------
    Bound
        Of shape (...): value + gap = bound.

    Raises
    ------
    ValueError
        If a distribution is none, or the shapes do not fit.

    See Also
    --------
    optimal_backward : Closes the gap.

    Notes
    -----
    A marginal for each label: what T tells about X beyond Y is charged, what it tells about Y is free.
    Source: Fischer (2020), section 3.  Lesson: 05 Variational.

    Examples
    --------
    >>> p_xy = [[0.4, 0.1], [0.1, 0.4]]
    >>> value, bound, gap = backward_bound(p_xy, [[1, 0], [0, 1]], [[0.9, 0.1], [0.1, 0.9]])
    >>> print(value.round(4), bound.round(4), gap.round(4))
    0.5004 0.5448 0.0444
    """
    xp, p_xy, encoder, backward = _with_guess(p_xy, encoder, "Y", "T", backward=backward)
    i_xt, i_ty, _ = encoder_information(p_xy, encoder)
    divergence = _kl_divergence(encoder[..., :, None, :], backward[..., None, :, :])  # (..., X, Y)
    gaps = _kl_divergence(optimal_backward(p_xy, encoder), backward)
    return Bound(
        i_xt - i_ty,  # I(X;T|Y), since T is made from X alone
        xp.sum(_mean(xp, p_xy, divergence), axis=-1),
        _mean(xp, xp.sum(p_xy, axis=0), gaps),
    )


def optimal_decoder(p_xy: ArrayLike, encoder: ArrayLike) -> Array:
    r"""Return the decoder that closes the decoder bound.

    .. math:: d(y|t) = p(y|t) = \frac{1}{p(t)} \sum_x p(x, y)\, p(t|x)

    Parameters
    ----------
    p_xy : array_like, shape (X, Y)
        The joint distribution.
    encoder : array_like, shape (..., X, T)
        Encoders p(t|x).

    Returns
    -------
    array, shape (..., T, Y)
        Where no x leads to t every decoder is optimal; the row is p(y).

    Raises
    ------
    ValueError
        If p_xy is no joint distribution, a row of the encoder is no distribution, or they do not fit.

    See Also
    --------
    ibcourse.bottleneck.decoder : The same with rows of zeros where t is not used, and p(t).

    Notes
    -----
    Source: Barber and Agakov (2003).  Lesson: 05 Variational.

    Examples
    --------
    >>> print(optimal_decoder([[0.4, 0.1], [0.1, 0.4]], [[1, 0], [0.5, 0.5]]))
    [[0.6 0.4]
     [0.2 0.8]]
    """
    xp, p_xy, encoder = _problem(p_xy, encoder)
    p_t, p_y_given_t = _decoder(p_xy, encoder)
    return xp.where(p_t[..., None] > 0, p_y_given_t, xp.sum(p_xy, axis=0))


def optimal_marginal(p_x: ArrayLike, encoder: ArrayLike) -> Array:
    r"""Return the marginal that closes the marginal bound.

    .. math:: r(t) = p(t) = \sum_x p(x)\, p(t|x)

    Parameters
    ----------
    p_x : array_like, shape (X,)
        The distribution of X.
    encoder : array_like, shape (..., X, T)
        Encoders p(t|x).

    Returns
    -------
    array, shape (..., T)
        The marginal.

    Raises
    ------
    ValueError
        If p_x is no distribution, a row of the encoder is no distribution, or they do not fit.

    Notes
    -----
    Source: Alemi et al. (2017), section 3.  Lesson: 05 Variational.

    Examples
    --------
    >>> print(optimal_marginal([0.5, 0.5], [[1, 0], [0.5, 0.5]]))
    [0.75 0.25]
    """
    _, p_xy, encoder = _of_x(p_x, encoder)
    return _decoder(p_xy, encoder).p_t


def true_posterior(prior: ArrayLike, likelihood: ArrayLike) -> Array:
    r"""Return the posterior that closes the evidence bound.

    .. math:: p(z|x) = \frac{p(z)\, p(x|z)}{p(x)}

    Parameters
    ----------
    prior : array_like, shape (Z,)
        The distribution p(z) of the latent variable.
    likelihood : array_like, shape (Z, X)
        The model's p(x|z).

    Returns
    -------
    array, shape (X, Z)
        The posterior.  An x that the model rules out has none; its row is the prior.

    Raises
    ------
    ValueError
        If a distribution is none, or the shapes do not fit.

    Notes
    -----
    Source: Kingma and Welling (2014).  Lesson: 05 Variational.

    Examples
    --------
    >>> print(true_posterior([0.5, 0.5], [[0.9, 0.1], [0.2, 0.8]]).round(4))
    [[0.8182 0.1818]
     [0.1111 0.8889]]
    """
    xp, prior, likelihood = _model(prior, likelihood)
    p_xz = (prior[:, None] * likelihood).T
    p_x = xp.sum(p_xz, axis=-1, keepdims=True)
    return xp.where(p_x > 0, p_xz / xp.where(p_x > 0, p_x, 1.0), prior)


def optimal_backward(p_xy: ArrayLike, encoder: ArrayLike) -> Array:
    r"""Return the backward encoder that closes the backward bound.

    .. math:: b(t|y) = p(t|y) = \sum_x p(x|y)\, p(t|x)

    Parameters
    ----------
    p_xy : array_like, shape (X, Y)
        The joint distribution.
    encoder : array_like, shape (..., X, T)
        Encoders p(t|x).

    Returns
    -------
    array, shape (..., Y, T)
        The backward encoder.  For a label of probability zero the row is p(t).

    Raises
    ------
    ValueError
        If p_xy is no joint distribution, a row of the encoder is no distribution, or they do not fit.

    Notes
    -----
    Source: Fischer (2020), section 3.  Lesson: 05 Variational.

    Examples
    --------
    >>> print(optimal_backward([[0.4, 0.1], [0.1, 0.4]], [[1, 0], [0, 1]]))
    [[0.8 0.2]
     [0.2 0.8]]
    """
    xp, p_xy, encoder = _problem(p_xy, encoder)
    p_t = _decoder(p_xy, encoder).p_t
    p_y = xp.sum(p_xy, axis=0)[:, None]
    p_t_given_y = xp.matmul(p_xy.T, encoder) / xp.where(p_y > 0, p_y, 1.0)
    return xp.where(p_y > 0, p_t_given_y, p_t[..., None, :])


def vib_loss(
    p_xy: ArrayLike, encoder: ArrayLike, decoder: ArrayLike, marginal: ArrayLike, beta: ArrayLike
) -> VIBLoss:
    r"""Return the loss of the variational bottleneck on tables, and what it is made of.

    .. math::

        \mathbb{E}[-\ln d(y|t)] + \beta\, \mathbb{E}\, D(p(t|x) \| r(t))
        = H(Y) - I(T;Y) + \beta\, I(X;T) + \text{gaps}

    Parameters
    ----------
    p_xy : array_like, shape (X, Y)
        The joint distribution.
    encoder : array_like, shape (..., X, T)
        Encoders p(t|x); axes before the last two are a batch.
    decoder : array_like, shape (..., T, Y)
        Decoders d(y|t).
    marginal : array_like, shape (..., T)
        Marginals r(t).
    beta : float or array_like
        The price of compression, not negative; broadcasts against the batch.

    Returns
    -------
    VIBLoss
        The loss, its two terms, the three informations and the two gaps; loss of shape (...).

    Raises
    ------
    ValueError
        If a distribution is none, the shapes do not fit, or beta is negative or not finite.

    See Also
    --------
    ibcourse.bottleneck.lagrangian : With optimal decoder and marginal, loss = H(Y) + β lagrangian(…, 1/β).

    Notes
    -----
    With Y = X, ``p_xy = diag(p_x)``, this is the loss of the β-VAE, and for β = 1 the mean of −ELBO.
    Source: Alemi et al. (2017), section 3.  Lesson: 05 Variational.

    Examples
    --------
    >>> p_xy, encoder = [[0.4, 0.1], [0.1, 0.4]], [[0.9, 0.1], [0.1, 0.9]]
    >>> parts = vib_loss(p_xy, encoder, [[0.7, 0.3], [0.3, 0.7]], [0.6, 0.4], beta=0.1)
    >>> print(parts.loss.round(4), parts.cross_entropy.round(4), parts.rate.round(4))
    0.6158 0.577 0.3885
    >>> print(parts.decoder_gap.round(4), parts.marginal_gap.round(4))
    0.0039 0.0204
    """
    i_ty, relevance, decoder_gap = decoder_bound(p_xy, encoder, decoder)
    xp, table, _ = _problem(p_xy, encoder)
    i_xt, rate, marginal_gap = marginal_bound(xp.sum(table, axis=-1), encoder, marginal)
    h_y = _entropy(xp.sum(table, axis=0))
    beta = as_beta(beta, table)
    cross_entropy = h_y - relevance
    # No compression is asked at β = 0, so that an infinite rate costs nothing there.
    price = xp.where(beta > 0, beta * xp.where(beta > 0, rate, 0.0), 0.0)
    return VIBLoss(cross_entropy + price, cross_entropy, rate, h_y, i_ty, i_xt, decoder_gap, marginal_gap)


def _mean(xp: Any, weights: Array, values: Array) -> Array:
    """Return the sum of weights times values; what has weight 0 counts nothing, even if infinite."""
    return xp.sum(weights * xp.where(weights > 0, values, 0.0), axis=-1)


def _with_guess(p_xy: ArrayLike, encoder: ArrayLike, rows: str, columns: str, **guess: ArrayLike) -> Any:
    """Return the namespace, the joint table, the encoder and one guess of named axes, checked."""
    ((name, value),) = guess.items()
    xp, p_xy, encoder, array = _together(p_xy, encoder, **{name: value})
    check_distribution(array, name, 1, tolerance(value))
    sizes = {"X": encoder.shape[-2], "T": encoder.shape[-1], "Y": p_xy.shape[-1]}
    if array.ndim < 2 or tuple(array.shape[-2:]) != (sizes[rows], sizes[columns]):
        raise ValueError(
            f"{name} has shape {tuple(array.shape)}; expected (..., {rows}, {columns}) = "
            f"(..., {sizes[rows]}, {sizes[columns]}): a row is a distribution of {columns}."
        )
    _check_batches(encoder=encoder.shape[:-2], **{name: array.shape[:-2]})
    return xp, p_xy, encoder, array / xp.sum(array, axis=-1, keepdims=True)


def _of_x(p_x: ArrayLike, encoder: ArrayLike, marginal: ArrayLike | None = None) -> Any:
    """Return the namespace, p(x) as a table of one column, the encoder and the marginal, checked."""
    _, p_x = as_distributions(p_x=p_x)
    if p_x.ndim != 1:
        raise ValueError(f"p_x has shape {tuple(p_x.shape)}; expected one axis, (X,).")
    if marginal is None:
        return _problem(p_x[:, None], encoder)
    xp, p_xy, encoder, array = _together(p_x[:, None], encoder, marginal=marginal)
    check_distribution(array, "marginal", 1, tolerance(marginal))
    if array.shape[-1] != encoder.shape[-1]:
        raise ValueError(
            f"marginal has shape {tuple(array.shape)} and encoder {tuple(encoder.shape)}; "
            "expected (..., T) and (..., X, T) with the same T."
        )
    _check_batches(encoder=encoder.shape[:-2], marginal=array.shape[:-1])
    return xp, p_xy, encoder, array / xp.sum(array, axis=-1, keepdims=True)


def _together(p_xy: ArrayLike, encoder: ArrayLike, **guess: ArrayLike) -> Any:
    """Return the checked table and encoder, and the guess, as arrays of one namespace."""
    _, p_xy, encoder = _problem(p_xy, encoder)
    return as_arrays(p_xy=p_xy, encoder=encoder, **guess)


def _model(prior: ArrayLike, likelihood: ArrayLike, posterior: ArrayLike | None = None) -> Any:
    """Return the namespace and the tables of a model with a latent variable, checked."""
    tables = {"prior": prior, "likelihood": likelihood}
    if posterior is not None:
        tables["posterior"] = posterior
    xp, *arrays = as_arrays(**tables)
    for (name, value), array in zip(tables.items(), arrays, strict=True):
        check_distribution(array, name, 1, tolerance(value))
    z, zx, *xz = [tuple(array.shape) for array in arrays]
    if len(z) != 1 or len(zx) != 2 or zx[:1] != z or any(shape[-2:] != zx[::-1] for shape in xz):
        given = ", ".join(f"{name} {tuple(array.shape)}" for name, array in zip(tables, arrays, strict=True))
        raise ValueError(
            f"the shapes are {given}; expected prior (Z,), likelihood (Z, X) and posterior (..., X, Z)."
        )
    return xp, *(array / xp.sum(array, axis=-1, keepdims=True) for array in arrays)


def _check_batches(**shapes: tuple[int, ...]) -> None:
    try:
        np.broadcast_shapes(*shapes.values())
    except ValueError:
        given = " and ".join(f"{tuple(shape)} of {name}" for name, shape in shapes.items())
        raise ValueError(f"the batches are {given}; expected axes that are equal, or 1, or absent.") from None
