r"""The three uncertainties of a classifier, on tables.

The model
---------

Data :math:`p(x, y)`, an encoder :math:`p(z|x)` and a decoder :math:`p_\Theta(\hat y|z)` make the model

.. math:: p(x, y, z, \hat y) = p(x, y)\, p(z|x)\, p_\Theta(\hat y|z) .

The code :math:`Z` is made from :math:`X` alone and the prediction :math:`\hat Y` from :math:`Z` alone.  The
prediction for an input is the mean over its codes, :math:`p_\Theta(y|x) = \sum_z p(z|x)\, p_\Theta(y|z)`.
Three numbers, in nats, say how uncertain the label stays:

.. math::

    \begin{aligned}
    H(Y|Z) &= -\textstyle\sum_{y,z} p(y, z) \ln p(y|z) && \text{decoder uncertainty} \\
    H_\Theta(Y|Z) &= -\textstyle\sum_{x,y,z} p(x, y)\, p(z|x) \ln p_\Theta(y|z)
        && \text{decoder cross-entropy} \\
    H_\Theta(Y|X) &= -\textstyle\sum_{x,y} p(x, y) \ln \sum_z p(z|x)\, p_\Theta(y|z)
        && \text{prediction cross-entropy}
    \end{aligned}

The first depends on the encoder alone.  The others use the decoder: one takes the loss of each code and
averages the losses, the other averages the probabilities and takes their loss.

What is ordered and what is not
-------------------------------

The decoder cross-entropy is the largest of the three.  Its distances from the others are two divergences:

.. math::

    \begin{aligned}
    H_\Theta(Y|Z) - H(Y|Z) &= \E_{p(z)} D(p(y|z) \| p_\Theta(y|z)) && \text{(Gibbs)} \\
    H_\Theta(Y|Z) - H_\Theta(Y|X) &= \E_{p(x,y)} D(p(z|x) \| p_\Theta(z|x, y)) && \text{(Jensen)}
    \end{aligned}

with :math:`p_\Theta(z|x, y) = p(z|x)\, p_\Theta(y|z) / p_\Theta(y|x)`.  The first is zero for the optimal
decoder, :math:`p_\Theta(y|z) = p(y|z)`; the second is zero for a deterministic encoder.  The smaller two are
*not ordered*: with the optimal decoder :math:`H_\Theta(Y|X) \le H(Y|Z)`, with a deterministic encoder
:math:`H(Y|Z) \le H_\Theta(Y|X)`, and both may be strict.

.. rubric:: Arrays

The joint table has the axes (X, Y), encoders (X, Z), decoders (Z, Y); axes of encoders and decoders before
the last two are a batch and broadcast.  NumPy and torch are taken alike, and gradients flow.

.. rubric:: References

- A. Kirsch, C. Lyle and Y. Gal, Unpacking information bottlenecks (2020), arXiv:2003.12537, section 5.
- M. E. Hellman and J. Raviv, Probability of error, equivocation, and the Chernoff bound, IEEE Transactions on
  Information Theory 16 (1970).
"""

import math
from typing import Any, NamedTuple

from ibcourse._array import Array, ArrayLike, as_arrays, check_distribution, namespace, tolerance, xlogy
from ibcourse.bottleneck.step import _decoder, _problem, as_joint
from ibcourse.information import conditional_entropy
from ibcourse.information.measures import _kl_divergence
from ibcourse.variational.tables import _check_batches


class Uncertainties(NamedTuple):
    """The three uncertainties of a model and the two gaps between them, in nats.

    ``decoder_gap`` is decoder cross-entropy minus decoder uncertainty; ``sampling_gap`` is decoder
    cross-entropy minus prediction cross-entropy.  Neither is ever negative.
    """

    uncertainty: Array
    decoder_cross_entropy: Array
    prediction_cross_entropy: Array
    decoder_gap: Array
    sampling_gap: Array


