r"""The generalised bottleneck, γ ≠ 1, and the deterministic one, γ = 0.

The objective :math:`H(T) - \gamma H(T|X) - \beta I(T;Y)` is not convex in a mixing measure, as that of γ = 1
is, so there is no bound on the distance from the optimum.  What can be done is to run the fixed-point
iteration of `ibcourse.bottleneck.step` from many starts and keep the best end:

- for each β, an input a cluster, random clusterings, the cuts of the agglomerative tree, and the bottleneck's
  solution (γ = 1);
- the solution of the next larger β, then of the next smaller one, and at last the best solution of any β.

For γ = 0 moves of single inputs follow, until neither they nor a step improve the clustering.

References
----------
- D. J. Strouse and D. J. Schwab, The deterministic information bottleneck, Neural Computation 29 (2017).
"""

from typing import NamedTuple

import numpy as np

from ibcourse._array import to_numpy
from ibcourse.bottleneck.hard import moved, one_hot, tree_cuts, value
from ibcourse.bottleneck.step import lagrangian, step_unchecked

ITERATIONS = 500
CUTS = 4  # of the agglomerative tree, the best of which are starts


class Local(NamedTuple):
    """The best of several local optima at one β."""

    encoder: np.ndarray
    value: float
    converged: bool
    iterations: int


def generalised(
    p_xy: np.ndarray, betas: np.ndarray, gamma: float, soft: list[np.ndarray], restarts: int, seed: int
) -> list[Local]:
    """Return the best local optimum for each of the ascending β; `soft` has the solutions of γ = 1."""
    rng = np.random.default_rng(seed)
    cuts = tree_cuts(p_xy)
    n = len(p_xy)
    best: list[Local] = []
    for beta, solution in zip(betas, soft, strict=True):
        ranking = np.argsort([value(p_xy, labels, float(beta)) for labels in cuts], kind="stable")
        hard = [*(cuts[k] for k in ranking[:CUTS]), np.arange(n)]
        hard += [rng.integers(rng.integers(1, n + 1), size=n) for _ in range(restarts)]
        best.append(_best(p_xy, [*map(one_hot, hard), solution], float(beta), gamma))
    for order in (range(len(betas) - 2, -1, -1), range(1, len(betas))):
        step = 1 if order.step == -1 else -1
        for i in order:
            best[i] = _better(p_xy, best[i], best[i + step].encoder, float(betas[i]), gamma)
    values = np.array([lagrangian(p_xy, local.encoder, betas, gamma) for local in best])  # (encoder, β)
    for i in np.flatnonzero(values.min(axis=0) < np.diag(values) - 1e-12).tolist():
        best[i] = _better(p_xy, best[i], best[int(values[:, i].argmin())].encoder, float(betas[i]), gamma)
    constant = np.ones((n, 1))
    return [local if local.value < -1e-13 else Local(constant, 0.0, True, local.iterations) for local in best]


def _better(p_xy: np.ndarray, local: Local, start: np.ndarray, beta: float, gamma: float) -> Local:
    """Return the optimum from another start, if it is better."""
    other = _best(p_xy, [start], beta, gamma)
    steps = local.iterations + other.iterations
    return (other if other.value < local.value else local)._replace(iterations=steps)


def _best(p_xy: np.ndarray, starts: list[np.ndarray], beta: float, gamma: float) -> Local:
    """Iterate from every start, all at once, and return the best end."""
    width = max(start.shape[1] for start in starts)
    encoder = np.stack([np.pad(start, ((0, 0), (0, width - start.shape[1]))) for start in starts])
    if gamma > 0:  # a step cannot leave p(t|x) = 0
        used = encoder.max(axis=1, keepdims=True) > 0
        encoder = 0.99 * encoder + 0.01 * used / used.sum(axis=2, keepdims=True)
    values = lagrangian(p_xy, encoder, beta, gamma)
    for steps in range(1, ITERATIONS + 1):  # noqa: B007
        encoder = step_unchecked(p_xy, encoder, np.asarray(beta), gamma)
        before, values = values, lagrangian(p_xy, encoder, beta, gamma)
        if np.max(before - values) < 1e-12:
            break
    if gamma == 0:
        encoder, values = _polished(p_xy, encoder, beta)
    k = int(np.argmin(values))
    return Local(encoder[k], float(values[k]), steps < ITERATIONS, steps)


def _polished(p_xy: np.ndarray, encoder: np.ndarray, beta: float) -> tuple[np.ndarray, np.ndarray]:
    """Move single inputs, and take steps again, while that improves the clusterings."""
    width = encoder.shape[2]
    found, values = [], []
    for start in encoder:
        current, cost = start, np.inf
        while True:
            labels = moved(p_xy, current.argmax(axis=1), beta, width)
            current = np.eye(width)[labels]
            after = float(lagrangian(p_xy, current, beta, 0.0))
            if after >= cost - 1e-12:
                break
            cost = after
            current = to_numpy(step_unchecked(p_xy, current, np.asarray(beta), 0.0))
        found.append(np.eye(width)[labels])
        values.append(after)
    return np.stack(found), np.array(values)
