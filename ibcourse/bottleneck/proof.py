r"""A proof, up to rounding, of how far a solution is from the optimum: branch and bound.

For any positive :math:`s_x`, with :math:`a_x = p_x / s_x` and
:math:`D(q) = \sum_x a_x e^{-\beta D(W_x \| q)}`,

.. math:: L^* \ge -\sum_x p_x \ln s_x - \beta\, I(X;Y) - \ln \max_q D(q)

(see `ibcourse.bottleneck.check`).  Let :math:`\theta_y = \ln(q_y / q_m)` for the symbols of Y but the last.
Then

.. math::

    \ln D = \underbrace{\ln \sum_x a_x e^{\beta (h_x + \sum_y W_{xy} \theta_y)}}_{A(\theta)}
            - \beta \underbrace{\ln \Big(1 + \sum_y e^{\theta_y}\Big)}_{\ell(\theta)},

a difference of convex functions.  On a box, :math:`\ell` is not below its tangent at the centre, and
:math:`A - \beta \cdot \text{tangent}` is convex, so that its largest value is at a corner.  Boxes whose bound
is too high are halved.

Where D is largest, :math:`q` is a mean of rows :math:`W_x`.  So :math:`\theta_y` lies between the least and
the largest :math:`\ln(W_{xy} / W_{xm})`, and that is the box to begin with.
"""

from itertools import product

import numpy as np

from ibcourse._array import Array, ArrayLike, to_numpy
from ibcourse.bottleneck.check import insert, search
from ibcourse.bottleneck.fit import fit
from ibcourse.bottleneck.mixture import Levels, Problem, log_joint
from ibcourse.bottleneck.newton import newton
from ibcourse.bottleneck.result import IBCurve
from ibcourse.bottleneck.step import as_joint, decoder, lagrangian

MOST_LABELS = 5
LEAST_PROBABILITY = 1e-4
CHUNK = 2_000_000  # numbers that are computed with at once


def certify(p_xy: ArrayLike, curve: IBCurve, *, tol: float = 1e-6, boxes: int = 200_000) -> Array:
    r"""Prove how far the Lagrangians of a curve can be above the least ones.

    .. math:: L - L^* \le L + \sum_x p_x \ln s_x + \beta\, I(X;Y) + \ln \max_q D(q)

    The maximum is bounded by branch and bound over the simplex of distributions on Y.

    Parameters
    ----------
    p_xy : array_like, shape (X, Y)
        The joint distribution of the curve.  Y has at most 5 symbols, and no p(y|x) is below 1e-4.
    curve : IBCurve
        What `ib_curve` returned for it, with γ = 1.
    tol : float
        How closely the maximum is enclosed, in nats.
    boxes : int
        How many boxes are examined for one β.  If they do not suffice, the bound is valid but larger.

    Returns
    -------
    array, shape (B,)
        For each β a bound on the Lagrangian less the least one, in nats, rigorous but for rounding.

    Raises
    ------
    ValueError
        If Y has too many symbols, or some p(y|x) is zero or tiny; the number of boxes would be too large.
        If the curve is for γ ≠ 1, or does not belong to p_xy.

    Notes
    -----
    One β takes about 50 boxes where Y has 2 symbols, and 30 thousand, a tenth of a second, where it has 5.
    The number grows with that of the rows, and as the least p(y|x) falls.

    Lesson: 04 Bottleneck.

    Examples
    --------
    >>> from ibcourse.bottleneck import ib_curve
    >>> p_xy = [[0.4, 0.1], [0.1, 0.4]]
    >>> curve = ib_curve(p_xy, [2, 5])
    >>> print(certify(p_xy, curve) < 2e-6)
    [ True  True]
    """
    xp, table = as_joint(p_xy)
    if curve.gamma != 1:
        raise ValueError(f"The curve is for gamma = {curve.gamma}; the bound holds for gamma = 1 only.")
    if curve.encoder and curve.encoder[0].shape[0] != table.shape[0]:
        raise ValueError(
            f"p_xy has {table.shape[0]} rows and the encoders of the curve {curve.encoder[0].shape[0]}; "
            "expected the distribution that the curve was computed for."
        )
    host = to_numpy(table)
    problem = Problem(host)
    if problem.m > MOST_LABELS:
        raise ValueError(
            f"Y has {problem.m} symbols; a proof is feasible up to {MOST_LABELS}. "
            "The numerical bound of the curve has no such limit."
        )
    if problem.p_y_x.min() < LEAST_PROBABILITY:
        raise ValueError(
            f"The least p(y|x) is {problem.p_y_x.min():.3g}; "
            f"a proof is feasible from {LEAST_PROBABILITY:g} on. "
            "The numerical bound of the curve has no such limit."
        )
    bounds = [
        _bound(problem, host, float(beta), to_numpy(encoder), tol, boxes)
        for beta, encoder in zip(to_numpy(curve.beta), curve.encoder, strict=True)
    ]
    return xp.asarray(bounds, dtype=table.dtype, device=table.device)


