r"""The global check: how far from the optimum a solution can be, and a better one where it is too far.

The bound
---------

:math:`F(\mu) = -\sum_x p_x \ln s_x(\mu)` is convex in the mixing measure :math:`\mu`.  Its directional
derivative from :math:`\mu` towards one atom :math:`q` is :math:`1 - D(q)` with

.. math:: D(q) = \sum_x \frac{p_x}{s_x}\, e^{-\beta D(W_x \| q)}.

For any other mixture :math:`s^*`, Jensen's inequality gives
:math:`\sum_x p_x \ln (s^*_x / s_x) \le \ln \sum_x p_x s^*_x / s_x \le \ln \max_q D(q)`.  So

.. math:: L(\mu) - L^* \le \ln \max_q D(q),

and at an optimum :math:`D \le 1` everywhere, with equality at the atoms.  The argument needs no mixture: any
positive :math:`s'` in the place of :math:`s` gives :math:`\sum_x p_x \ln(s'_x / s_x) + \ln \max_q D'(q)`.
Rows of tiny probability make use of that.  One of them may have an :math:`s_x` so small that D is large at
:math:`q = W_x`, though an atom of its own would gain next to nothing; raising its :math:`s_x` costs little.

The maximum of D is searched from many starts, so the bound is numerical and no proof.  `certify` proves it,
where that is feasible.

The ascent
----------

:math:`q \leftarrow \sum_x (p_x / s_x) K_{xq} W_x`, normalised, never lowers D.  It is the fixed-point step of
a new atom of weight zero.

The repair
----------

Where D exceeds 1, an atom is missing.  The peaks of D are put in, with atoms on the lines through them and
the atoms near them: where one atom splits in two, both parts move.  The weights of all these are chosen anew.
In the weights F is convex, and Newton's method under their constraints converges in a few steps.  Then the
local solver moves the atoms.

References
----------
- B. G. Lindsay, The geometry of mixture likelihoods: a general theory, Annals of Statistics 11 (1983).
- Y. Wang, On fast computation of the non-parametric maximum likelihood estimate of a mixing distribution,
  Journal of the Royal Statistical Society B 69 (2007).
- R. Varadhan and C. Roland, Simple and globally convergent methods for accelerating the convergence of any EM
  algorithm, Scandinavian Journal of Statistics 35 (2008).
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from scipy.optimize import nnls

from ibcourse._array import Array, namespace, to_numpy
from ibcourse.bottleneck.fit import fit, pack, pack_atoms
from ibcourse.bottleneck.mixture import LOWEST, TINY, UNUSED, Levels, Problem, State, log_joint
from ibcourse.bottleneck.newton import newton

ROUNDS = 10  # repairs of one solution
STEPS = 40  # of the local solver, at the start and after a repair
# Where atoms are put in, on the line from an atom to a peak near it.
ALONG = (1.0, 0.5, -0.01, -0.03, -0.1, -0.3)
LEAST = 1e-12  # a repair that gains less, in nats, is the last
MOST = 60  # atoms put in at once, and atoms near them that are weighted anew
# Cycles of the climb, and how many starts at one β go on after them.
CLIMB = ((2, 64), (4, 16), (30, 0))


class Solution(NamedTuple):
    """States, and by β the bound on the distance from the optimum, whether it converged, and the steps."""

    state: State
    bound: np.ndarray
    converged: np.ndarray
    iterations: np.ndarray

    def at(self, places: Sequence[int] | np.ndarray) -> "Solution":
        """Return the solutions at some of the β."""
        chosen = list(places)
        rest = (self.bound[chosen], self.converged[chosen], self.iterations[chosen])
        return Solution(self.state.at(chosen), *rest)


class Peaks(NamedTuple):
    """Where D was found to be more than 1."""

    log_q: Array  # ln q, shape (m, K)
    log_d: np.ndarray  # ln D, shape (K,)
    place: np.ndarray  # of the β to which q belongs, shape (K,)
    bound: np.ndarray  # on the distance from the optimum, by β

    def at(self, places: np.ndarray) -> "Peaks":
        """Return the peaks of some of the β."""
        number = np.full(len(self.bound), -1)
        number[places] = np.arange(len(places))
        own = np.flatnonzero(number[self.place] >= 0)
        log_q = self.log_q[:, own.tolist()]
        return Peaks(log_q, self.log_d[own], number[self.place[own]], self.bound[places])


def solve(levels: Levels, c: Array, tol: float) -> Solution:
    """Return the solutions from the atoms c, repaired until each bound is tol or no more is gained."""
    fitted = fit(levels, c, iterations=STEPS)
    peaks = search(levels, fitted.state)
    bound, converged, iterations = (peaks.bound.copy(), fitted.converged, fitted.iterations)
    left = np.flatnonzero(bound > tol)
    if not len(left):
        return Solution(fitted.state, bound, np.ones(len(bound), bool), iterations)
    states = [fitted.state.one(b) for b in range(len(bound))]
    peaks = peaks.at(left)
    for turn in range(ROUNDS):
        starts = [insert(levels, b, states[b], peaks.at(np.array([k]))) for k, b in enumerate(left.tolist())]
        some = levels.at(left)
        fitted = fit(some, pack_atoms(starts), residual=1e-12, decrease=1e-13, iterations=STEPS)
        before = np.array([states[b].f[0] for b in left.tolist()])
        for k, b in enumerate(left.tolist()):
            states[b] = fitted.state.one(k)
            # What needs a third repair creeps, even if the steps have become small.
            if turn > 1 or not fitted.converged[k]:
                states[b] = newton(levels.at([b]), states[b])
        state = pack([states[b] for b in left.tolist()])
        peaks = search(some, state)
        gained = before - state.f
        bound[left], converged[left] = peaks.bound, fitted.converged
        iterations[left] += fitted.iterations
        more = np.flatnonzero((peaks.bound > tol) & (gained > LEAST))
        if not len(more):
            break
        left, peaks = left[more], peaks.at(more)
    return Solution(pack(states), bound, converged | (bound <= tol), iterations)


def insert(levels: Levels, b: int, state: State, peaks: Peaks) -> Array:
    """Put the highest peaks into the mixture of one β; weight them and the atoms near them anew."""
    if not len(peaks.log_d):
        return state.c
    problem = levels.problem
    xp = problem.xp
    chosen = _distinct(peaks.log_q, np.argsort(-peaks.log_d), MOST // len(ALONG))
    new = peaks.log_q[:, chosen]
    log_w, log_q = state.c[0, 0], state.c[1:, 0] - state.c[0, 0]
    overlap = problem.host(xp.matrix_transpose(xp.exp(0.5 * log_q)) @ xp.exp(0.5 * new))
    nearest = log_q[:, overlap.argmax(axis=0).tolist()]
    new = xp.concat([nearest + step * (new - nearest) for step in ALONG], axis=1)
    new = new - xp.log(xp.sum(xp.exp(new), axis=0))
    near = np.argsort(-overlap.max(axis=1))[:MOST]
    far = np.setdiff1d(np.arange(len(overlap)), near).tolist()
    log_q = xp.concat([log_q[:, far], log_q[:, near.tolist()], new], axis=1)
    z = float(levels.beta[b]) * (problem.p_y_x @ log_q[:, len(far) :]) + levels.beta_h[:, b] - state.log_s
    weights = np.exp(problem.host(log_w))
    start = np.concatenate([weights[near], np.zeros(new.shape[1])])
    best = _best_weights(problem.host(problem.p_x), problem.host(xp.exp(xp.clip(z, None, 300.0))), start)
    w = np.concatenate([weights[far], best])
    kept = np.flatnonzero(w > TINY).tolist()
    return log_joint(problem, (problem.give(w[kept]) * xp.exp(log_q[:, kept]))[:, None])


def _best_weights(p_x: np.ndarray, ratio: np.ndarray, w: np.ndarray) -> np.ndarray:
    r"""Minimise :math:`-\sum_x p_x \ln s_x` in the weights of some atoms, for a fixed sum of them.

    Newton's method under the constraints, with the column t of ``ratio`` the :math:`K_t / s` of the start: at
    relative values :math:`v_x` of s, a step minimises the quadratic model, which is a problem of non-negative
    least squares (Wang 2007).  A step that does not lower the value is halved.
    """
    total = w.sum()
    rest = np.clip(1 - ratio @ w, 0, None)
    v = rest + ratio @ w
    value = -p_x @ np.log(v)
    root = np.sqrt(p_x)
    for _ in range(20):
        scaled = root[:, None] * ratio / v[:, None]
        heavy = 10 * np.abs(scaled).max()  # holds the sum
        goal, _ = nnls(
            np.vstack([scaled, np.full(len(w), heavy)]),
            np.append(scaled @ w + root, heavy * total),
            maxiter=1000,
        )
        goal *= total / goal.sum()
        share = 1.0
        while share > 1e-4:
            trial = w + share * (goal - w)
            v_trial = rest + ratio @ trial
            value_trial = -p_x @ np.log(v_trial)
            if value_trial < value:
                break
            share /= 2
        else:
            break
        gained = value - value_trial
        w, v, value = trial, v_trial, value_trial
        if gained < 1e-13:
            break
    return w


def _distinct(log_q: Array, order: np.ndarray, most: int) -> list[int]:
    """Return the first columns, in the given order, that are not equal to one before them."""
    root = to_numpy(namespace(log_q).exp(0.5 * log_q[:, order.tolist()]))
    repeated = np.triu(root.T @ root > 1 - 1e-7, 1).any(axis=0)
    return order[~repeated][:most].tolist()


def search(levels: Levels, state: State) -> Peaks:
    """Search the maxima of D."""
    problem = levels.problem
    xp = problem.xp
    log_s, cost = _raised(problem, state.log_s)
    landscape = _Landscape(levels, problem.log_p_x[:, None] - log_s)
    atoms = state.c[1:] - state.c[0]
    total, t = atoms.shape[1:]
    # An atom has D = w'/w: one with too little weight shows by D > 1.
    used = state.c[0] > np.log(UNUSED)
    root = xp.where(used, xp.exp(0.5 * atoms), 0.0)
    places = np.flatnonzero(problem.host(xp.reshape(used, (-1,))))
    log_d = problem.host(xp.reshape(xp.log(problem.at_least(state.image[0], TINY)) - state.c[0], (-1,)))
    at_atoms = xp.reshape(atoms, (problem.m, -1))[:, places.tolist()]
    found = [(at_atoms, np.repeat(np.arange(total), t)[places], log_d[places])]
    log_q, place = _starts(levels, root)
    for cycles, most in CLIMB:
        if len(place):
            log_q, log_d, rise = landscape.climb(log_q, place, cycles)
            found.append((log_q, place, log_d))
            going = _promising(log_q, place, log_d, rise, root, most)
            log_q, place = log_q[:, going], place[going]
    log_q = xp.concat([part[0] for part in found], axis=1)
    place, log_d = (np.concatenate([part[i] for part in found]) for i in (1, 2))
    highest = np.zeros(total)
    np.maximum.at(highest, place, log_d)
    high = np.flatnonzero(log_d > 1e-12)
    return Peaks(log_q[:, high.tolist()], log_d[high], place[high], cost + highest)


class _Landscape:
    """The function D at several β."""

    def __init__(self, levels: Levels, log_a: Array):
        self.problem, self.beta = levels.problem, levels.beta
        self.offset = levels.beta_h[..., 0] + log_a

    def at(self, place: np.ndarray) -> Callable[[Array], tuple[Array, Array, Array]]:
        """Return the function of ln q, one column for each place of a β, that gives ln D, q' and ln q'.

        q' is q after one step of the ascent.
        """
        problem = self.problem
        xp = problem.xp
        w, w_t = problem.p_y_x, xp.matrix_transpose(problem.p_y_x)
        beta = problem.give(self.beta[place])
        offset = self.offset[:, place.tolist()] if len(self.beta) > 1 else self.offset

        def step(log_q: Array) -> tuple[Array, Array, Array]:
            z = w @ (beta * log_q)
            z += offset
            high = xp.max(z, axis=0)
            z -= high
            xp.exp(problem.raise_to(z, LOWEST), out=z)
            u = w_t @ z
            d = xp.sum(u, axis=0)
            q = problem.at_least(u / d, TINY)
            return xp.log(d) + high, q, xp.log(q)

        return step

    def climb(self, log_q: Array, place: np.ndarray, cycles: int) -> tuple[Array, np.ndarray, np.ndarray]:
        """Return ln q, ln D and its last rise, after cycles of a step and an extrapolation (SQUAREM)."""
        problem = self.problem
        xp, step = problem.xp, self.at(place)
        start, longest = log_q, 4.0
        before, _, one = step(start)
        for _ in range(cycles):
            reached, q, two = step(one)
            first, second = one - start, two - one
            curve = second - first
            flat = problem.at_least(xp.sum(q * curve * curve, axis=0), TINY)
            if cycles > 4 and problem.host(reached - before).max() < 1e-11:
                break
            length = xp.clip(xp.sqrt(xp.sum(q * first * first, axis=0) / flat), 1.0, longest)
            # The extrapolation start + 2 length first + length² curve, seen from the second step.
            beyond = (2 * length - 2) * first + (length * length - 1) * curve
            far = two + xp.clip(beyond, -1.0, 1.0)
            far = far - xp.log(xp.sum(xp.exp(far), axis=0))
            there, _, after = step(far)
            # Where the extrapolation fell below the last step, go on from the steps.
            worse = there < reached
            before = xp.where(worse, before, reached)
            start, one = xp.where(worse, one, far), xp.where(worse, two, after)
            longest *= 1.4
        last, _, _ = step(one)
        return one, problem.host(last), problem.host(last - before)


def _raised(problem: Problem, log_s: Array) -> tuple[Array, np.ndarray]:
    """Return ln s' and Σ p ln(s'/s); s is raised for rows of tiny probability where that costs little."""
    xp = problem.xp
    lift = xp.clip(problem.log_p_x[:, None] + np.log(1e9) - log_s, 0.0, None)
    cost = problem.p_x[:, None] * lift
    small = cost < 1e-9 / problem.n
    return log_s + xp.where(small, lift, 0.0), problem.host(xp.sum(xp.where(small, cost, 0.0), axis=0))


def _starts(levels: Levels, root: Array) -> tuple[Array, np.ndarray]:
    """Return ln q, shape (m, K), of the rows, a little smoothed, and of p(y), where no atom is near them.

    With them, the places of their β.
    """
    problem = levels.problem
    xp = problem.xp
    p_y = problem.p_y[:, None]
    rows = xp.concat([0.999 * xp.matrix_transpose(problem.p_y_x) + 0.001 * p_y, p_y], axis=1)
    overlap = xp.matmul(xp.matrix_transpose(xp.sqrt(rows)), xp.permute_dims(root, (1, 0, 2)))
    nearest = problem.host(xp.max(overlap, axis=2))
    place, row = np.nonzero(nearest < 1 - 1e-3 / np.maximum(levels.beta, 1)[:, None])
    return xp.log(rows)[:, row.tolist()], place


def _promising(
    log_q: Array, place: np.ndarray, log_d: np.ndarray, rise: np.ndarray, atom_root: Array, most: int
) -> list[int]:
    """Return, for each β, the highest of those that still rise, distinct, and not on the way to an atom."""
    xp = namespace(log_q)
    found = []
    rising = rise > 1e-10
    for b in np.unique(place[rising]).tolist():
        own = np.flatnonzero((place == b) & rising)
        here = xp.matrix_transpose(xp.exp(0.5 * log_q[:, own.tolist()]))
        own = own[to_numpy(xp.max(here @ atom_root[:, b], axis=1)) < 1 - 1e-8]
        order = np.argsort(-log_d[own])[: 4 * most]
        found += own[_distinct(log_q[:, own.tolist()], order, most)].tolist()
    return found
