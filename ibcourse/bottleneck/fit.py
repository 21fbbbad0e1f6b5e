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

MEMORY = 8  # steps that Anderson's combination looks back
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
    state = levels.state(c)
    ended = state
    converged, steps = np.zeros(total, bool), np.full(total, iterations)
    merged_away: dict[int, State] = {}  # the best state before a merge
    place = np.arange(total)  # of the β that are still iterated
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
        # Few that are done are iterated on until others are.
        leave = 4 * done.sum() >= len(done)
        if leave or k % EVERY == 0:
            share, changed = merge(problem, u, done | (k % EVERY == 0))
            if changed.any():
                for b in np.flatnonzero(changed).tolist():
                    old = merged_away.get(int(place[b]))
                    if old is None or state.f[b] < old.f[0]:
                        merged_away[int(place[b])] = state.one(b)
                state = levels.state(log_joint(problem, apply(u, share)))
                history.merge(share, changed)
                quiet[changed], plain_next[changed], relaxed[changed] = 0, False, False
                continue
        if leave:
            left = np.flatnonzero(~done)
            ended = replace(ended, place[done], state.at(np.flatnonzero(done)))
            converged[place[done]], steps[place[done]] = True, k
            place = place[left]
            if not len(left):
                break
            levels, state, history = levels.at(left), state.at(left), history.at(left)
            relaxed, plain_next, eta, quiet = (relaxed[left], plain_next[left], eta[left], quiet[left])
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
    if len(place):
        ended = replace(ended, place, state)
    for i, old in merged_away.items():
        if old.f[0] < ended.f[i] - 1e-11:
            ended = replace(ended, np.array([i]), old)
    return Fit(ended, converged, steps)


def merge(problem: Problem, u: Array, where: np.ndarray) -> tuple[Array | None, np.ndarray]:
    """Find equal and empty atoms in u, shape (m, B, T), at some of the β.

    Return what `apply` takes, shape (B, T, T'): it gives each atom to the heaviest one that it equals, drops
    the empty ones, and moves the columns that are left to the front.  With it, where there are fewer.
    """
    xp = problem.xp
    w = xp.sum(u, axis=0)
    weight = problem.host(w)
    root = xp.permute_dims(xp.sqrt(u / problem.at_least(w, TINY)), (1, 2, 0))
    equal = problem.host(xp.matmul(root, xp.matrix_transpose(root))) > 1 - SAME
    total, atoms = weight.shape
    # Each atom equals itself: no more pairs than atoms, and nothing is to be merged.
    if np.count_nonzero(equal) <= total * atoms and weight.min() >= EMPTY:
        return None, np.zeros(total, bool)
    filled = weight >= np.where(where, EMPTY, UNUSED)[:, None]
    equal &= where[:, None, None] & filled[:, None, :]
    equal[:, np.arange(atoms), np.arange(atoms)] = True
    heaviest = np.argmax(np.where(equal, weight[:, None, :], -1.0), axis=2)
    beta, atom = np.nonzero(filled)
    taken = np.zeros((total, atoms), bool)
    taken[beta, heaviest[beta, atom]] = True
    column = taken.cumsum(axis=1)
    share = np.zeros((total, atoms, int(column[:, -1].max())))
    share[beta, atom, column[beta, heaviest[beta, atom]] - 1] = 1
    return problem.give(share), column[:, -1] < (weight > UNUSED).sum(axis=1)


def apply(u: Array, share: Array) -> Array:
    """Return u, shape (m, B, T), after a merge, shape (B, T, T')."""
    xp = namespace(u)
    return xp.permute_dims(xp.matmul(xp.permute_dims(u, (1, 0, 2)), share), (1, 0, 2))


def replace(state: State, places: np.ndarray, new: State) -> State:
    """Return the state with another one at some of the β."""
    if len(places) == len(state.f):
        return new
    xp = namespace(state.c)
    chosen = places.tolist()
    widest = max(state.c.shape[2], new.c.shape[2])
    c, image = _widened(state.c, widest), _widened(state.image, widest, image=True)
    log_s, f = xp.asarray(state.log_s, copy=True), state.f.copy()
    c[:, chosen], image[:, chosen] = (_widened(new.c, widest), _widened(new.image, widest, image=True))
    log_s[:, chosen], f[chosen] = new.log_s, new.f
    return State(c, image, log_s, f)


def pack(states: Sequence[State]) -> State:
    """Join states of single β; unused columns fill up those with fewer atoms."""
    xp = namespace(states[0].c)
    widest = max(state.c.shape[2] for state in states)
    return State(
        xp.concat([_widened(state.c, widest) for state in states], axis=1),
        xp.concat([_widened(state.image, widest, image=True) for state in states], axis=1),
        xp.concat([state.log_s for state in states], axis=1),
        np.concatenate([state.f for state in states]),
    )


def pack_atoms(arrays: Sequence[Array]) -> Array:
    """Join atoms c of single β; unused columns fill up those with fewer atoms."""
    widest = max(array.shape[2] for array in arrays)
    return namespace(arrays[0]).concat([_widened(array, widest) for array in arrays], axis=1)


def _widened(array: Array, widest: int, image: bool = False) -> Array:
    """Return a copy of c, or of its image, shape (1 + m, B, T), with more columns, which are unused."""
    xp = namespace(array)
    rows, total, t = array.shape
    # Even an unused atom is a distribution: uniform, with the weight m times TINY.
    unused = np.array([rows - 1, *[1] * (rows - 1)]) * TINY
    fill = xp.asarray(unused if image else np.log(unused), dtype=array.dtype, device=array.device)
    return xp.concat([array, xp.broadcast_to(fill[:, None, None], (rows, total, widest - t))], axis=2)


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

    def merge(self, share: Array, changed: np.ndarray) -> None:
        """Follow a merge of atoms; begin anew where it changed them."""
        total, t, left = share.shape

        def moved(flat: Array) -> Array:
            shape = flat.shape
            xp = self.problem.xp
            return xp.reshape(
                xp.matmul(xp.reshape(flat, (total, -1, t)), share), (*shape[:-1], self.problem.m * left)
            )

        self.images, self.residuals = moved(self.images), moved(self.residuals)
        if self.last is not None:
            self.last = moved(self.last[0]), moved(self.last[1])
        self.forget(changed)

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