def _bound(
    problem: Problem, p_xy: np.ndarray, beta: float, encoder: np.ndarray, tol: float, boxes: int
) -> float:
    """Return the bound for one encoder."""
    value = float(lagrangian(p_xy, encoder, beta))
    if beta <= 1 or problem.n == 1:  # the least Lagrangian is 0, by the data-processing inequality
        return max(0.0, value)
    level = Levels(problem, np.array([beta]))
    u = to_numpy(decoder(p_xy, encoder).p_t)[:, None] * decoder(p_xy, encoder).p_y_given_t
    u = u[:, p_xy.sum(axis=0) > 0].T[:, None]
    # Any mixture gives a bound; the nearer to the optimum, the better.
    state = fit(level, log_joint(problem, u), residual=0.0, decrease=1e-15).state
    for _ in range(3):
        peaks = search(level, state)
        if peaks.bound[0] <= tol / 10:
            break
        state = fit(level, insert(level, 0, state, peaks), residual=0.0, decrease=1e-15).state
        state = newton(level, state)
    log_a = (problem.log_p_x - state.log_s[:, 0]) + beta * problem.h
    highest = _maximum(problem.p_y_x, log_a, beta, tol, boxes)
    return max(0.0, value - (float(state.f[0]) - highest))


def _maximum(w: np.ndarray, log_a: np.ndarray, beta: float, tol: float, boxes: int) -> float:
    """Return an upper bound on ln D over the simplex: tol or less above the maximum if the boxes suffice."""
    log_ratio = np.log(w[:, :-1] / w[:, -1:])
    low, high = log_ratio.min(axis=0), log_ratio.max(axis=0)
    centre, half = ((low + high) / 2)[None], ((high - low) / 2)[None]
    corners = np.array(list(product((-1.0, 1.0), repeat=w.shape[1] - 1)))  # (C, m − 1)
    size = max(1, CHUNK // (len(corners) * len(w)))
    goal = tol
    settled, examined = -np.inf, 0
    while len(centre):
        examined += len(centre)
        upper, value = (
            np.concatenate(parts)
            for parts in zip(
                *(
                    _enclose(w, log_a, beta, centre[k : k + size], half[k : k + size], corners)
                    for k in range(0, len(centre), size)
                ),
                strict=True,
            )
        )
        goal = max(goal, float(value.max()) + tol)  # no box can be better than what is attained
        wide = upper > goal
        settled = max(settled, float(upper[~wide].max(initial=-np.inf)))
        if examined + 2 * wide.sum() > boxes:
            return max(settled, float(upper[wide].max(initial=-np.inf)))
        centre, half = centre[wide], half[wide]
        axis = half.argmax(axis=1)
        rows = np.arange(len(centre))
        half = half.copy()
        half[rows, axis] /= 2
        shift = np.zeros_like(half)
        shift[rows, axis] = half[rows, axis]
        centre, half = np.concatenate([centre - shift, centre + shift]), np.concatenate([half, half])
    return settled


def _enclose(
    w: np.ndarray, log_a: np.ndarray, beta: float, centre: np.ndarray, half: np.ndarray, corners: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return for each box an upper bound on ln D, and ln D at its centre."""

    def convex(theta: np.ndarray) -> np.ndarray:
        z = log_a + beta * (theta @ w[:, :-1].T)
        top = z.max(axis=-1)
        return top + np.log(np.exp(z - top[..., None]).sum(axis=-1))

    top = np.maximum(centre.max(axis=1), 0)
    total = np.exp(centre - top[:, None]).sum(axis=1) + np.exp(-top)
    log_sum = top + np.log(total)
    slope = np.exp(centre - log_sum[:, None])
    away = corners * half[:, None]  # (K, C, m − 1)
    tangent = log_sum[:, None] + np.einsum("kcy,ky->kc", away, slope)
    upper = (convex(centre[:, None] + away) - beta * tangent).max(axis=1)
    return upper, convex(centre) - beta * log_sum
