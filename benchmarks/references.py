"""Compute the references of `benchmarks.instances`: ``nice python -m benchmarks.references``.

For every instance and each of 100 β, the least Lagrangian that any of these methods finds is stored, with the
method, and with the least one that was found without the package's solver:

- a closed form, where there is one;
- the convex envelope, for two inputs (`envelope`);
- plain fixed-point steps from many random encoders (`restarts`);
- plain fixed-point steps along a dense list of β, from large to small (`annealing down`), and from small to
  large (`annealing up`), each solution a little disturbed before the next β;
- the package's solver (`ib_curve`, with a tolerance of 1e-7), and its encoders of all other β.

The methods before the last share no code with the solver.  They stop when their time is over: for the largest
instances long before they converge.  There the reference is what the solver found, and only its bound says
how good that is.  Where the least Lagrangian is 0, that of the constant encoder, no search is credited.

Run again to continue: of instances that are stored only the solver's part is computed again.  Instances whose
names are given as arguments are computed anew.
"""

import os
import sys
import time

import numpy as np
from scipy.optimize import minimize, minimize_scalar

from benchmarks.instances import BETAS, REFERENCES, Instance, instances
from ibcourse.bottleneck import ib_curve

METHODS = (
    "closed form",
    "envelope",
    "restarts",
    "annealing down",
    "annealing up",
    "solver",
    "constant encoder",
)
DENSE = 3  # steps of an annealing from one β to the next


def main() -> None:
    """Compute what is missing, smallest instances first, and store it after each."""
    wanted, stored = sys.argv[1:], _stored()
    for instance in instances():
        if wanted and instance.name not in wanted:
            continue
        start = time.process_time()
        solver = _solver(instance)
        if instance.name in stored and not wanted:
            least, excess, method = stored[instance.name]
            independent = least + excess
            better = solver < least - 1e-12
            stored[instance.name] = (
                np.where(better, solver, least),
                independent - np.where(better, solver, least),
                np.where(better, METHODS.index("solver"), method).astype(np.int8),
            )
        else:
            table = np.vstack([_table(instance), solver])
            least, independent = table.min(axis=0), table[:-1].min(axis=0)
            # The first method that comes within rounding: a formula rather than a search.
            method = np.argmax(table <= least + 1e-12, axis=0).astype(np.int8)
            stored[instance.name] = least, independent - least, method
        _store(stored)
        excess = solver - independent
        print(
            f"{instance.name:20} {time.process_time() - start:8.1f} s  solver above the others by at most "
            f"{excess.max():9.2e}, below by at most {-excess.min():9.2e}",
            flush=True,
        )


def _stored() -> dict[str, tuple[np.ndarray, ...]]:
    if not REFERENCES.exists():
        return {}
    with np.load(REFERENCES) as file:
        rows = zip(file["name"].tolist(), file["least"], file["excess"], file["method"], strict=True)
        return {name: tuple(values) for name, *values in rows}


def _store(stored: dict[str, tuple[np.ndarray, ...]]) -> None:
    """Replace the file in one move, so that an interruption leaves the old one or the new one."""
    least, excess, method = (np.array(column) for column in zip(*stored.values(), strict=True))
    searched = method >= METHODS.index("restarts")
    method[searched & (least >= -1e-12)] = METHODS.index("constant encoder")
    part = REFERENCES.with_suffix(".part.npz")
    np.savez_compressed(
        part,
        name=np.array(list(stored)),
        least=least,
        excess=excess.astype(np.float32),  # by how much the best of the other methods is above
        method=method,
        methods=np.array(METHODS),
    )
    os.replace(part, REFERENCES)


def _table(instance: Instance) -> np.ndarray:
    """Return the Lagrangian by independent method and β; infinite where a method does not apply."""
    p_xy = instance.p_xy
    p_xy = p_xy[p_xy.sum(axis=1) > 0][:, p_xy.sum(axis=0) > 0]
    table = np.full((METHODS.index("solver"), len(BETAS)), np.inf)
    if instance.formula:
        table[0] = [instance.formula(beta) for beta in BETAS]
    if len(p_xy) == 2:
        table[1] = [_envelope(p_xy, beta) for beta in BETAS]
    rng = np.random.default_rng(1)
    size = p_xy.size * len(p_xy)
    effort = float(np.clip(3e-3 * size, 4.0, 100.0)) if size < 1e7 else 300.0  # CPU seconds
    if size < 1e6:
        table[2] = _restarts(p_xy, rng, effort / 3)
    table[3] = _anneal(p_xy, rng, effort / 3, downwards=True)
    table[4] = _anneal(p_xy, rng, effort / 3, downwards=False)
    # A constant encoder is known to everyone.
    table[2:] = np.minimum(table[2:], 0)
    return table


def _solver(instance: Instance) -> np.ndarray:
    """Return the least Lagrangian that any of the package's encoders has."""
    curve = ib_curve(instance.p_xy, BETAS, tol=1e-7)
    return (curve.i_xt - BETAS[:, None] * curve.i_ty).min(axis=1)


