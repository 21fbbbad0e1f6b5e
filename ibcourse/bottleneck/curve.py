"""The whole curve of the bottleneck, each point with a bound on its distance from the optimum."""

import contextlib
from typing import Any

import numpy as np

from ibcourse._array import Array, ArrayLike, to_numpy
from ibcourse.bottleneck.check import Solution, search, solve
from ibcourse.bottleneck.fit import apply, merge
from ibcourse.bottleneck.generalised import generalised
from ibcourse.bottleneck.mixture import Levels, Problem, log_joint
from ibcourse.bottleneck.result import LIGHTEST, IBCurve, by_weight, curve_of
from ibcourse.bottleneck.step import as_beta, as_gamma, as_joint

CACHE = 100_000  # numbers that are computed with at once

# Some of the β, by their places in the ascending list, and their solution.
Part = tuple[np.ndarray, Solution]


def ib_curve(
    p_xy: ArrayLike,
    betas: ArrayLike,
    *,
    gamma: float = 1.0,
    tol: float = 1e-6,
    restarts: int = 8,
    seed: int = 0,
    progress: bool = False,
) -> IBCurve:
    r"""Minimise the objective of the bottleneck for each β.

    .. math:: L_\gamma = H(T) - \gamma\, H(T|X) - \beta\, I(T;Y)

    Parameters
    ----------
    p_xy : array_like, shape (X, Y)
        The joint distribution.
    betas : array_like, shape (B,)
        The prices of relevance β, in any order, not negative.
    gamma : float
        1 for the bottleneck, 0 for the deterministic bottleneck.
    tol : float
        γ = 1: a solution whose bound is larger, in nats, is improved until no more is gained.
    restarts : int
        γ ≠ 1: how many random starts are made for each β, beside those that the solver knows.
    seed : int
        γ ≠ 1: what the random starts are drawn with.
    progress : bool
        Whether to show a progress bar, if tqdm is installed.

    Returns
    -------
    IBCurve
        One solution for each β, in the order given; none is dropped.

    Raises
    ------
    ValueError
        If p_xy is not a joint distribution, a β is negative or not finite, or gamma, tol or restarts is out
        of range.

    Notes
    -----
    For γ = 1 the problem is the maximum likelihood of a mixture, convex in the mixing measure
    (`ibcourse.bottleneck.mixture`).  Fixed-point steps, accelerated, find a local optimum
    (`ibcourse.bottleneck.fit`).  The maximum of D over all distributions on Y bounds its distance from the
    global optimum, and shows where atoms are missing; they are put in until the bound is small
    (`ibcourse.bottleneck.check`).  For γ ≠ 1 the ends are local optima, and there is no bound.

    The Lagrangian is never above 0, and 0 for β ≤ 1, where a constant encoder is optimal.
    Source: Tishby, Pereira and Bialek (1999); Strouse and Schwab (2017); Lindsay (1983) for the bound.
    Lesson: 04 Bottleneck.

    Examples
    --------
    >>> curve = ib_curve([[0.4, 0.1], [0.1, 0.4]], [0.5, 5])
    >>> print(curve.lagrangian.round(4))
    [ 0.     -0.2877]
    >>> print(curve.encoder[1].round(4))
    [[0.9811 0.0189]
     [0.0189 0.9811]]
    """
    xp, table = as_joint(p_xy)
    beta = as_beta(betas, table, "betas", axes=1)
    gamma = as_gamma(gamma)
    if not (tol > 0 and restarts >= 0):
        raise ValueError(f"tol is {tol} and restarts {restarts}; expected tol > 0 and restarts >= 0.")
    ascending, place = np.unique(to_numpy(beta), return_inverse=True)
    problem = Problem(table)
    parts = _downwards(problem, ascending, tol, progress)
    parts = _exchange(problem, ascending, parts, tol)
    numbers, encoders = _gather(problem, ascending, parts)
    if gamma != 1:
        return _generalised(problem, table, beta, gamma, encoders, restarts, seed)
    i_xt, i_ty, h_t, value, bound = (problem.give(numbers[k, place]) for k in range(5))
    return IBCurve(
        beta=beta,
        gamma=1.0,
        i_xt=i_xt,
        i_ty=i_ty,
        h_t=h_t,
        lagrangian=value,
        bound=bound,
        converged=xp.asarray(numbers[5, place] > 0, device=table.device),
        iterations=xp.asarray(numbers[6, place].astype(int), device=table.device),
        encoder=tuple(problem.expand(encoders[k]) for k in place),
    )


def _generalised(
    problem: Problem, table: Array, beta: Array, gamma: float, soft: list[Array], restarts: int, seed: int
) -> IBCurve:
    """Return the curve for γ ≠ 1, from the solutions of γ = 1 among other starts."""
    ascending, place = np.unique(to_numpy(beta), return_inverse=True)
    p_xy = to_numpy(problem.p_x[:, None] * problem.p_y_x)
    found = generalised(p_xy, ascending, gamma, [to_numpy(encoder) for encoder in soft], restarts, seed)
    ordered = [found[k] for k in place]
    return curve_of(
        table,
        beta,
        gamma,
        [problem.expand(problem.give(local.encoder)) for local in ordered],
        [local.converged for local in ordered],
        [local.iterations for local in ordered],
    )


