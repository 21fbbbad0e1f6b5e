r"""The onset of learning: from which price on an encoder is worth anything.

One cluster at a time
---------------------

Let a cluster t stand for the distribution :math:`r = p(x|t)` of its inputs, let W be the channel
:math:`p(y|x)`, and :math:`rW = p(y|t)`.  The Lagrangian is a mean over clusters,

.. math:: I(X;T) - \beta I(T;Y) = \sum_t p(t)\, F_\beta(p(x|t)), \qquad
    F_\beta(r) = D(r \| p_X) - \beta D(rW \| p_Y),

and the means of the r are :math:`p_X`.  If :math:`F_\beta(r) < 0` for some r, a small cluster of this
kind pays, since what is left over is near :math:`p_X`, where F is of second order.  So the constant
encoder is optimal exactly up to

.. math:: \beta_0 = \inf_{r \ne p_X} \frac{D(r \| p_X)}{D(rW \| p_Y)} \ge 1,

the inverse of the contraction coefficient of the strong data-processing inequality (Ahlswede and Gács
1976).
For :math:`r = p_X (1 + \varepsilon f)`, :math:`\varepsilon \to 0`, the least ratio is :math:`1/\sigma_2^2`,
where :math:`\sigma_2` is the second singular value of :math:`p(x,y)/\sqrt{p(x) p(y)}`, the maximal
correlation.  This bounds :math:`\beta_0` from above.  At this price the constant encoder ceases to be a
*local* optimum.

Kinds of onset
--------------

- *continuous*: :math:`\beta_0 = 1/\sigma_2^2`, and the infimum is only approached.  Clusters leave
  :math:`p_X` in small steps.
- *first-order*: :math:`\beta_0 < 1/\sigma_2^2`, attained at some r at a distance from :math:`p_X`.  In the
  window between the two the constant encoder is a local optimum but not the global one, and an iteration that
  starts near it stays.  The third-order term of the expansion above makes this the rule and equality the
  exception: :math:`E f^3 \ne \sigma_2\, E g^3` for the two singular functions suffices.
- *degenerate*: :math:`\beta_0 = 1/\sigma_2^2`, and attained far from :math:`p_X` as well, so that much is
  learnt at once.  If the support of p(x, y) falls into blocks, as for a deterministic Y, :math:`\beta_0 = 1`
  and the block is learnt; of an erasure channel, everything.
- *none*: X and Y are independent.

The new cluster of a first-order onset has a location at a distance, but as a rule its weight grows from zero,
so that I(X;T) does too, in proportion to :math:`\beta - \beta_0`.  I(X;T) jumps only if :math:`p_X` is a
mixture of minimisers, as the symmetry of a channel may make it.

References
----------
- H. S. Witsenhausen and A. D. Wyner, A conditional entropy bound for a pair of discrete random variables,
  IEEE Transactions on Information Theory 21 (1975).
- R. Ahlswede and P. Gács, Spreading of sets in product spaces and hypercontraction of the Markov operator,
  Annals of Probability 4 (1976).
- V. Anantharam, A. Gohari, S. Kamath and C. Nair, On maximal correlation, hypercontractivity, and the
  data processing inequality studied by Erkip and Cover, arXiv:1304.6133 (2013).
- T. Wu, I. Fischer, I. L. Chuang and M. Tegmark, Learnability for the information bottleneck, Entropy 21
  (2019).
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import scipy  # its parts load at their first use

from ibcourse._array import Array, ArrayLike, check_distribution, to_numpy, tolerance
from ibcourse.bottleneck.step import as_joint
from ibcourse.information.measures import _condition, _entropy, _kl_divergence

NEAR = 1e-12  # below this D(rW‖p_Y) rounding spoils the ratio; r counts as the limit at p_X
RELATIVE = 1e-9  # a ratio this much below 1/σ₂² is below it
SPREAD = 1e-3  # how far apart two minimisers are, and how much worse one may be before it is polished
MOST = 64  # starts that are followed to the end


class ClusterDivergences(NamedTuple):
    """What a cluster costs and what it brings: D(r‖p_X) and D(rW‖p_Y), in nats."""

    cost: Array
    gain: Array


def cluster_divergences(p_xy: ArrayLike, r: ArrayLike) -> ClusterDivergences:
    r"""Return what a cluster of inputs costs in I(X;T) and what it brings in I(T;Y), per weight.

    .. math:: D(r \| p_X), \qquad D(rW \| p_Y)

    Parameters
    ----------
    p_xy : array_like, shape (X, Y)
        The joint distribution.
    r : array_like, shape (..., X)
        Distributions p(x|t) of the inputs in a cluster.

    Returns
    -------
    ClusterDivergences
        ``cost`` and ``gain`` in nats, each of shape (...).  The cost is infinite if r has an input of
        probability zero.

    Raises
    ------
    ValueError
        If p_xy is not a joint distribution, r is none, or they do not fit.

    Notes
    -----
    The Lagrangian of an encoder is the mean over its clusters of cost − β gain.
    Source: Witsenhausen and Wyner (1975).  Lesson: 04 Bottleneck.

    Examples
    --------
    >>> cost, gain = cluster_divergences([[0.4, 0.1], [0.1, 0.4]], [[0.5, 0.5], [1, 0]])
    >>> print(cost.round(4), gain.round(4))
    [0.     0.6931] [0.     0.1927]
    """
    _, table, rows = as_joint(p_xy, r=r)
    check_distribution(rows, "r", 1, tolerance(r))
    if rows.shape[-1] != table.shape[0]:
        raise ValueError(
            f"r has shape {tuple(rows.shape)} and p_xy {tuple(table.shape)}; expected (..., X) and (X, Y)."
        )
    p_x, channel = _condition(table)
    return ClusterDivergences(_kl_divergence(rows, p_x), _kl_divergence(rows @ channel, table.sum(0)))


@dataclass(frozen=True, eq=False)
class Onset:
    """From which β on the bottleneck keeps anything.

    Attributes
    ----------
    beta : float
        β₀, the least ratio D(r‖p_X)/D(rW‖p_Y); infinite if X and Y are independent.
    local : float
        1/σ₂², where the constant encoder ceases to be a local optimum.  Never less than ``beta``.
    kind : str
        "continuous", "first-order", "degenerate" or "none"; the text of the module says what each means.
    minimiser : numpy.ndarray of shape (X,), or None
        The r of the new cluster.  None if the infimum is only approached, at p_X.
    direction : numpy.ndarray, shape (X,)
        The singular function f of σ₂, with mean 0 and variance 1: clusters of a continuous onset start as
        p(x) (1 ± εf(x)).  Determined up to its sign if σ₂ is simple.
    jump : float
        I(X;T) just above ``beta``, in nats.  0 if it grows from zero.
    """

    beta: float
    local: float
    kind: str
    minimiser: np.ndarray | None
    direction: np.ndarray
    jump: float


def onset(p_xy: ArrayLike) -> Onset:
    r"""Return the price from which on the constant encoder is not optimal.

    .. math:: \beta_0 = \inf_{r \ne p_X} \frac{D(r \| p_X)}{D(rW \| p_Y)}

    Parameters
    ----------
    p_xy : array_like, shape (X, Y)
        The joint distribution.

    Returns
    -------
    Onset
        β₀, the local threshold, the kind of onset, the minimiser and the jump.

    Raises
    ------
    ValueError
        If p_xy is not a joint distribution.

    See Also
    --------
    envelope : The optimum itself for two or three inputs.

    Notes
    -----
    The ratio is not convex.  It is lowered from many starts by
    :math:`r' \propto p_X \exp(\beta W \ln(rW / p_Y))` with the current ratio as β, which never raises it, and
    then by a quasi-Newton method.  So β₀ is an upper bound, exact up to rounding if one start finds the
    global minimum; the tests compare with grids and envelopes.  A relative gap to 1/σ₂² below 1e-9 counts as
    none, and a maximal correlation below 1e-7 as independence.
    Source: Witsenhausen and Wyner (1975); Wu et al. (2019).  Lesson: 04 Bottleneck.

    Examples
    --------
    A symmetric channel: 1/(1 − 2 · 0.1)² = 1.5625.

    >>> found = onset([[0.45, 0.05], [0.05, 0.45]])
    >>> print(found.kind, round(found.beta, 6))
    continuous 1.5625

    Without the symmetry the onset comes before the local threshold:

    >>> found = onset([[0.05, 0.45], [0.4, 0.1]])
    >>> print(found.kind, round(found.beta, 6), round(found.local, 6), found.minimiser.round(6))
    first-order 2.006803 2.020408 [0.640364 0.359636]
    """
    _, table = as_joint(p_xy)
    full = to_numpy(table)
    used = full.sum(1) > 0
    table = full[used][:, full.sum(0) > 0]
    p_x, p_y = table.sum(1), table.sum(0)
    scale = np.sqrt(p_x[:, None] * p_y)
    u, sigma, _ = np.linalg.svd((table / scale) - scale)
    direction = padded(u[:, 0] / np.sqrt(p_x), used)
    blocks, block = scipy.sparse.csgraph.connected_components(
        scipy.sparse.block_array([[None, table > 0], [(table > 0).T, None]]), directed=False
    )
    if blocks > 1:
        weights = np.bincount(block[: len(p_x)], p_x)
        first = p_x * (block[: len(p_x)] == 0)
        return Onset(
            1.0, 1.0, "degenerate", padded(first / first.sum(), used), direction, float(_entropy(weights))
        )
    if sigma[0] < 1e-7:
        return Onset(np.inf, np.inf, "none", None, direction, 0.0)
    local = float(1 / sigma[0] ** 2)
    channel, corners = table / p_x[:, None], np.eye(len(p_x))
    ratios, minimisers = _search(p_x, channel, p_y, u / np.sqrt(p_x)[:, None], local)
    least = min([local, *ratios])
    minimisers = np.vstack([minimisers.reshape(-1, len(p_x)), corners])  # of a flat ratio the extreme ones
    ratios = np.concatenate([ratios, _ratio(corners, p_x, channel, p_y, np.inf)])
    best = minimisers[ratios <= least * (1 + RELATIVE)]
    jump = _largest_information(p_x, best) if len(best) else 0.0
    if least < local * (1 - RELATIVE):
        return Onset(float(least), local, "first-order", padded(best[0], used), direction, jump)
    if jump:  # the limit at p_X is attained far from it, too
        return Onset(local, local, "degenerate", padded(best[0], used), direction, jump)
    return Onset(local, local, "continuous", None, direction, 0.0)


def _search(
    p_x: np.ndarray, channel: np.ndarray, p_y: np.ndarray, functions: np.ndarray, local: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return local minima of the ratio away from p_X, the least first, and where they are."""
    r = _starts(p_x, functions)
    for rounds in (10, 200):
        for _ in range(rounds):
            r = _lower(r, _ratio(r, p_x, channel, p_y, local), p_x, channel, p_y)
        ratio = _ratio(r, p_x, channel, p_y, local)
        r = r[ratio.argsort()[:MOST]]
    r = _distinct(r)
    ratio = _ratio(r, p_x, channel, p_y, local)
    r = np.array([_polish(row, p_x, channel, p_y, local) for row in r[ratio <= ratio.min() * (1 + SPREAD)]])
    ratio = _ratio(r, p_x, channel, p_y, local)
    order = ratio.argsort()
    r = _distinct(r[order])
    away = _kl_divergence(r @ channel, p_y) > NEAR
    return _ratio(r[away], p_x, channel, p_y, local), r[away]


