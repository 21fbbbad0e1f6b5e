r"""The local solver: fixed-point steps, accelerated, that never raise F.

The fixed-point iteration converges linearly, and slowly near a phase transition.  *Anderson's acceleration*
extrapolates from the last few steps: with residuals :math:`\rho_k = g(c_k) - c_k`, it takes the affine
combination :math:`\sum_k \alpha_k g(c_k)` whose residual :math:`\sum_k \alpha_k \rho_k` is least.
*Over-relaxation*, :math:`g(c) + \eta (g(c) - c)`, leaves a saddle faster; Anderson's combination does not see
the sign of an eigenvalue there, and may go backwards.  Whichever is in use is dropped for the other as soon
as it raises F, and the plain step, which cannot raise F, is taken in its place.

Atoms that have become equal are merged, and those without weight are dropped.

References
----------
- D. G. Anderson, Iterative procedures for nonlinear integral equations, Journal of the ACM 12 (1965).
- R. Varadhan and C. Roland, Simple and globally convergent methods for accelerating the convergence of any EM
  algorithm, Scandinavian Journal of Statistics 35 (2008).
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ibcourse._array import Array, namespace
from ibcourse.bottleneck.mixture import TINY, UNUSED, Levels, Problem, State, from_log_u, log_joint

MEMORY = 6  # steps that Anderson's combination looks back
SAME = 1e-6  # atoms are merged when 1 − their Bhattacharyya coefficient is less
EMPTY = 1e-12  # atoms are dropped when their weight is less
EVERY = 10  # steps from one look for equal atoms to the next


class Fit(NamedTuple):
    """Where the local solver ended, and by β whether it converged and after how many steps."""

    state: State
    converged: np.ndarray
    iterations: np.ndarray


def fit(
    levels: Levels, c: Array, *, residual: float = 1e-9, decrease: float = 1e-10, iterations: int = 150
) -> Fit:
    """Run the accelerated iteration from the atoms c, shape (1 + m, B, T).

    It has converged when the squared residual is below the given bound while F decreases by less than the
    given bound in two steps running, or when the squared residual is below 1e-15.
    """
    problem = levels.problem
    xp = problem.xp
    total = len(levels.beta)
    ended: dict[int, State] = {}
    converged, steps = np.zeros(total, bool), np.full(total, iterations)
    merged_away: dict[int, State] = {}  # the best state before a merge
    place = np.arange(total)  # of the β that are still iterated
    state = levels.state(c)
    history = _History(problem, state)
    relaxed, plain_next = np.zeros(total, bool), np.zeros(total, bool)
    eta, quiet = np.full(total, 2.0), np.zeros(total, int)
    for k in range(1, iterations + 1):
        u = problem.at_least(state.image[1:], TINY)
        image = xp.log(u)
        step = image - state.c[1:]
        weighted = step * xp.sqrt(u)
        size = problem.host(xp.sum(weighted * weighted, axis=(0, 2)))
        done = (size < 1e-15) | (quiet >= 2) & (size < residual)
        if k % EVERY == 0 or done.any():
            reduced, changed = reduce(problem, u, np.full(len(place), True) if k % EVERY == 0 else done)
            if changed.any():
                for b in np.flatnonzero(changed).tolist():
                    old = merged_away.get(int(place[b]))
                    if old is None or state.f[b] < old.f[0]:
                        merged_away[int(place[b])] = state.one(b)
                state = levels.state(log_joint(problem, reduced))
                history = _History(problem, state)
                quiet[:], plain_next[:], relaxed[:] = 0, False, False
                continue
            if done.any() and (4 * done.sum() >= len(done)):
                for b in np.flatnonzero(done).tolist():
                    ended[int(place[b])] = state.one(b)
                converged[place[done]], steps[place[done]] = True, k
                left = np.flatnonzero(~done)
                place = place[left]
                if not len(left):
                    break
                levels, state, history = levels.at(left), state.at(left), history.at(left)
                relaxed, plain_next, eta, quiet = relaxed[left], plain_next[left], eta[left], quiet[left]
                image, step, weighted = image[:, left], step[:, left], weighted[:, left]
        beyond = history.propose(image, weighted)
        if relaxed.any():
            beyond = _choose(relaxed, _column(eta, step) * step, beyond)
        if plain_next.any():
            beyond = _choose(plain_next, xp.zeros_like(beyond), beyond)
        # No further from the plain step than by factors of e^1.5.
        proposal = image + xp.clip(beyond, -1.5, 1.5)
        new = levels.state(from_log_u(problem, proposal))
        worse = (new.f > state.f + 1e-12) & ~plain_next
        eta = np.where(worse, 2.0, 1.7 * eta)
        quiet = np.where(worse, quiet, np.where(state.f - new.f < decrease, quiet + 1, 0))
        relaxed ^= worse
        plain_next = worse
        if worse.any():
            history.forget(worse)
            c, image, log_s = (_choose(worse, a, b) for a, b in zip(state[:3], new[:3], strict=True))
            new = State(c, image, log_s, np.where(worse, state.f, new.f))
        state = new
    for b, i in enumerate(place.tolist()):
        ended[i] = state.one(b)
    for i, old in merged_away.items():
        if old.f[0] < ended[i].f[0] - 1e-11:
            ended[i] = old
    return Fit(pack([ended[i] for i in range(total)]), converged, steps)


def reduce(problem: Problem, u: Array, where: np.ndarray) -> tuple[Array, np.ndarray]:
    """Merge equal atoms and drop empty ones in u, shape (m, B, T), at some of the β.

    Return u, with as few columns as the β with most atoms needs and zeros after the atoms of the others, and
    where it changed.
    """
    xp = problem.xp
    w = xp.sum(u, axis=0)
    weight = problem.host(w)
    root = xp.permute_dims(xp.sqrt(u / problem.at_least(w, TINY)), (1, 2, 0))
    equal = problem.host(xp.matmul(root, xp.matrix_transpose(root))) > 1 - SAME
    filled = weight >= EMPTY
    equal &= filled[:, :, None] & filled[:, None, :]
    # Columns of zeros that fill up the table do not count as atoms.
    unlike = (weight > UNUSED).sum(axis=1)
    changed = where & ((equal.sum(axis=(1, 2)) > filled.sum(axis=1)) | (unlike > filled.sum(axis=1)))
    if not changed.any():
        return u, changed
    member = np.zeros(equal.shape)
    most = 1
    for b in range(len(changed)):
        order = np.argsort(-weight[b], kind="stable")
        count = 0
        if changed[b]:
            left = filled[b].copy()
            for t in order:
                if left[t]:
                    group = equal[b, t] & left
                    group[t] = True
                    member[b, group, count] = 1
                    left &= ~group
                    count += 1
        else:
            count = int(unlike[b])
            member[b, order[:count], np.arange(count)] = 1
        most = max(most, count)
    share = problem.give(member[:, :, :most])
    return xp.permute_dims(xp.matmul(xp.permute_dims(u, (1, 0, 2)), share), (1, 0, 2)), changed


def pack(states: Sequence[State]) -> State:
    """Join states of single β; columns of zeros fill up those with fewer atoms."""
    if len(states) == 1:
        return states[0]
    xp = namespace(states[0].c)
    return State(
        pack_columns([state.c for state in states], float(np.log(TINY))),
        pack_columns([state.image for state in states], 0.0),
        xp.concat([state.log_s for state in states], axis=1),
        np.concatenate([state.f for state in states]),
    )


def pack_columns(arrays: Sequence[Array], value: float) -> Array:
    """Join arrays of shape (1 + m, 1, T) with different T, filled up with a value, along the second axis."""
    xp = namespace(arrays[0])
    widest = max(array.shape[2] for array in arrays)
    padded = []
    for array in arrays:
        if missing := widest - array.shape[2]:
            fill = xp.full((*array.shape[:2], missing), value, dtype=array.dtype, device=array.device)
            array = xp.concat([array, fill], axis=2)
        padded.append(array)
    return xp.concat(padded, axis=1)


class _History:
    """The last steps, and Anderson's combination of them."""

    def __init__(self, problem: Problem, state: State):
        self.problem = problem
        xp = problem.xp
        total, t = state.c.shape[1:]
        self.images = xp.zeros((total, MEMORY, problem.m * t), dtype=state.c.dtype, device=state.c.device)
        self.residuals = xp.zeros_like(self.images)
        self.gram = np.zeros((total, MEMORY, MEMORY))
        self.fresh = np.ones(total, bool)
        self.last: tuple[Array, Array] | None = None
        self.slot = 0

    def at(self, places: Sequence[int] | np.ndarray) -> "_History":
        """Keep some of the β."""
        chosen = list(places)
        self.images, self.residuals = self.images[chosen], self.residuals[chosen]
        self.gram, self.fresh = self.gram[chosen], self.fresh[chosen]
        if self.last is not None:
            self.last = self.last[0][chosen], self.last[1][chosen]
        return self

    def forget(self, where: np.ndarray) -> None:
        """Begin anew at some of the β."""
        for b in np.flatnonzero(where).tolist():
            self.images[b], self.residuals[b], self.gram[b] = 0, 0, 0
        self.fresh |= where

    def propose(self, image: Array, weighted: Array) -> Array:
        """Return how far beyond the plain step, in ln u, the combination of the last steps goes."""
        problem = self.problem
        xp, slot = problem.xp, self.slot
        flat, residual = _by_beta(xp, image), _by_beta(xp, weighted)
        last, self.last = self.last, (flat, residual)
        if last is not None:
            self.images[:, slot] = flat - last[0]
            self.residuals[:, slot] = residual - last[1]
            for b in np.flatnonzero(self.fresh).tolist():
                self.images[b, slot], self.residuals[b, slot] = 0, 0
        self.fresh[:] = False
        if last is None:
            return xp.zeros_like(image)
        self.slot = (slot + 1) % MEMORY
        pair = xp.stack([self.residuals[:, slot], residual], axis=2)
        products = problem.host(xp.matmul(self.residuals, pair))
        self.gram[:, slot], self.gram[:, :, slot] = products[..., 0], products[..., 0]
        scale = np.sqrt(np.einsum("bkk->bk", self.gram))
        scale[scale == 0] = 1
        gram = self.gram / (scale[:, :, None] * scale[:, None, :]) + 1e-10 * np.eye(MEMORY)
        share = np.linalg.solve(gram, (products[..., 1] / scale)[..., None])[..., 0] / scale
        change = xp.matmul(problem.give(share)[:, None, :], self.images)
        change = xp.reshape(change, (image.shape[1], image.shape[0], image.shape[2]))
        return 0.0 - xp.permute_dims(change, (1, 0, 2))


def _by_beta(xp: Any, array: Array) -> Array:
    """Return an array of shape (m, B, T) as (B, m T)."""
    return xp.reshape(xp.permute_dims(array, (1, 0, 2)), (array.shape[1], -1))


def _column(values: np.ndarray, like: Array) -> Array:
    """Return values over β for an array of shape (m, B, T)."""
    return namespace(like).asarray(values, dtype=like.dtype, device=like.device)[:, None]


def _choose(where: np.ndarray, a: Array, b: Array) -> Array:
    """Return a at some of the β and b at the others."""
    xp = namespace(a)
    mask = xp.asarray(where, device=a.device)
    return xp.where(mask[:, None] if a.ndim == 3 else mask, a, b)