class Errors(NamedTuple):
    """How often three ways to predict are wrong.

    ``sampled``: a label is drawn from the decoder.  ``decoder_argmax``: a code is drawn, and its most
    probable label taken.  ``prediction_argmax``: the most probable label of the mean over codes is taken.
    """

    sampled: Array
    decoder_argmax: Array
    prediction_argmax: Array


def decoder_uncertainty(p_xy: ArrayLike, encoder: ArrayLike) -> Array:
    r"""Return the decoder uncertainty: what is not known of the label when the code is.

    .. math:: H(Y|Z) = -\sum_{y,z} p(y, z) \ln p(y|z), \qquad p(y, z) = \sum_x p(x, y)\, p(z|x)

    Parameters
    ----------
    p_xy : array_like, shape (X, Y)
        The joint distribution.
    encoder : array_like, shape (..., X, Z)
        Encoders p(z|x).

    Returns
    -------
    array, shape (...)
        Nats, from H(Y|X) to H(Y).

    Raises
    ------
    ValueError
        If p_xy is not a joint distribution, a row of the encoder is not a distribution, or they do not fit.

    Notes
    -----
    Source: Kirsch, Lyle and Gal (2020), section 5.  Lesson: 06 Decoder uncertainty.

    Examples
    --------
    >>> p_xy = [[0.5, 0], [0, 0.5]]
    >>> print(decoder_uncertainty(p_xy, [[0.6, 0.4], [0.4, 0.6]]).round(4))
    0.673
    """
    xp, p_xy, encoder = _problem(p_xy, encoder)
    return conditional_entropy(_joint_zy(xp, p_xy, encoder))


def uncertainties(p_xy: ArrayLike, encoder: ArrayLike, decoder: ArrayLike) -> Uncertainties:
    r"""Return the three uncertainties of a model, and the two gaps between them.

    .. math::

        H_\Theta(Y|Z) = H(Y|Z) + \E_{p(z)} D(p(y|z) \| p_\Theta(y|z))
                      = H_\Theta(Y|X) + \E_{p(x,y)} D(p(z|x) \| p_\Theta(z|x, y))

    Parameters
    ----------
    p_xy : array_like, shape (X, Y)
        The joint distribution.
    encoder : array_like, shape (..., X, Z)
        Encoders p(z|x).
    decoder : array_like, shape (..., Z, Y)
        Decoders p_Θ(y|z).

    Returns
    -------
    Uncertainties
        ``uncertainty`` H(Y|Z), ``decoder_cross_entropy`` H_Θ(Y|Z), ``prediction_cross_entropy`` H_Θ(Y|X),
        ``decoder_gap`` and ``sampling_gap``, in nats, each of the shape of the batch.

    Raises
    ------
    ValueError
        If p_xy is not a joint distribution, a row of the encoder or of the decoder is not a distribution, or
        they do not fit.

    Notes
    -----
    The gaps are sums of divergences, and keep their digits when they are small.
    Source: Kirsch, Lyle and Gal (2020), observations 2 and 4.  Lesson: 06 Decoder uncertainty.

    Examples
    --------
    The label is a fair bit, and the code agrees with it in 6 of 10 cases. This decoder is wrong:

    >>> u = uncertainties([[0.5, 0], [0, 0.5]], [[0.6, 0.4], [0.4, 0.6]], [[0.2, 0.8], [0.8, 0.2]])
    >>> print(u.uncertainty.round(4), u.decoder_cross_entropy.round(4), u.prediction_cross_entropy.round(4))
    0.673 1.0549 0.821
    """
    xp, p_xy, encoder, decoder = _model(p_xy, encoder, decoder)
    p_zy = _joint_zy(xp, p_xy, encoder)
    p_z, p_y_given_z = _decoder(p_xy, encoder)
    prediction = xp.matmul(encoder, decoder)
    # p_Θ(z|x,y), axes (X, Y, Z).  Where p_Θ(y|x) = 0 it is left at 0, whose divergence is infinite.
    joint = encoder[..., :, None, :] * xp.matrix_transpose(decoder)[..., None, :, :]
    posterior = joint / xp.where(prediction > 0, prediction, 1.0)[..., None]
    divergence = _kl_divergence(encoder[..., :, None, :], posterior)
    return Uncertainties(
        conditional_entropy(p_zy),
        0.0 - xp.sum(xlogy(p_zy, decoder), axis=(-2, -1)),
        0.0 - xp.sum(xlogy(p_xy, prediction), axis=(-2, -1)),
        xp.sum(p_z * _kl_divergence(p_y_given_z, decoder), axis=-1),
        xp.sum(p_xy * xp.where(p_xy > 0, divergence, 0.0), axis=(-2, -1)),
    )