def _downwards(problem: Problem, beta: np.ndarray, tol: float, progress: bool) -> list[Part]:
    """Solve from the largest β to the smallest, as many at once as fill the cache.

    Each start is the solution of the β before; the first start has an atom for every row.
    """
    lowest, bound = _constant_up_to(problem, beta)
    parts = []
    c = _rows(problem)
    with _bar(len(beta) - lowest, progress) as bar:
        end = len(beta)
        while end > lowest:
            size = max(1, CACHE // (problem.n * c.shape[2]))
            places = np.arange(max(lowest, end - size), end)
            start = problem.xp.concat([_lifted(problem, c)] * len(places), axis=1)
            solution = solve(Levels(problem, beta[places]), start, tol)
            parts.append((places, solution))
            first = solution.state.one(0)
            c, end = first.c, int(places[0])
            bar.update(len(places))
            if c.shape[2] == 1:
                lowest, bound = end, float(solution.bound[0])
    if lowest == 0:
        return parts
    trivial = _constant(Levels(problem, beta[:lowest]))
    # The least Lagrangian falls with β: a bound on the constant encoder is one at all smaller β.
    trivial.bound[beta[:lowest] > 1] = bound
    return [*parts, (np.arange(lowest), trivial)]


def _constant_up_to(problem: Problem, beta: np.ndarray) -> tuple[int, float]:
    """Return up to which of the β the constant encoder was found to be optimal, and the bound there.

    Where it is not optimal, it is not at any larger β.
    """
    low, high, bound = (int(np.sum(beta <= 1)), len(beta), 0.0)  # up to 1 by the data-processing inequality
    if problem.n == 1:
        return high, bound
    while high > low and problem.n**2 <= CACHE:
        places = np.unique(np.linspace(low, high - 1, 8).astype(int))
        levels = Levels(problem, beta[places])
        found = search(levels, _constant(levels).state).bound
        wrong = np.flatnonzero(found > 1e-10)
        first = int(wrong[0]) if len(wrong) else len(places)
        high = int(places[first]) if first < len(places) else high
        if first > 0:
            low, bound = int(places[first - 1]) + 1, float(found[first - 1])
        else:
            high = low
    return low, bound


def _constant(levels: Levels) -> Solution:
    """Return the constant encoder at every β."""
    total, problem = len(levels.beta), levels.problem
    u = problem.xp.broadcast_to(problem.p_y[:, None, None], (problem.m, total, 1))
    return Solution(
        levels.state(log_joint(problem, u)), np.zeros(total), np.ones(total, bool), np.zeros(total, int)
    )


def _rows(problem: Problem) -> Array:
    """Return an atom for every row."""
    xp = problem.xp
    return log_joint(problem, xp.matrix_transpose(problem.p_x[:, None] * problem.p_y_x)[:, None])


def _lifted(problem: Problem, c: Array) -> Array:
    """Return atoms without zeros: a step cannot leave q(y|t) = 0, though it may be unstable."""
    xp = problem.xp
    return log_joint(problem, xp.exp(c[1:]) + 1e-8 * xp.exp(c[0]) * problem.p_y[:, None, None])


def _exchange(problem: Problem, beta: np.ndarray, parts: list[Part], tol: float) -> list[Part]:
    """Solve again where the encoder of another β is better."""
    i_xt, i_ty = np.zeros(len(beta)), np.zeros(len(beta))
    source: dict[int, tuple[int, Solution]] = {}
    for places, solution in parts:
        i_xt[places], i_ty[places], _ = Levels(problem, beta[places]).information(solution.state)
        source |= {int(i): (k, solution) for k, i in enumerate(places)}
    table = i_xt - beta[:, None] * i_ty
    for i in np.flatnonzero(table.min(axis=1) < np.diag(table) - 1e-10).tolist():
        k, other = source[int(table[i].argmin())]
        parts.append(
            (np.array([i]), solve(Levels(problem, beta[[i]]), _lifted(problem, other.state.at([k]).c), tol))
        )
    return parts


def _gather(problem: Problem, beta: np.ndarray, parts: list[Part]) -> tuple[np.ndarray, list[Array]]:
    """Return what the curve holds for each β: numbers in rows, and encoders."""
    xp = problem.xp
    numbers = np.full((7, len(beta)), np.inf)
    encoders: list[Array] = [None] * len(beta)
    for places, solution in parts:
        levels = Levels(problem, beta[places])
        state = solution.state
        share, changed = merge(problem, state.image[1:], np.ones(len(places), bool))
        if changed.any():
            state = levels.state(log_joint(problem, apply(state.image[1:], share)))
        i_xt, i_ty, h_t = levels.information(state)
        value = i_xt - beta[places] * i_ty
        # The bound is one on F, which is not below the Lagrangian.
        bound = np.clip(solution.bound + value - solution.state.f, 0, None)
        rows = np.stack([i_xt, i_ty, h_t, value, bound, solution.converged, solution.iterations])
        z, p_t = levels.log_terms(state.c), problem.host(state.image[0])
        for k, i in enumerate(places.tolist()):
            if value[k] < numbers[3, i]:
                numbers[:, i] = rows[:, k]
                used = np.flatnonzero(p_t[k] > LIGHTEST)
                own = z[:, k, used.tolist()]
                own -= xp.max(own, axis=1, keepdims=True)
                xp.exp(own, out=own)
                own /= xp.sum(own, axis=1, keepdims=True)
                encoders[i] = own[:, by_weight(p_t[k, used], problem.host(own)).tolist()]
            if numbers[3, i] >= 0 or encoders[i].shape[1] == 1:
                numbers[:5, i] = 0, 0, 0, 0, max(0.0, bound[k] - value[k])
                encoders[i] = xp.ones_like(encoders[i][:, :1])
    return numbers, encoders


def _bar(total: int, progress: bool) -> Any:
    """Return a progress bar, which shows nothing unless that is asked for and tqdm is installed."""
    if progress:
        with contextlib.suppress(ImportError):
            from tqdm.auto import tqdm

            return tqdm(total=total, desc="β", leave=False)
    return _NoBar()


class _NoBar(contextlib.nullcontext):
    def __enter__(self) -> "_NoBar":
        return self

    def update(self, done: int) -> None:
        """Show nothing."""