def _starts(p_x: np.ndarray, functions: np.ndarray) -> np.ndarray:
    """Return distributions near each input, along the leading singular functions, and at random."""
    n = len(p_x)
    near = [(1 - share) * np.eye(n) + share * p_x for share in (0.5, 0.05)]
    along = [np.log(p_x) + size * functions[:, :8].T for size in (-3, -1, -0.3, -0.05, 0.05, 0.3, 1, 3)]
    random = np.random.default_rng(0).dirichlet(np.full(n, 0.5), 32) + 1e-6 * p_x
    tilted = scipy.special.softmax(np.concatenate(along), axis=1)
    return np.concatenate([*near, tilted, random / random.sum(1, keepdims=True)])


def _ratio(r: np.ndarray, p_x: np.ndarray, channel: np.ndarray, p_y: np.ndarray, local: float) -> np.ndarray:
    gain = _kl_divergence(r @ channel, p_y)
    return np.where(gain > NEAR, _kl_divergence(r, p_x) / np.maximum(gain, NEAR), local)


def log_ratio(q: np.ndarray, p: np.ndarray) -> np.ndarray:
    """Return ln(q/p), finite where q = 0."""
    return np.log(np.maximum(q, 1e-300) / p)


def _lower(
    r: np.ndarray, ratio: np.ndarray, p_x: np.ndarray, channel: np.ndarray, p_y: np.ndarray
) -> np.ndarray:
    """Return r after a step that does not raise its ratio."""
    # With β = ratio, F_β is 0 at r.  It is convex less convex.  With the tangent at r in place of what is
    # taken off, it is bounded from above, and the minimum of the bound has a closed form.  There F_β ≤ 0.
    tilt = log_ratio(r @ channel, p_y) @ channel.T
    return scipy.special.softmax(np.log(p_x) + ratio[:, None] * tilt, axis=1)