def encoder_gradient(p_xy: ArrayLike, encoder: ArrayLike, quantity: str = "H(Y|Z)") -> Array:
    r"""Return the derivative of an entropy with respect to the encoder, in closed form.

    .. math::

        \frac{d}{d\theta} H(Y|Z) = \E_{p(x,z)}\!\left[ \frac{d \ln p_\theta(z|x)}{d\theta}\,
            \E_{p(y|x)} h(p(y|z)) \right] = \sum_{x,z} \frac{d p_\theta(z|x)}{d\theta}\, G(x, z),
        \qquad G(x, z) = \sum_y p(x, y)\, h(p(y|z)) .

    Parameters
    ----------
    p_xy : array_like, shape (X, Y)
        The joint distribution.
    encoder : array_like, shape (..., X, Z)
        Encoders p(z|x); each code has positive probability.
    quantity : str
        ``"H(Y|Z)"``, or ``"H(Z)"``, ``"H(Z|X)"``, ``"H(Z|Y)"``, for which the like formula holds: the mean
        content of the same probability.

    Returns
    -------
    array, shape (..., X, Z)
        G, in nats.  The derivative along a change of the encoder is the sum of the products.  A change keeps
        the sum of each row; for such, a constant added to a row of G makes no difference.

    Raises
    ------
    ValueError
        If p_xy is not a joint distribution, a row of the encoder is not a distribution, they do not fit, or
        the quantity is not one of the four.

    Notes
    -----
    Each of these entropies is a mean of :math:`h(q)`, where q is a conditional distribution that moves with
    the encoder.  The term in which q is differentiated is the mean of :math:`-d \ln q`, which is zero because
    q keeps its sum.  So q may be held fixed: the gradient is that of a cross-entropy on the encoder with the
    weights :math:`\E_{p(y|x)} h(p(y|z))`, and it moves each input away from the codes whose labels are not
    its own.  G is infinite where q is zero but not its weight: there the derivative is infinite, unless the
    code has probability 0, of which the formula says nothing.
    Source: Kirsch, Lyle and Gal (2020), section 5.4 and appendix A.3.  Lesson: 06 Decoder uncertainty.

    Examples
    --------
    A step that makes the code agree more often with the label lowers H(Y|Z):

    >>> gradient = encoder_gradient([[0.5, 0], [0, 0.5]], [[0.6, 0.4], [0.4, 0.6]])
    >>> print((gradient * [[1, -1], [-1, 1]]).sum().round(4))
    -0.4055
    """
    xp, p_xy, encoder = _problem(p_xy, encoder)
    p_x = xp.sum(p_xy, axis=-1, keepdims=True)
    p_z, p_y_given_z = _decoder(p_xy, encoder)
    if quantity == "H(Z)":
        weight, content = p_x, p_z[..., None, :]
    elif quantity == "H(Z|X)":
        weight, content = p_x, encoder
    elif quantity == "H(Z|Y)":
        p_y = xp.sum(p_xy, axis=-2)
        p_z_given_y = _joint_zy(xp, p_xy, encoder) / xp.where(p_y > 0, p_y, 1.0)
        return 0.0 - xp.sum(xlogy(p_xy[:, None, :], p_z_given_y[..., None, :, :]), axis=-1)
    elif quantity == "H(Y|Z)":
        return 0.0 - xp.sum(xlogy(p_xy[:, None, :], p_y_given_z[..., None, :, :]), axis=-1)
    else:
        raise ValueError(f'quantity is "{quantity}"; expected one of H(Y|Z), H(Z), H(Z|X), H(Z|Y).')
    return 0.0 - xlogy(weight, content)


