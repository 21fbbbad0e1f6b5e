r"""The optimum of the bottleneck as a convex envelope, for two or three inputs.

The Lagrangian of an encoder is the mean of

.. math:: F_\beta(r) = D(r \| p_X) - \beta D(rW \| p_Y)

over its clusters :math:`r = p(x|t)`, whose mean is :math:`p_X`; and any clusters with this mean belong to an
encoder.  So the optimum :math:`L^*(\beta)` is the *lower convex envelope* of :math:`F_\beta` at :math:`p_X`
(Witsenhausen and Wyner 1975): the height over :math:`p_X` of the lowest chord, triangle and so on between
points of the graph.  Its ends are the clusters of an optimal encoder.

A *supporting line* :math:`\ell(r) = \sum_x \ell_x r(x) \le F_\beta(r)` certifies a lower bound,
:math:`\ell(p_X) \le L^*(\beta)`, since the mean of :math:`\ell` over clusters is its value at their mean.  An
encoder whose clusters lie on the line is optimal.

Here the graph is computed on a grid, the simplex method finds the chord over :math:`p_X`, the grid is refined
where the chord comes near, and a quasi-Newton method polishes the clusters.  Their common tangent is then
compared with all grids.  The grid and not a start decides which clusters are found, unlike in `ib_curve`, so
that the two can check each other.

References
----------
- H. S. Witsenhausen and A. D. Wyner, A conditional entropy bound for a pair of discrete random variables,
  IEEE Transactions on Information Theory 21 (1975).
"""

from dataclasses import dataclass

import numpy as np
import scipy  # its parts load at their first use

from ibcourse._array import ArrayLike, to_numpy
from ibcourse.bottleneck.step import as_beta, as_joint, ib_step
from ibcourse.bottleneck.threshold import cluster_divergences, log_ratio, padded
from ibcourse.information.measures import _condition, _kl_divergence

ROUNDS = 4  # of refinement; each divides the width by 4
CENTRES = 12  # points of the first grid that are refined, beside the clusters
PIVOTS = 500  # of the simplex method at most; what it leaves shows in the gap
STEPS = 20  # of the iteration, at the end


@dataclass(frozen=True, eq=False)
class Envelope:
    r"""The lower convex envelope of F_β at p_X.

    Attributes
    ----------
    beta : float
        The price.
    p_x : numpy.ndarray, shape (X,)
        Where the envelope is taken.
    points : numpy.ndarray, shape (N, X)
        The first grid of distributions r; for two inputs in the order of r(x₁).
    values : numpy.ndarray, shape (N,)
        F_β there, in nats: the curve, or surface, to draw.
    atoms : numpy.ndarray, shape (T, X)
        The clusters p(x|t) of an optimal encoder, by decreasing weight.
    weights : numpy.ndarray, shape (T,)
        Their weights p(t).
    i_xt, i_ty : float
        I(X;T) and I(T;Y) of this encoder, in nats.
    support : numpy.ndarray, shape (X,)
        The supporting line: ``r @ support`` is at most F_β(r), up to ``gap``.
    gap : float
        How far ``lagrangian`` may be above the optimum, in nats: what the line exceeds F_β by at worst on all
        grids.
    """

    beta: float
    p_x: np.ndarray
    points: np.ndarray
    values: np.ndarray
    atoms: np.ndarray
    weights: np.ndarray
    i_xt: float
    i_ty: float
    support: np.ndarray
    gap: float

    @property
    def lagrangian(self) -> float:
        """L*(β) = I(X;T) − β I(T;Y), in nats."""
        return self.i_xt - self.beta * self.i_ty

    @property
    def encoder(self) -> np.ndarray:
        """p(t|x), shape (X, T); an input of probability zero goes to the first cluster."""
        joint = (self.weights[:, None] * self.atoms).T
        first = np.eye(len(self.weights))[0]
        total = joint.sum(1, keepdims=True)
        return np.where(total > 0, joint / np.where(total > 0, total, 1), first)