def _distinct(r: np.ndarray) -> np.ndarray:
    """Return the rows without those near an earlier one."""
    kept: list[np.ndarray] = []
    for row in r:
        if all(abs(row - other).max() > SPREAD for other in kept):
            kept.append(row)
    return np.array(kept)


def _polish(r: np.ndarray, p_x: np.ndarray, channel: np.ndarray, p_y: np.ndarray, local: float) -> np.ndarray:
    """Return the local minimum near r, among r ∝ p_X exp(W θ): all stationary points are of this kind."""

    def at(theta: np.ndarray) -> np.ndarray:
        return scipy.special.softmax(np.log(p_x) + channel @ theta)

    def ratio_and_gradient(theta: np.ndarray) -> tuple[float, np.ndarray]:
        r = at(theta)
        q = r @ channel
        gain = _kl_divergence(q, p_y)
        if gain <= NEAR:
            return local, np.zeros_like(theta)
        ratio = _kl_divergence(r, p_x) / gain
        slope = log_ratio(r, p_x) - ratio * (channel @ log_ratio(q, p_y))
        return ratio, channel.T @ (r * (slope - r @ slope)) / gain

    theta = _ratio(r[None], p_x, channel, p_y, local) * log_ratio(r @ channel, p_y)
    found = scipy.optimize.minimize(
        ratio_and_gradient, theta, jac=True, method="BFGS", options={"gtol": 1e-12, "maxiter": 500}
    )
    better = found.fun < _ratio(r[None], p_x, channel, p_y, local)[0]
    return at(found.x) if better else r


def _largest_information(p_x: np.ndarray, minimisers: np.ndarray) -> float:
    """Return the largest I(X;T) of clusters of these kinds, and of p_X itself, that have the mean p_X."""
    atoms = np.vstack([minimisers, p_x])
    information = _kl_divergence(atoms, p_x)
    solution = scipy.optimize.linprog(-information, A_eq=atoms.T, b_eq=p_x, method="highs")
    found = -float(solution.fun) if solution.status == 0 else 0.0
    return found if found > 1e-5 else 0.0  # less is what rounding leaves


def padded(values: np.ndarray, used: np.ndarray) -> np.ndarray:
    """Return the values at the inputs that occur, on the last axis, and 0 at the others."""
    result = np.zeros((*values.shape[:-1], len(used)))
    result[..., used] = values
    return result