def errors(p_xy: ArrayLike, encoder: ArrayLike, decoder: ArrayLike) -> Errors:
    r"""Return how often a model is wrong, for three ways to predict.

    .. math::

        \begin{aligned}
        P(\hat Y \ne Y) &= 1 - \textstyle\sum_{x,y} p(x, y)\, p_\Theta(y|x) && \text{a drawn label} \\
        P(\hat y(Z) \ne Y) &, \quad \hat y(z) = \textstyle\arg\max_y p_\Theta(y|z) \\
        P(\hat y(X) \ne Y) &, \quad \hat y(x) = \textstyle\arg\max_y p_\Theta(y|x)
        \end{aligned}

    Parameters
    ----------
    p_xy : array_like, shape (X, Y)
        The joint distribution.
    encoder : array_like, shape (..., X, Z)
        Encoders p(z|x).
    decoder : array_like, shape (..., Z, Y)
        Decoders p_Θ(y|z).

    Returns
    -------
    Errors
        ``sampled``, ``decoder_argmax`` and ``prediction_argmax``, probabilities of the shape of the batch.
        Of equally probable labels the first is taken.

    Raises
    ------
    ValueError
        If p_xy is not a joint distribution, a row of the encoder or of the decoder is not a distribution, or
        they do not fit.

    See Also
    --------
    sampled_error_bound, argmax_error_bound : What a loss says about them.

    Notes
    -----
    Source: Kirsch, Lyle and Gal (2020), section 5.1.  Lesson: 06 Decoder uncertainty.

    Examples
    --------
    >>> from ibcourse.decoder_uncertainty import optimal_decoder
    >>> p_xy, encoder = [[0.25, 0.25], [0.1, 0.4]], [[1, 0], [0, 1]]
    >>> sampled, argmax, _ = errors(p_xy, encoder, optimal_decoder(p_xy, encoder))
    >>> print(sampled.round(4), argmax.round(4))
    0.41 0.35
    """
    xp, p_xy, encoder, decoder = _model(p_xy, encoder, decoder)
    prediction = xp.matmul(encoder, decoder)
    p_zy = _joint_zy(xp, p_xy, encoder)
    return Errors(
        *(
            xp.sum(table * (1 - rule), axis=(-2, -1))
            for table, rule in [(p_xy, prediction), (p_zy, _argmax(decoder)), (p_xy, _argmax(prediction))]
        )
    )


def sampled_error_bound(loss: ArrayLike) -> Array:
    r"""Return the bound that a loss sets to the error of a drawn label.

    .. math:: P(\hat Y \ne Y) \le 1 - e^{-H_\Theta(Y|X)} \le 1 - e^{-H_\Theta(Y|Z)}

    Parameters
    ----------
    loss : array_like, any shape
        H_Θ(Y|X) or H_Θ(Y|Z), in nats; H(Y|Z) if the decoder is the optimal one.

    Returns
    -------
    array, the shape of loss
        A probability, on the data whose loss it is.

    Raises
    ------
    ValueError
        If a loss is negative or not a number.

    See Also
    --------
    argmax_error_bound : The bound for the most probable label.

    Notes
    -----
    By Jensen's inequality :math:`P(\hat Y = Y) = \E p_\Theta(Y|X) \ge e^{\E \ln p_\Theta(Y|X)}`.  The most
    probable label of a miscalibrated decoder may be wrong more often than this; so may that of the
    prediction, even if the decoder is the optimal one.
    Source: Kirsch, Lyle and Gal (2020), observation 3.  Lesson: 06 Decoder uncertainty.

    Examples
    --------
    >>> print(sampled_error_bound(0.35667).round(4))
    0.3
    """
    xp, loss = _loss(loss)
    return 0.0 - xp.expm1(-loss)


