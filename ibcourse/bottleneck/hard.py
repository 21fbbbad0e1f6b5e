r"""Hard clusterings: agglomerative and sequential, two baselines.

A deterministic encoder has :math:`I(X;T) = H(T)`, so that every :math:`L_\gamma` is
:math:`H(T) - \beta I(T;Y)` for it.  With :math:`u_{ty} = p(t, y)`,

.. math:: H(T) - \beta I(T;Y) = \sum_t \phi(u_t) - \beta H(Y), \qquad
          \phi(u_t) = (\beta - 1)\, p(t) \ln p(t) - \beta \sum_y u_{ty} \ln u_{ty},

a sum over clusters, and a move of one input changes two of its terms.

References
----------
- N. Slonim and N. Tishby, Agglomerative information bottleneck, NIPS 12 (1999).
- N. Slonim, N. Friedman and N. Tishby, Unsupervised document classification using sequential information
  maximization, SIGIR (2002).
"""

import numpy as np

from ibcourse._array import Array, ArrayLike, to_numpy, xlogy
from ibcourse.bottleneck.result import IBCurve, curve_of
from ibcourse.bottleneck.step import as_beta, as_joint
from ibcourse.sufficiency import greedy_merges


def agglomerative_ib(p_xy: ArrayLike, betas: ArrayLike) -> IBCurve:
    """Return, for each β, the best cut of the agglomerative tree.

    The tree merges, again and again, the two clusters whose merge costs least information about Y; no merge
    is ever undone.

    Parameters
    ----------
    p_xy : array_like, shape (X, Y)
        The joint distribution.
    betas : array_like, shape (B,)
        The β, not negative.

    Returns
    -------
    IBCurve
        Deterministic encoders, with γ = 0; ``bound`` is nan.

    Raises
    ------
    ValueError
        If p_xy is not a joint distribution, or a β is negative or not finite.

    Notes
    -----
    A greedy method: its curve lies on or below the best one.
    Source: Slonim and Tishby (1999).  Lesson: 04 Bottleneck.

    Examples
    --------
    >>> curve = agglomerative_ib([[0.3, 0.1], [0.15, 0.05], [0.1, 0.3]], [5, 50])
    >>> print(curve.encoder[1])
    [[1. 0.]
     [1. 0.]
     [0. 1.]]
    """
    xp, table = as_joint(p_xy)
    beta = as_beta(betas, table, "betas", axes=1)
    host = to_numpy(table)
    cuts = tree_cuts(host)
    values = np.array([[value(host, labels, b) for labels in cuts] for b in to_numpy(beta)])
    return curve_of(table, beta, 0.0, [xp.asarray(one_hot(cuts[k])) for k in values.argmin(axis=1)])


def sequential_ib(
    p_xy: ArrayLike, betas: ArrayLike, *, clusters: int | None = None, restarts: int = 10, seed: int = 0
) -> IBCurve:
    """Return, for each β, the best clustering that moves of single inputs reach from random ones.

    Parameters
    ----------
    p_xy : array_like, shape (X, Y)
        The joint distribution.
    betas : array_like, shape (B,)
        The β, not negative.
    clusters : int, optional
        The largest number of clusters; as many as inputs by default.
    restarts : int
        How many random clusterings are tried for each β.
    seed : int
        What they are drawn with.

    Returns
    -------
    IBCurve
        Deterministic encoders, with γ = 0; ``bound`` is nan.  No move of a single input improves them, but a
        better clustering may exist.

    Raises
    ------
    ValueError
        If p_xy is not a joint distribution, a β is negative or not finite, or clusters or restarts is not
        positive.

    Notes
    -----
    Source: Slonim, Friedman and Tishby (2002).  Lesson: 04 Bottleneck.

    Examples
    --------
    >>> curve = sequential_ib([[0.3, 0.1], [0.15, 0.05], [0.1, 0.3]], [50], clusters=2)
    >>> print(curve.encoder[0])
    [[1. 0.]
     [1. 0.]
     [0. 1.]]
    """
    xp, table = as_joint(p_xy)
    beta = as_beta(betas, table, "betas", axes=1)
    host = to_numpy(table)
    most = len(host) if clusters is None else clusters
    if most < 1 or restarts < 1:
        raise ValueError(f"clusters is {clusters} and restarts {restarts}; expected positive numbers.")
    rng = np.random.default_rng(seed)
    encoders = []
    for b in to_numpy(beta):
        tried = [
            moved(host, rng.integers(rng.integers(1, most + 1), size=len(host)), b, most)
            for _ in range(restarts)
        ]
        best = min(tried, key=lambda labels: value(host, labels, b))
        encoders.append(xp.asarray(one_hot(best)))
    return curve_of(table, beta, 0.0, encoders)


def tree_cuts(p_xy: np.ndarray) -> list[np.ndarray]:
    """Return the clusterings of the agglomerative tree, from one cluster to as many as inputs."""
    tree = greedy_merges(p_xy)
    return [tree.labels(k) for k in range(1, len(p_xy) + 1)]


def moved(p_xy: np.ndarray, labels: np.ndarray, beta: float, clusters: int) -> np.ndarray:
    """Return the labels after moves of single inputs, each to its best cluster, until none improves."""
    labels = labels.copy()
    u = np.zeros((clusters, p_xy.shape[1]))
    np.add.at(u, labels, p_xy)
    for _ in range(1000):
        quiet = True
        for x, row in enumerate(p_xy):
            old = labels[x]
            u[old] = np.clip(u[old] - row, 0, None)
            cost = _phi(u + row, beta) - _phi(u, beta)
            new = int(cost.argmin())
            if cost[new] >= cost[old] - 1e-13:
                new = old
            u[new] += row
            labels[x] = new
            quiet &= new == old
        if quiet:
            break
    return labels


def value(p_xy: np.ndarray, labels: np.ndarray, beta: float) -> float:
    """Return H(T) − β I(T;Y)."""
    u = np.zeros((labels.max() + 1, p_xy.shape[1]))
    np.add.at(u, labels, p_xy)
    p_y = p_xy.sum(axis=0)
    return float(_phi(u, beta).sum() + beta * xlogy(p_y, p_y).sum())


def one_hot(labels: np.ndarray) -> np.ndarray:
    """Return labels as an encoder, shape (X, T)."""
    return np.eye(labels.max() + 1)[labels]


def _phi(u: np.ndarray, beta: float) -> np.ndarray:
    p_t = u.sum(axis=1)
    terms: Array = (beta - 1) * xlogy(p_t, p_t) - beta * xlogy(u, u).sum(axis=1)
    return terms
