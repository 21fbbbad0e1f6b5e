r"""Topic 02, rate–distortion: how few nats describe a source within a given distortion.

The problem
-----------

A source emits symbols x with probabilities p(x).  A channel :math:`p(\hat x | x)` replaces each by a
reproduction letter :math:`\hat x`, at a cost :math:`d(x, \hat x)`.  Of all channels whose mean cost is at
most D, the least informative one sets the rate:

.. math:: R(D) = \min_{\mathbb{E}\, d(X, \hat X) \le D} I(X; \hat X).

R(D) is convex and never increases.  It is 0 from
:math:`D_{\max} = \min_{\hat x} \sum_x p(x)\, d(x, \hat x)` on, where one letter for all symbols will do.
A line of slope −s touches the curve from below where :math:`I(X; \hat X) + s\, \mathbb{E}\, d` is least.  So
each slope s ≥ 0 gives a point, and there :math:`s = -dR/dD`.

One convex problem
------------------

By Gibbs' inequality :math:`I(X; \hat X) = \min_q \sum_x p(x) D(p(\hat x | x) \| q)`, with the minimum at
:math:`q = p(\hat x)`.  Minimise over the channel first, for a fixed q, and the variational principle gives

.. math::

    p(\hat x | x) = \frac{q(\hat x)\, e^{-s\, d(x, \hat x)}}{u(x)}, \qquad
    u(x) = \sum_{\hat x} q(\hat x)\, e^{-s\, d(x, \hat x)}, \qquad
    F(q) = -\sum_x p(x) \ln u(x).

What is left is to minimise F, which is convex, over distributions q.  *Blahut–Arimoto* alternates the two
minimisations: :math:`q \leftarrow q\, c`, where

.. math:: c(\hat x) = \sum_x \frac{p(x)\, e^{-s\, d(x, \hat x)}}{u(x)}.

Certificates
------------

The dual problem is to maximise :math:`\sum_x p(x)\, y(x)` over vectors y with

.. math:: \sum_x p(x)\, e^{y(x) - s\, d(x, \hat x)} \le 1 \quad \text{for every } \hat x.

Every such y proves that :math:`R(D) \ge \sum_x p(x)\, y(x) - s D` for every D.  And any q with
:math:`u > 0` gives one: :math:`y = -\ln u - \ln \max c`.  This is Blahut's lower bound; the channel of q
itself is his upper bound.  Their distance is the gap.  It bounds the error of a point, however it was found.

Why not Blahut–Arimoto alone
----------------------------

After k steps its channel is 1/k from the best one, and its gap 1/k², wherever a letter is about to fall out
of use, as at :math:`D_{\max}`.  A few steps of it are therefore only the start.  An interior-point method
finishes: since F decreases along a ray by the logarithm of its length, minimising :math:`F(q) + \sum q` over
all :math:`q \ge 0` has the same solution.  Its gradient is :math:`1 - c`; with a multiplier z for each letter
and a barrier :math:`\mu`, the optimality conditions are

.. math:: 1 - c - z = 0, \qquad q\, z = \mu, \qquad q, z > 0, \qquad \mu \to 0,

which Newton's method solves in about ten steps, for all slopes at once.  The capacity of a channel is the
same kind of problem (see `capacity`), and is solved by the same lines.

.. rubric:: References

- C. E. Shannon, Coding theorems for a discrete source with a fidelity criterion, IRE National Convention
  Record 7 (1959).
- R. E. Blahut, Computation of channel capacity and rate-distortion functions, IEEE Transactions on
  Information Theory 18 (1972).
- S. Arimoto, An algorithm for computing the capacity of arbitrary discrete memoryless channels, IEEE
  Transactions on Information Theory 18 (1972).
- S. J. Wright, Primal-Dual Interior-Point Methods (1997).
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from array_api_compat import is_torch_array

from ibcourse._array import (
    Array,
    ArrayLike,
    _cell,
    _first,
    as_arrays,
    as_distributions,
    check_distribution,
    check_shapes,
    namespace,
    tolerance,
    xlogy,
)
from ibcourse.information.measures import entropy, kl_divergence, mutual_information

START = 3  # Blahut–Arimoto steps before the first Newton step
POLISH = 3  # Newton steps without a barrier after the last one with it
CELLS = 2**22  # of the arrays (slope, X, X̂) that are held at a time

Derivatives: TypeAlias = Callable[[Array], tuple[Array, Array]]
Gap: TypeAlias = Callable[[Array, Array], Array]


@dataclass(frozen=True, eq=False)
class RDCurve:
    r"""Points of a rate–distortion curve, each with a proof of how near to the curve it is.

    Attributes
    ----------
    slope : array, shape (...)
        The slopes s = −dR/dD, as they were given; nats per unit of distortion.
    rate : array, shape (...)
        :math:`I(X; \hat X)` of the channel, in nats.
    distortion : array, shape (...)
        :math:`\mathbb{E}\, d(X, \hat X)` of the channel.
    lower : array, shape (...)
        A lower bound on R at this distortion, in nats, from the dual vector.
    channel : array, shape (..., X, X̂)
        :math:`p(\hat x | x)`.  A letter out of use has a column of zeros.
    dual : array, shape (..., X)
        The vector y, in nats, with :math:`\sum_x p(x) e^{y(x) - s d(x, \hat x)} \le 1` for every letter.
    converged : array of bool, shape (...)
        Whether the gap is at most the tolerance.  The bounds hold even where it is not.
    iterations : array of int, shape (...)
        The number of interior-point steps; 0 where the start was good enough.

    Notes
    -----
    Source: Blahut (1972).  Lesson: 02 Rate–distortion.
    """

    slope: Array
    rate: Array
    distortion: Array
    lower: Array
    channel: Array
    dual: Array
    converged: Array
    iterations: Array

    @property
    def upper(self) -> Array:
        """An upper bound on R at this distortion: the rate, since the channel attains it."""
        return self.rate

    @property
    def gap(self) -> Array:
        """The distance of the bounds, in nats: how far above the curve a point can be at most."""
        return self.upper - self.lower

    def bounds(self, distortion: ArrayLike) -> tuple[Array, Array]:
        r"""Return bounds on R at any distortion, from all points together.

        .. math:: \max_i \left[ \ell_i + s_i (D_i - D) \right] \le R(D) \le \text{chords between the points}

        Parameters
        ----------
        distortion : array_like, any shape
            The distortions D.

        Returns
        -------
        lower, upper : array, the shape of distortion
            Nats.  Left of all points no channel is known, and the upper bound is infinite.

        Notes
        -----
        A tangent lies below a convex curve and a chord above it.  With many slopes the two bounds meet.

        Examples
        --------
        >>> curve = rd_curve([0.5, 0.5], hamming(2), [0, 1, 2, 4, 8])
        >>> lower, upper = curve.bounds(0.1)
        >>> print(round(lower, 4), round(upper, 4))
        0.3662 0.38
        """
        xp, d, at, rate, low, slope = as_arrays(
            distortion=distortion, at=self.distortion, rate=self.rate, lower=self.lower, slope=self.slope
        )
        at, rate, low, slope = (xp.reshape(v, (-1,)) for v in (at, rate, low, slope))
        d = d[..., None]
        lower = xp.max(low + slope * (at - d), axis=-1)
        left, right = d >= at, d < at
        chord = left[..., :, None] & right[..., None, :]
        width = xp.where(chord, at[None, :] - at[:, None], 1.0)
        weight = (at[None, :] - d[..., None]) / width
        chords = xp.where(chord, weight * rate[:, None] + (1 - weight) * rate[None, :], np.inf)
        upper = xp.minimum(
            xp.min(xp.where(left, rate, np.inf), axis=-1), xp.min(xp.min(chords, axis=-1), axis=-1)
        )
        return xp.clip(lower, 0.0, math.inf), upper


@dataclass(frozen=True, eq=False)
class Capacity:
    r"""The capacity of a channel, with a proof of how near it is.

    Attributes
    ----------
    rate : float
        The mutual information of input and output, in nats: a lower bound on the capacity, which the input
        attains.
    upper : float
        An upper bound in nats: :math:`\max_x D(p(y|x) \| p(y))`.
    input : array, shape (X,)
        The input distribution.
    converged : bool
        Whether the bounds differ by at most the tolerance.
    iterations : int
        The number of interior-point steps.

    Notes
    -----
    Source: Arimoto (1972); Blahut (1972).  Lesson: 02 Rate–distortion.
    """

    rate: float
    upper: float
    input: Array
    converged: bool
    iterations: int

    @property
    def gap(self) -> float:
        """The distance of the bounds, in nats."""
        return self.upper - self.rate


def hamming(n: int) -> np.ndarray:
    r"""Return the Hamming distortion of n symbols: 0 for the right letter, 1 for a wrong one.

    .. math:: d(x, \hat x) = 1 - \delta_{x \hat x}

    Parameters
    ----------
    n : int
        The number of symbols, at least 1.

    Returns
    -------
    array, shape (n, n)
        Its mean is the probability of an error.

    Notes
    -----
    Lesson: 02 Rate–distortion.

    Examples
    --------
    >>> print(hamming(2))
    [[0. 1.]
     [1. 0.]]
    """
    if n < 1:
        raise ValueError(f"n is {n}; expected the number of symbols, at least 1.")
    return 1.0 - np.eye(n)


def squared_error(x: ArrayLike, x_hat: ArrayLike) -> Array:
    r"""Return the squared Euclidean distance of every point from every letter.

    .. math:: d(x, \hat x) = \| x - \hat x \|^2

    Parameters
    ----------
    x, x_hat : array_like, shapes (X,) and (X̂,), or (X, k) and (X̂, k)
        Numbers, or points of k coordinates.

    Returns
    -------
    array, shape (X, X̂)
        In the unit of x, squared.

    Raises
    ------
    ValueError
        If the shapes do not fit.

    Notes
    -----
    Lesson: 02 Rate–distortion.

    Examples
    --------
    >>> print(squared_error([0, 1, 3], [0, 2]))
    [[0. 4.]
     [1. 1.]
     [9. 1.]]
    """
    _, x, x_hat = as_arrays(x=x, x_hat=x_hat)
    if x.ndim != x_hat.ndim or x.ndim not in (1, 2) or x.shape[1:] != x_hat.shape[1:]:
        raise ValueError(
            f"x and x_hat have shapes {tuple(x.shape)} and {tuple(x_hat.shape)}; expected (X,) and (X̂,), "
            "or (X, k) and (X̂, k)."
        )
    if x.ndim == 1:
        x, x_hat = x[:, None], x_hat[:, None]
    # One coordinate at a time: exact zeros where points agree, and no array of three axes.
    return sum((x[:, None, i] - x_hat[None, :, i]) ** 2 for i in range(x.shape[1]))


def rd_step(p_x: ArrayLike, distortion: ArrayLike, slope: float, output: ArrayLike) -> Array:
    r"""Return the best channel for a given distribution of its output: half a step of Blahut–Arimoto.

    .. math:: p(\hat x | x) = \frac{q(\hat x)\, e^{-s\, d(x, \hat x)}}
        {\sum_{\hat x'} q(\hat x')\, e^{-s\, d(x, \hat x')}}

    Parameters
    ----------
    p_x : array_like, shape (X,)
        The source.
    distortion : array_like, shape (X, X̂)
        The distortions.
    slope : float
        The slope s ≥ 0.
    output : array_like, shape (X̂,)
        The distribution q of the reproduction letters.

    Returns
    -------
    array, shape (X, X̂)
        The channel.  The other half of the step is its output, ``p_x @ channel``.

    Raises
    ------
    ValueError
        As `rd_curve`; or if output is not a distribution on the letters, or leaves a symbol without a letter.

    Notes
    -----
    Source: Blahut (1972).  Lesson: 02 Rate–distortion.

    Examples
    --------
    >>> q = np.array([0.5, 0.5])
    >>> for _ in range(100):
    ...     channel = rd_step([0.4, 0.6], hamming(2), 2, q)
    ...     q = np.array([0.4, 0.6]) @ channel
    >>> print(q.round(4))
    [0.3687 0.6313]
    """
    _, p_x, _, excess, slopes = _as_problem(p_x, distortion, slope=slope)
    xp, q, p_x, excess, slopes = as_arrays(output=output, p_x=p_x, excess=excess, slopes=slopes)
    check_distribution(q, "output", 1, tolerance(output))
    check_shapes(output=q, letters=excess[0, :])
    channel = _channel(p_x, _weights(excess, slopes), q[None, :])[0, ...]
    if (row := _first(~xp.isfinite(xp.sum(channel, axis=-1)))) is not None:
        raise ValueError(
            f"No letter of positive probability is allowed for symbol {row[0]}: all of them have an infinite "
            "distortion, or so large a one that its weight is 0 in floating point. Start with a probability "
            "above 0 for every letter."
        )
    return channel


def dual_bound(p_x: ArrayLike, distortion: ArrayLike, slope: float, dual: ArrayLike) -> Array:
    r"""Return a lower bound on :math:`I(X; \hat X) + s\, \mathbb{E}\, d` over all channels, from any vector.

    .. math:: \sum_x p(x)\, y(x) - \ln \max_{\hat x} \sum_x p(x)\, e^{y(x) - s\, d(x, \hat x)}

    Parameters
    ----------
    p_x : array_like, shape (X,)
        The source.
    distortion : array_like, shape (X, X̂)
        The distortions.
    slope : float
        The slope s ≥ 0.
    dual : array_like, shape (X,)
        The vector y, in nats.  It need not be feasible: the second term lowers it until it is.

    Returns
    -------
    float
        Nats: where the line of slope −s meets the axis D = 0.  Subtract s D for a bound on R(D).

    Raises
    ------
    ValueError
        As `rd_curve`; or if dual is not one finite number for each symbol.

    Notes
    -----
    Whoever gives a channel and a vector can be checked by two sums: no reference solution is needed.
    Source: Blahut (1972).  Lesson: 02 Rate–distortion.

    Examples
    --------
    >>> curve = rd_curve([0.4, 0.6], hamming(2), 2)
    >>> intercept = dual_bound([0.4, 0.6], hamming(2), 2, curve.dual)
    >>> print(round(intercept, 6), round(curve.rate + 2 * curve.distortion, 6))
    0.546084 0.546084
    """
    _, p_x, least, excess, slopes = _as_problem(p_x, distortion, slope=slope)
    xp, y, p_x, least, excess, slopes = as_arrays(
        dual=dual, p_x=p_x, least=least, excess=excess, slopes=slopes
    )
    if y.shape != p_x.shape or not xp.all(xp.isfinite(y)):
        raise ValueError(
            f"dual has shape {tuple(y.shape)}; expected {tuple(p_x.shape)}, a finite number for each symbol."
        )
    shifted = y - slopes * least
    top = xp.max(shifted)
    sums = (p_x * xp.exp(shifted - top)) @ _weights(excess, slopes)[0]
    return xp.sum(p_x * y) - top - xp.log(xp.max(sums))


def rd_curve(
    p_x: ArrayLike,
    distortion: ArrayLike,
    slopes: ArrayLike,
    *,
    tol: float = 1e-9,
    max_iterations: int = 100,
) -> RDCurve:
    r"""Return the points of the rate–distortion curve where it has the given slopes.

    .. math:: \min_{p(\hat x | x)} I(X; \hat X) + s\, \mathbb{E}\, d(X, \hat X)

    Parameters
    ----------
    p_x : array_like, shape (X,)
        The source.  Symbols of probability 0 take no part.
    distortion : array_like, shape (X, X̂)
        The distortions: any real numbers, or infinity for a letter that must not stand for a symbol.
        `hamming` and `squared_error` make two common ones.
    slopes : array_like, any shape
        The slopes s = −dR/dD ≥ 0, in any order.
    tol : float
        The largest gap between the bounds, in nats.
    max_iterations : int
        The largest number of interior-point steps for each slope.

    Returns
    -------
    RDCurve
        A point for each slope, in the shape and order of the slopes, none left out.

    Raises
    ------
    ValueError
        If p_x is not a distribution on the rows of distortion, if a distortion is nan or −∞, if a symbol of
        positive probability has no letter at a finite distortion, if a slope is negative or not finite, or if
        tol or max_iterations is out of range.

    Notes
    -----
    Up to the slope that the curve has just left of :math:`D_{\max}`, the answer is one letter and the rate
    is 0.  At s = 0 every channel of rate 0 is optimal; the one of the least distortion is returned.  Where
    the curve is straight, a whole segment has the same slope, and one point of it is returned.

    The bounds say how far above the curve a point can be.  They say less of where along the curve it is: an
    error ε in the value allows one of order √ε in the distortion.  Once under ``tol`` the solver therefore
    takes a few Newton steps more, on the letters in use alone, each of which squares the error.

    A large problem is solved for a few slopes at a time, but the channels returned hold
    slopes × X × X̂ numbers.  Tensors are detached first: no gradient flows through the solver.
    Source: Blahut (1972).  Lesson: 02 Rate–distortion.

    Examples
    --------
    For a fair coin, R(D) = ln 2 − H(D), with the slope ln((1 − D)/D).

    >>> curve = rd_curve([0.5, 0.5], hamming(2), [0, np.log(9)])
    >>> print(curve.distortion.round(6), curve.rate.round(6))
    [0.5 0.1] [0.       0.368064]
    >>> bool(np.all(curve.gap < 1e-9)), bool(curve.converged.all())
    (True, True)
    """
    xp, p_x, least, excess, slope = _as_problem(p_x, distortion, slopes=slopes)
    _check_limits(tol, max_iterations)
    shape = tuple(slope.shape)
    slope = xp.reshape(slope, (-1,))
    size = max(1, CELLS // math.prod(excess.shape))
    parts = [
        _solve(p_x, least, excess, slope[i : i + size], tol, max_iterations)
        for i in range(0, slope.shape[0], size)
    ]
    columns = (xp.concat(column) for column in zip(*parts, strict=True))
    rate, mean, lower, channel, dual, steps = (xp.reshape(c, shape + tuple(c.shape[1:]))[()] for c in columns)
    return RDCurve(
        slope=xp.reshape(slope, shape)[()],
        rate=rate,
        distortion=mean,
        lower=lower,
        channel=channel,
        dual=dual,
        converged=rate - lower <= tol,
        iterations=steps,
    )


def capacity(channel: ArrayLike, *, tol: float = 1e-9, max_iterations: int = 100) -> Capacity:
    r"""Return the capacity of a channel.

    .. math:: C = \max_{p(x)} I(X; Y) = \min_{q(y)} \max_x D(p(y|x) \| q)

    Parameters
    ----------
    channel : array_like, shape (X, Y)
        The conditional distributions p(y|x), as rows.
    tol : float
        The largest gap between the bounds, in nats.
    max_iterations : int
        The largest number of interior-point steps.

    Returns
    -------
    Capacity
        Both bounds, and the input that attains the lower one.

    Raises
    ------
    ValueError
        If the rows are not distributions, or tol or max_iterations is out of range.

    Notes
    -----
    Any input p(x) with its output q gives both bounds, :math:`I(X; Y) \le C \le \max_x D(p(y|x) \| q)`.
    The input is found by the interior-point method of `rd_curve`: minimising
    :math:`\sum_y (o \ln o - o) + \sum_x r(x) H(Y|x)` with :math:`o(y) = \sum_x r(x)\, p(y|x)` over all
    :math:`r \ge 0` gives :math:`r = e^C p(x)`.
    Source: Arimoto (1972); Blahut (1972).  Lesson: 02 Rate–distortion.

    Examples
    --------
    The binary symmetric channel that flips one bit in ten has ln 2 − H(0.1).

    >>> c = capacity([[0.9, 0.1], [0.1, 0.9]])
    >>> print(round(c.rate, 6), c.input, c.converged)
    0.368064 [0.5 0.5] True
    """
    _check_limits(tol, max_iterations)
    xp, channel = as_distributions(channel=_detached(channel))
    if channel.ndim != 2:
        raise ValueError(f"channel has shape {tuple(channel.shape)}; expected two axes, (X, Y).")
    n = channel.shape[0]
    rows = channel[:, xp.any(channel > 0, axis=0)]  # an output that no input reaches has no logarithm
    rows = rows / xp.sum(rows, axis=-1, keepdims=True)

    def derivatives(output: Array) -> tuple[Array, Array]:
        return xp.log(output), output**-0.5

    def gap(r: Array, gradient: Array) -> Array:
        share = r / xp.sum(r, axis=-1, keepdims=True)  # the gradient is −D(p(y|x) ‖ o)
        return xp.sum(share * gradient, axis=-1) - xp.min(gradient, axis=-1)

    r, steps = _minimise(
        xp.matrix_transpose(rows)[None, ...],
        entropy(rows)[None, :],
        derivatives,
        gap,
        xp.full_like(rows[:, :1], 1 / n)[None, :, 0],
        tol,
        max_iterations,
    )
    p_x = r[0] / xp.sum(r[0])
    divergences = kl_divergence(rows, p_x @ rows)
    rate, upper = float(xp.sum(p_x * divergences)), float(xp.max(divergences))
    return Capacity(rate, upper, p_x, upper - rate <= tol, int(steps[0]))


def _as_problem(
    p_x: ArrayLike, distortion: ArrayLike, **slope: ArrayLike
) -> tuple[Any, Array, Array, Array, Array]:
    """Return the namespace, p(x), the least distortion of each symbol, the excess over it, and the slopes."""
    name = next(iter(slope))  # "slope" for one number, "slopes" for any shape
    given = {"p_x": p_x, "distortion": distortion} | slope
    xp, p, d, s = as_arrays(**{name: _detached(value) for name, value in given.items()})
    check_distribution(p, "p_x", 1, tolerance(p_x))
    if p.ndim != 1 or d.ndim != 2 or d.shape[0] != p.shape[0] or d.shape[1] == 0:
        raise ValueError(
            f"p_x and distortion have shapes {tuple(p.shape)} and {tuple(d.shape)}; expected (X,) and "
            "(X, X̂): a probability and a row of distortions for each symbol."
        )
    if (bad := _first(xp.isnan(d) | (d == -math.inf))) is not None:
        raise ValueError(
            f"{_cell('distortion', bad)} is {d[bad].item()}; expected a number, or infinity for a letter "
            "that must not stand for the symbol."
        )
    least = xp.min(d, axis=-1)
    if (bad := _first((p > 0) & ~xp.isfinite(least))) is not None:
        raise ValueError(
            f"{_cell('distortion', bad)} is infinite for every letter; expected at least one that may stand "
            f"for symbol {bad[0]}."
        )
    if 0 in s.shape or (name == "slope" and s.ndim):
        raise ValueError(
            f"{name} has shape {tuple(s.shape)}; expected "
            f"{'one number' if name == 'slope' else 'at least one slope'}."
        )
    if (bad := _first(~xp.isfinite(s) | (s < 0))) is not None:
        raise ValueError(
            f"{_cell(name, bad)} is {s[bad].item():g}; expected a finite number that is not negative: "
            "a slope s stands for −dR/dD. For the least distortion give a large one."
        )
    least = xp.where(xp.isfinite(least), least, 0.0)
    return xp, p / xp.sum(p), least, d - least[:, None], s


def _check_limits(tol: float, max_iterations: int) -> None:
    if not tol > 0:
        raise ValueError(f"tol is {tol}; expected a gap in nats above 0, such as 1e-9.")
    if max_iterations < 0:
        raise ValueError(f"max_iterations is {max_iterations}; expected at least 0.")


def _detached(value: ArrayLike) -> ArrayLike:
    return value.detach() if is_torch_array(value) else value


def _weights(excess: Array, slopes: Array) -> Array:
    """Return exp(−s · excess), shape (S, X, X̂), with 0 for an infinite excess even at s = 0."""
    xp = namespace(excess)
    allowed = xp.isfinite(excess)
    with np.errstate(over="ignore", under="ignore"):
        scaled = xp.reshape(slopes, (-1, 1, 1)) * xp.where(allowed, excess, 0.0)
        return xp.where(allowed, xp.exp(-scaled), 0.0)


def _channel(p_x: Array, weights: Array, q: Array) -> Array:
    """Return the channels that output distributions give; nan in a row whose symbol has no letter left."""
    xp = namespace(weights)
    joint = weights * q[:, None, :]
    total = xp.sum(joint, axis=-1, keepdims=True)
    idle = (p_x[:, None] == 0) & (total == 0)  # a symbol that never occurs takes any letter
    with np.errstate(invalid="ignore"):
        return xp.where(idle, q[:, None, :], joint / total)


def _solve(
    p_x: Array, least: Array, excess: Array, slopes: Array, tol: float, max_iterations: int
) -> tuple[Array, ...]:
    """Return the columns of an `RDCurve`, without those that the caller knows, for a few slopes."""
    xp = namespace(p_x)
    weights = _weights(excess, slopes)
    q, steps = _outputs(p_x[p_x > 0], excess[p_x > 0], weights[:, p_x > 0, :], tol, max_iterations)

    channel = _channel(p_x, weights, q)
    finite = xp.where(xp.isfinite(excess), excess, 0.0)
    cost = xp.sum(p_x * xp.sum(channel * finite, axis=-1), axis=-1)
    rate = mutual_information(p_x[:, None] * channel)

    u = _times(weights, q)
    u = xp.where(p_x > 0, u, 1.0)  # symbols that never occur need no letter
    c = _times(xp.matrix_transpose(weights), p_x / u)
    dual = -xp.log(u) - xp.log(xp.max(c, axis=-1, keepdims=True))
    lower = xp.sum(p_x * dual, axis=-1) - slopes * cost
    return rate, cost + xp.sum(p_x * least), lower, channel, dual + slopes[:, None] * least, steps


def _outputs(
    p_x: Array, excess: Array, weights: Array, tol: float, max_iterations: int
) -> tuple[Array, Array]:
    """Return the best output distributions for a few slopes, and the numbers of steps."""
    xp = namespace(p_x)

    def derivatives(u: Array) -> tuple[Array, Array]:
        return -p_x / u, xp.sqrt(p_x) / u

    def gap(q: Array, gradient: Array) -> Array:
        total = xp.sum(q, axis=-1, keepdims=True)
        c = (1 - gradient) * total
        return xp.log(xp.max(c, axis=-1)) - xp.sum(q / total * xlogy(c, c), axis=-1)

    def ratios(weights: Array, q: Array) -> Array:
        return _times(xp.matrix_transpose(weights), p_x / _times(weights, q))

    m = weights.shape[-1]
    steps = xp.zeros(weights.shape[0], dtype=xp.int64, device=weights.device)
    # The one letter that serves best for all symbols: the answer for every slope below a critical one.
    q = xp.zeros_like(weights[:, 0, :])
    q[:, xp.argmin(p_x @ excess)] = 1.0
    with np.errstate(all="ignore"):  # it may leave a symbol without a letter
        more = ~(gap(q, 1 - ratios(weights, q)) <= 1e-15)
        if xp.any(more):
            weights, start = weights[more], xp.full_like(q[more], 1 / m)
            for _ in range(START):
                start = start * ratios(weights, start)
            start = xp.where(start > 1e-6 / m, start, 1e-6 / m)
            q[more], steps[more] = _minimise(
                weights, xp.ones_like(start), derivatives, gap, start, tol, max_iterations
            )
    return q / xp.sum(q, axis=-1, keepdims=True), steps


def _minimise(
    a: Array, linear: Array, derivatives: Derivatives, gap: Gap, q: Array, tol: float, max_iterations: int
) -> tuple[Array, Array]:
    r"""Minimise :math:`\sum_i \varphi((A q)_i) + \ell \cdot q` over q ≥ 0, for a batch of convex problems.

    ``derivatives`` returns φ' and the root of φ''; ``gap`` the distance from the minimum, from q and the
    gradient.  The first axis of a (…, n, m), linear (…, m) and the start q (…, m) is the batch.  Returns the
    minimisers and the numbers of steps.
    """
    xp = namespace(a)

    def derive(a: Array, linear: Array, q: Array) -> tuple[Array, Array]:
        slope, root = derivatives(_times(a, q))
        return linear + _times(xp.matrix_transpose(a), slope), root

    best, best_z = xp.asarray(q, copy=True), xp.ones_like(q)
    gaps, steps = xp.full_like(q[:, 0], math.inf), xp.zeros(q.shape[0], dtype=xp.int64, device=q.device)
    every, index = (a, linear), xp.arange(q.shape[0], device=q.device)
    # A failed step leaves inf or nan, which no comparison below takes for an improvement.
    with np.errstate(all="ignore"):
        gradient, root = derive(a, linear, q)
        z = xp.where(gradient > 0.1, gradient, 0.1)
        for step in range(max_iterations + 1):
            distance = gap(q, gradient)
            better = distance < gaps[index]
            won = index[better]
            best[won], best_z[won], gaps[won] = q[better], z[better], distance[better]
            steps[index] = step
            go = distance > tol
            if step == max_iterations or not xp.any(go):
                break
            if not xp.all(go):
                a, linear, q, z, gradient, root, index = (
                    v[go] for v in (a, linear, q, z, gradient, root, index)
                )
            mu = xp.mean(q * z, axis=-1, keepdims=True)
            mu = mu * xp.where(mu < 1e-3, xp.sqrt(mu), 0.03)  # faster than linear at the end
            dq = _newton(a, root, q, z, mu / q - gradient)
            dz = (mu - z * dq) / q - z
            q, z = q + _longest(q, dq) * dq, z + _longest(z, dz) * dz
            gradient, root = derive(a, linear, q)

        # The letters whose q is below z are out of use.  A few steps without a barrier settle the others.
        # Their z is the root of the machine precision: less would gain nothing and amplify rounding.
        a, linear = every
        used = best > best_z
        q = xp.where(used, best, 0.0)
        gradient, root = derive(a, linear, q)
        for _ in range(POLISH):
            q = q + _newton(a, root, q, xp.where(used, 1e-8, 1.0), -gradient)
            used = q > 0
            q = xp.where(used, q, 0.0)
            gradient, root = derive(a, linear, q)
            distance = gap(q, gradient)
            better = distance <= gaps
            best, gaps = xp.where(better[:, None], q, best), xp.where(better, distance, gaps)
    return best, steps


def _newton(a: Array, root: Array, q: Array, z: Array, right: Array) -> Array:
    """Return dq with (Aᵀ φ'' A + z/q) dq = right, from the smaller one of two matrices."""
    xp = namespace(a)
    scale = xp.sqrt(q)
    b = a * root[:, :, None] * scale[:, None, :]
    transposed = xp.matrix_transpose(b)
    z = xp.where(z > 1e-12, z, 1e-12)  # with equal letters in use, q is not unique
    right = scale * right
    n, m = b.shape[-2:]
    if n < m:
        matrix = xp.eye(n, dtype=a.dtype, device=a.device) + (b / z[:, None, :]) @ transposed
        right = right - _times(transposed, _solved(matrix, _times(b, right / z)))
        return scale * right / z
    matrix = transposed @ b + xp.eye(m, dtype=a.dtype, device=a.device) * z[:, None, :]
    return scale * _solved(matrix, right)


def _longest(q: Array, dq: Array) -> Array:
    """Return the length of a step, at most 1, that leaves q positive."""
    xp = namespace(q)
    ratios = xp.where(dq < 0, -q / dq, math.inf)
    longest = 0.995 * xp.min(ratios, axis=-1, keepdims=True)
    return xp.where(longest < 1, longest, 1.0)


def _times(matrices: Array, vectors: Array) -> Array:
    """Return the products of a batch of matrices with vectors."""
    return (matrices @ vectors[..., None])[..., 0]


def _solved(matrices: Array, vectors: Array) -> Array:
    """Return the solutions of positive definite systems; nan where a matrix is not finite."""
    xp = namespace(matrices)
    scale = xp.linalg.diagonal(matrices) ** -0.5
    scaled = matrices * scale[:, :, None] * scale[:, None, :]
    unit = xp.eye(scale.shape[-1], dtype=scale.dtype, device=scale.device)
    sound = xp.all(xp.isfinite(scaled), axis=(-2, -1))[:, None]
    # Rounding may leave a matrix singular, which would be an error for the whole batch.
    scaled = xp.where(sound[..., None], scaled, unit) + 1e-14 * unit
    solution = xp.linalg.solve(scaled, (scale * vectors)[..., None])[..., 0]
    return xp.where(sound, scale * solution, math.nan)