def _envelope(p_xy: np.ndarray, beta: float) -> float:
    """Return the lower convex envelope at p(x) of D(r‖p_X) − β D(rW‖p_Y), over r = (z, 1 − z).

    The best chord over p(x) between points of a grid, by a line of support; then its ends are polished.
    """
    p_x = p_xy.sum(axis=1)
    w, p_y = p_xy / p_x[:, None], p_xy.sum(axis=0)
    middle = p_x[0]

    def value(z: np.ndarray) -> np.ndarray:
        r = np.stack([z, 1 - z], axis=-1)
        return _divergence(r, p_x) - beta * _divergence(r @ w, p_y)

    def chord(ends: np.ndarray) -> float:
        left, right = middle * ends[0], middle + (1 - middle) * ends[1]
        if not 0 <= left < middle < right <= 1:
            return 0.0
        share = (right - middle) / (right - left)
        at_left, at_right = value(np.array([left, right]))
        return float(share * at_left + (1 - share) * at_right)

    grid = (1 - np.cos(np.linspace(0, np.pi, 4001))) / 2
    values = value(grid)
    steepest = 40 * (1 + beta)
    line = minimize_scalar(
        lambda slope: -np.min(values - slope * (grid - middle)),
        bounds=(-steepest, steepest),
        method="bounded",
    )
    left, right = grid < middle, grid > middle
    tilted = values - line.x * (grid - middle)
    ends = np.array([grid[left][tilted[left].argmin()], grid[right][tilted[right].argmin()]])
    start = np.array([ends[0] / middle, (ends[1] - middle) / (1 - middle)])
    inside = [(0.0, 1.0), (0.0, 1.0)]
    options = {"xatol": 1e-10, "fatol": 1e-14, "maxiter": 400}
    best = minimize(chord, start, method="Nelder-Mead", bounds=inside, options=options)
    return min(0.0, float(best.fun))


def _divergence(p: np.ndarray, q: np.ndarray) -> np.ndarray:
    ratio = np.where(p > 0, p, 1.0) / np.where(p > 0, q, 1.0)
    return np.sum(p * np.log(ratio), axis=-1)


def _restarts(p_xy: np.ndarray, rng: np.random.Generator, effort: float) -> np.ndarray:
    """Iterate from random encoders, at all β at once, until the time is over."""
    n = len(p_xy)
    best = np.zeros(len(BETAS))
    end = time.process_time() + effort
    for attempt in range(30):
        if time.process_time() > end:
            break
        concentration = (0.05, 0.3, 1.0)[attempt % 3]
        encoder = np.tile(_noise(rng, n, n, concentration), (len(BETAS), 1, 1))
        if attempt == 0:
            encoder = np.tile(0.99 * np.eye(n) + 0.01 / n, (len(BETAS), 1, 1))
        left = np.arange(len(BETAS))
        before = np.full(len(BETAS), np.inf)
        for k in range(3000):
            encoder, value = _step(p_xy, encoder, BETAS[left])
            best[left] = np.minimum(best[left], value)
            if k % 10 == 9:
                moving = before - value > 1e-11
                left, encoder = left[moving], encoder[moving]
                if not len(left) or time.process_time() > end:
                    break
                before = value[moving]
    return best


def _anneal(p_xy: np.ndarray, rng: np.random.Generator, effort: float, downwards: bool) -> np.ndarray:
    """Iterate along a dense list of β, a few disturbed copies at a time."""
    n = len(p_xy)
    copies = 3 if p_xy.size * n < 1e6 else 1
    exponents = np.linspace(-1, 2, (len(BETAS) - 1) * DENSE + 1)
    order = range(len(exponents))[:: -1 if downwards else 1]
    best = np.zeros(len(BETAS))
    start = np.eye(n) if downwards else np.full((n, n), 1 / n)
    encoder = np.tile(start, (copies, 1, 1))
    share = 10.0 ** -np.arange(2, 2 + copies)[:, None, None]
    end = time.process_time() + effort
    for place, k in enumerate(order):
        beta = 10.0 ** exponents[k]
        if beta <= 1:
            continue
        encoder = (1 - share) * encoder + share * _noise(rng, n, n, 1.0)
        until = time.process_time() + (end - time.process_time()) / (len(exponents) - place)
        before = np.inf
        for step in range(5000):
            encoder, value = _step(p_xy, encoder, np.full(copies, beta))
            if k % DENSE == 0:
                best[k // DENSE] = min(best[k // DENSE], value.min())
            if step % 5 == 4:
                if np.max(before - value) < 1e-11 or time.process_time() > until:
                    break
                before = value
    return best


def _noise(rng: np.random.Generator, rows: int, columns: int, concentration: float) -> np.ndarray:
    # Gamma variates of a small shape may all be zero; a floor keeps the rows distributions.
    table = rng.gamma(concentration, size=(rows, columns)) + 1e-9
    return table / table.sum(axis=1, keepdims=True)


def _step(p_xy: np.ndarray, encoder: np.ndarray, beta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the next encoders, shape (B, X, T), and the Lagrangians of the given ones, shape (B,)."""
    p_x, p_y = p_xy.sum(axis=1), p_xy.sum(axis=0)
    w = p_xy / p_x[:, None]
    p_ty = np.matmul(np.swapaxes(encoder, 1, 2), p_xy)
    p_t = p_ty.sum(axis=2)
    tiny = 1e-300
    log_t = np.log(np.maximum(p_t, tiny))
    log_ty = np.log(np.maximum(p_ty, tiny))
    log_encoder = np.log(np.maximum(encoder, tiny))
    i_xt = np.sum(p_x[:, None] * encoder * log_encoder, axis=(1, 2)) - np.sum(p_t * log_t, axis=1)
    i_ty = np.sum(p_ty * (log_ty - log_t[..., None] - np.log(p_y)), axis=(1, 2))
    log_q = log_ty - log_t[..., None]
    exponent = log_t[:, None, :] + beta[:, None, None] * np.matmul(w, np.swapaxes(log_q, 1, 2))
    exponent -= exponent.max(axis=2, keepdims=True)
    new = np.exp(exponent)
    return new / new.sum(axis=2, keepdims=True), i_xt - beta * i_ty


if __name__ == "__main__":
    main()