def envelope(p_xy: ArrayLike, beta: float, *, resolution: int = 200) -> Envelope:
    r"""Return the optimum of the bottleneck for two or three inputs, with a line that certifies it.

    .. math:: L^*(\beta) = \min \Big\{ \sum_t w_t F_\beta(r_t) : \sum_t w_t r_t = p_X \Big\}
        = \max \big\{ \ell(p_X) : \ell \le F_\beta \big\}

    Parameters
    ----------
    p_xy : array_like, shape (X, Y)
        The joint distribution, with at most three x of positive probability.
    beta : float
        The price, not negative.
    resolution : int
        How many intervals the first grid has between 0 and 1, at least 20; a quarter of it for three inputs.

    Returns
    -------
    Envelope
        The graph, the clusters, their informations and the supporting line.

    Raises
    ------
    ValueError
        If p_xy is not a joint distribution, more than three inputs occur, beta is negative or not finite, or
        resolution is less than 20.

    See Also
    --------
    onset : From which β on the optimum is negative.

    Notes
    -----
    ``lagrangian`` is that of an encoder, and so not below the optimum.  The first grid is dense near the
    faces too.  A dip of F_β that is narrower than its intervals could be missed; F_β is smooth away from the
    faces, so that this takes a large β.
    Source: Witsenhausen and Wyner (1975).  Lesson: 04 Bottleneck.

    Examples
    --------
    In the window before the local threshold 2.0204 the optimum has a cluster far from p_X:

    >>> e = envelope([[0.05, 0.45], [0.4, 0.1]], 2.015)
    >>> print(f"{e.lagrangian:.2e}", e.atoms.round(3).tolist(), e.weights.round(3))
    -2.48e-05 [[0.465, 0.535], [0.672, 0.328]] [0.833 0.167]
    """
    _, table = as_joint(p_xy)
    full = to_numpy(table)
    price = as_beta(beta, full)
    if price.ndim or resolution < 20:
        raise ValueError(f"beta is {beta} and resolution {resolution}; expected one number, and 20 or more.")
    p_x_full = full.sum(1)
    used = p_x_full > 0
    table, p_x = full[used][:, full.sum(0) > 0], p_x_full[used]
    if len(p_x) > 3:
        raise ValueError(
            f"{len(p_x)} inputs occur; the envelope is computed for two or three. For more, use ib_curve; or "
            "merge inputs with equal p(y|x) first: minimal_sufficient finds them."
        )
    points = np.unique(np.vstack([_grid(len(p_x), resolution), p_x]), axis=0)
    values = _cost(table, points, float(price))
    atoms, weights, grid, heights = _refined(table, points, values, float(price))
    atoms, weights = _polished(table, *_merged(table, atoms, weights, float(price)), float(price))
    support = _line(table, atoms, weights, float(price))
    exceeded = float((grid @ support - heights).max())
    order = np.argsort(-weights, kind="stable")
    atoms, weights = padded(atoms[order], used), weights[order]
    cost, gain = cluster_divergences(full, atoms)
    i_xt, i_ty = float(weights @ cost), float(weights @ gain)
    return Envelope(
        float(price),
        p_x_full,
        padded(points, used),
        values,
        atoms,
        weights,
        i_xt,
        i_ty,
        padded(support, used),
        max(0.0, i_xt - float(price) * i_ty - float(support @ p_x) + exceeded),
    )