def argmax_error_bound(loss: ArrayLike, *, optimal: bool = False) -> Array:
    r"""Return the bound that a loss sets to the error of the most probable label.

    .. math::

        P(\hat y(Z) \ne Y) \le \frac{H_\Theta(Y|Z)}{\ln 2}, \qquad
        P(\hat y(X) \ne Y) \le \frac{H_\Theta(Y|X)}{\ln 2}, \qquad
        P(\hat y^*(Z) \ne Y) \le \frac{H(Y|Z)}{2 \ln 2}

    Parameters
    ----------
    loss : array_like, any shape
        H_Θ(Y|Z) for the most probable label of a drawn code, H_Θ(Y|X) for that of the prediction; H(Y|Z) if
        the decoder is the optimal one.
    optimal : bool
        Whether the decoder is the optimal one, p(y|z).  The last bound holds for no other, and for the most
        probable label of a code, not of the prediction.

    Returns
    -------
    array, the shape of loss
        A probability, on the data whose loss it is.

    Raises
    ------
    ValueError
        If a loss is negative or not a number.

    Notes
    -----
    If the most probable label is wrong, the right one has probability at most 1/2 and costs at least ln 2, so
    that the mean loss is at least ln 2 times the error.  The optimal decoder errs with probability
    :math:`1 - \max_y p(y|z) \le H(Y|Z{=}z) / (2 \ln 2)`.
    Source: Hellman and Raviv (1970) for the last.  Lesson: 06 Decoder uncertainty.

    Examples
    --------
    Half of the labels have probability 0.49 and half are certain.  The first half is wrong:

    >>> print(argmax_error_bound(-0.5 * math.log(0.49)).round(4))
    0.5146
    """
    xp, loss = _loss(loss)
    bound = loss / ((2 if optimal else 1) * math.log(2))
    return xp.where(bound < 1, bound, 1.0)


def _model(p_xy: ArrayLike, encoder: ArrayLike, decoder: ArrayLike) -> tuple[Any, Array, Array, Array]:
    """Return the namespace, the joint table, the encoder and the decoder, checked."""
    xp, table, into, out = as_joint(p_xy, encoder=encoder, decoder=decoder)
    check_distribution(into, "encoder", 1, tolerance(encoder))
    check_distribution(out, "decoder", 1, tolerance(decoder))
    shapes = [tuple(array.shape) for array in (table, into, out)]
    expected = (*table.shape, into.shape[-1])
    if min(into.ndim, out.ndim) < 2 or (into.shape[-2], out.shape[-1], out.shape[-2]) != expected:
        raise ValueError(
            f"p_xy, encoder and decoder have shapes {shapes[0]}, {shapes[1]} and {shapes[2]}; expected "
            "(X, Y), (X, Z) and (Z, Y): one row of the encoder for each row of p_xy, one row of the decoder "
            "for each code."
        )
    _check_batches(encoder=into.shape[:-2], decoder=out.shape[:-2])
    return xp, table, *(rows / xp.sum(rows, axis=-1, keepdims=True) for rows in (into, out))


def _joint_zy(xp: Any, p_xy: Array, encoder: Array) -> Array:
    """Return p(z, y), shape (..., Z, Y)."""
    return xp.matmul(xp.matrix_transpose(encoder), p_xy)


def _argmax(rows: Array) -> Array:
    """Return rows with a one at the first largest cell."""
    xp = namespace(rows)
    symbols = xp.arange(rows.shape[-1], device=rows.device)
    return xp.astype(symbols == xp.argmax(rows, axis=-1)[..., None], rows.dtype)


def _loss(loss: ArrayLike) -> tuple[Any, Array]:
    """Return the namespace and the loss, or raise ValueError if one is negative or not a number."""
    xp, loss = as_arrays(loss=loss)
    if not xp.all(loss >= 0):
        raise ValueError(f"loss is {loss}; expected nats that are not negative.")
    return xp, loss