def _grid(n: int, resolution: int) -> np.ndarray:
    """Return distributions over n symbols, dense near the faces of the simplex too."""
    if n == 1:
        return np.ones((1, 1))
    if n == 2:
        small = np.append(0.0, np.geomspace(1e-7, 1 / resolution, resolution // 5, endpoint=False))
        inner = np.arange(1, resolution) / resolution
        halves = [np.stack([s, 1 - s], axis=1) for s in (small, inner)]
        return np.vstack([*halves, halves[0][:, ::-1]])
    pairs = _grid(2, resolution // 4)
    a, b = pairs[:, None], pairs[None]
    return np.stack(np.broadcast_arrays(a[..., 0], a[..., 1] * b[..., 0], a[..., 1] * b[..., 1]), -1).reshape(
        -1, 3
    )


def _cost(table: np.ndarray, r: np.ndarray, beta: float) -> np.ndarray:
    """Return F_β(r), shape (N,)."""
    p_x, channel = _condition(table)
    return _kl_divergence(r, p_x) - beta * _kl_divergence(r @ channel, table.sum(0))


def _refined(
    table: np.ndarray, points: np.ndarray, values: np.ndarray, beta: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return clusters, their weights, and all points of the grids with their F_β."""
    p_x = table.sum(1)
    axes = np.linspace(-1, 1, 9)
    steps = np.stack(np.meshgrid(*[axes] * (len(p_x) - 1), [0.0], indexing="ij"), -1).reshape(-1, len(p_x))
    atoms, weights, support = _chord(points, values, p_x)
    first, heights = points, values
    for i in range(ROUNDS):
        lowest = np.argsort(heights[: len(first)] - first @ support)[:CENTRES]
        centres = np.vstack([atoms, first[lowest]])
        moved = centres[:, None] * np.exp(0.25**i * steps)
        nearby = (moved / moved.sum(-1, keepdims=True)).reshape(-1, len(p_x))
        points, heights = np.vstack([points, nearby]), np.append(heights, _cost(table, nearby, beta))
        atoms, weights, support = _chord(points, heights, p_x)
    return atoms, weights, points, heights


def _chord(
    points: np.ndarray, values: np.ndarray, p_x: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the ends of the lowest chord over p_X between points of a graph, their weights, and its line."""
    # The simplex method from the vertices.  For two or three rows it is short, and more reliable than a
    # general solver, which may give up on columns that are nearly equal.
    basis = points.argmax(0)
    slack_of_rounding = 1e-12 * (1 + abs(values).max())
    for _ in range(PIVOTS):
        support = np.linalg.solve(points[basis], values[basis])
        weights = np.maximum(np.linalg.solve(points[basis].T, p_x), 0)
        slack = values - points @ support
        new = slack.argmin()
        if slack[new] >= -slack_of_rounding:
            break
        change = np.linalg.solve(points[basis].T, points[new])
        lasting = np.full(len(basis), np.inf)
        np.divide(weights, change, out=lasting, where=change > 1e-9)
        basis[lasting.argmin()] = new
    return points[basis[weights > 0]], weights[weights > 0], support


def _merged(
    table: np.ndarray, atoms: np.ndarray, weights: np.ndarray, beta: float
) -> tuple[np.ndarray, np.ndarray]:
    """Join clusters of which the chord has two beside each other, wherever that costs nothing."""
    for i in range(len(atoms)):
        for j in range(i):
            pair = np.array([i, j])
            mean = weights[pair] @ atoms[pair] / weights[pair].sum()
            apart = weights[pair] @ _cost(table, atoms[pair], beta)
            if weights[pair].sum() * _cost(table, mean[None], beta)[0] <= apart:
                rest = [k for k in range(len(atoms)) if k not in (i, j)]
                atoms, total = np.vstack([atoms[rest], mean]), weights[pair].sum()
                return _merged(table, atoms, np.append(weights[rest], total), beta)
    return atoms, weights


def _polished(
    table: np.ndarray, atoms: np.ndarray, weights: np.ndarray, beta: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the local optimum of the encoder near these clusters; their mean is p_X up to rounding."""
    p_x, channel = _condition(table)
    p_y = table.sum(0)

    def encoder_of(logits: np.ndarray) -> np.ndarray:
        return scipy.special.softmax(logits.reshape(-1, len(weights)), axis=1)

    def objective(logits: np.ndarray) -> tuple[float, np.ndarray]:
        encoder = encoder_of(logits)
        joint = p_x[:, None] * encoder
        r = (joint / joint.sum(0)).T
        # F_β(r) = Σ r(x) c(x), and c is its gradient too, up to a constant.
        cost = (log_ratio(r, p_x) - beta * log_ratio(r @ channel, p_y) @ channel.T).T
        mean = (encoder * cost).sum(1, keepdims=True)
        return (joint * cost).sum(), (joint * (cost - mean)).ravel()

    start = log_ratio(weights * atoms.T, p_x[:, None])
    found = scipy.optimize.minimize(
        objective, start.ravel(), jac=True, method="BFGS", options={"gtol": 1e-13}
    )
    encoder = encoder_of(found.x)
    for _ in range(STEPS):  # logits leave tiny probabilities inexact; the iteration sets them at once
        encoder = ib_step(table, encoder, beta)
    joint = (p_x[:, None] * encoder).T
    joint = joint[joint.sum(1) > 0]
    return joint / joint.sum(1, keepdims=True), joint.sum(1)


def _line(table: np.ndarray, atoms: np.ndarray, weights: np.ndarray, beta: float) -> np.ndarray:
    """Return the common tangent of F_β at the clusters of an optimal encoder."""
    # There r_t(x) = p(x) K(x, t)/s(x) with K = exp(−β D(p(y|x) ‖ p(y|t))) and s = Σ_t w_t K, and the tangent
    # at r_t, which is ln r_t/p − β Σ_y p(y|x) ln p(y|t)/p(y), is −ln s − β D(p(y|x) ‖ p_Y) for every t.
    if beta == 0:
        return np.zeros(len(table))
    _, channel = _condition(table)
    divergence = _kl_divergence(channel[:, None], (atoms @ channel)[None])
    own = _kl_divergence(channel, table.sum(0))
    return -scipy.special.logsumexp(-beta * divergence, axis=1, b=weights) - beta * own
