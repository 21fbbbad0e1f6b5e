"""Named joint distributions on which bottleneck solvers are compared.

Every instance has a name, a family and a seed that the name fixes.  `load` adds the reference: the least
Lagrangian that is known at each of 100 β, which `benchmarks.references` computes.
"""

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.optimize import minimize_scalar

BETAS = np.logspace(-1, 2, 100)
REFERENCES = Path(__file__).with_name("references.npz")
RANDOM = 200  # how many random instances there are


@dataclass(frozen=True)
class Instance:
    """A joint distribution p(x, y), and its least Lagrangian at a β where a formula gives it."""

    name: str
    family: str
    p_xy: np.ndarray
    formula: Callable[[float], float] | None = None


def instances() -> list[Instance]:
    """Return all instances, the smallest first."""
    found = [*_with_formula(), *_named(), *_random()]
    return sorted(found, key=lambda instance: instance.p_xy.size * instance.p_xy.shape[0])


def load() -> dict[str, np.ndarray]:
    """Return the stored references by name: the least Lagrangian known at each of `BETAS`."""
    with np.load(REFERENCES) as stored:
        return {name: stored["least"][i] for i, name in enumerate(stored["name"].tolist())}


def _generator(name: str) -> np.random.Generator:
    return np.random.default_rng(zlib.crc32(name.encode()))


def _dirichlet(
    name: str, rows: int, columns: int, concentration: float, spread: float = 1000.0
) -> np.ndarray:
    """Rows p(y|x) ~ Dirichlet(concentration), p(x) ~ Dirichlet(spread)."""
    rng = _generator(name)
    p_x = rng.dirichlet(np.full(rows, spread))
    return p_x[:, None] * rng.dirichlet(np.full(columns, concentration), rows)


def _binary_entropy(a: float) -> float:
    return float(-sum(x * np.log(x) for x in (a, 1 - a) if x > 0))


def _symmetric(noise: float, beta: float) -> float:
    """Binary symmetric channel, uniform input: T is X through another one (Mrs. Gerber's lemma)."""

    def value(a: float) -> float:
        out = a * (1 - noise) + (1 - a) * noise
        return np.log(2) - _binary_entropy(a) - beta * (np.log(2) - _binary_entropy(out))

    # In 1 − 2a the function has one minimum on [0, 1].
    best = minimize_scalar(
        lambda z: value((1 - z) / 2), bounds=(0, 1), method="bounded", options={"xatol": 1e-12}
    )
    return min(0.0, float(best.fun), value(0.0))


def _lossless(p: np.ndarray) -> Callable[[float], float]:
    """Y a function of X with masses p: for β > 1 it is best to keep Y and nothing else."""
    entropy = -float(np.sum(p * np.log(p)))
    return lambda beta: min(0.0, (1 - beta) * entropy)


def _with_formula() -> Iterator[Instance]:
    for noise in (0.02, 0.1, 0.25, 0.4):
        table = np.array([[1 - noise, noise], [noise, 1 - noise]]) / 2
        formula = lambda beta, noise=noise: _symmetric(noise, beta)  # noqa: E731
        yield Instance(f"bsc-{noise}", "symmetric", table, formula)
        if noise == 0.1:
            yield Instance("bsc-0.1-tripled", "duplicate rows", np.repeat(table, 3, axis=0) / 3, formula)
    for n in (2, 4, 16):
        yield Instance(f"identity-{n}", "deterministic", np.eye(n) / n, _lossless(np.full(n, 1 / n)))
    p = _generator("permutation-16").dirichlet(np.ones(16))
    shuffled = np.diag(p)[:, _generator("permutation-16").permutation(16)]
    yield Instance("permutation-16", "deterministic", shuffled, _lossless(p))
    rng = _generator("function-24x6")
    p, label = rng.dirichlet(np.ones(24)), np.arange(24) % 6
    table = p[:, None] * np.eye(6)[label]
    yield Instance("function-24x6", "deterministic", table, _lossless(table.sum(axis=0)))
    # Disconnected blocks, β > 1: the block is kept for nothing, and each is a problem of its own.
    mass, noises = np.array([0.5, 0.3, 0.2]), (0.05, 0.15, 0.3)
    table = np.zeros((6, 6))
    for i, noise in enumerate(noises):
        table[2 * i : 2 * i + 2, 2 * i : 2 * i + 2] = (
            mass[i] * np.array([[1 - noise, noise], [noise, 1 - noise]]) / 2
        )
    free = _lossless(mass)

    def blocks(beta: float) -> float:
        within = sum(m * _symmetric(noise, beta) for m, noise in zip(mass, noises, strict=True))
        return free(beta) + within if beta > 1 else 0.0

    yield Instance("blocks-bsc-6", "disconnected blocks", table, blocks)
    yield Instance("independent-6x5", "independent", np.outer(*map(np.ones, (6, 5))) / 30, lambda beta: 0.0)


def _named() -> Iterator[Instance]:
    sizes = [
        (2, 2),
        (2, 3),
        (3, 2),
        (3, 3),
        (4, 4),
        (5, 5),
        (8, 4),
        (4, 8),
        (16, 8),
        (16, 16),
        (64, 16),
        (256, 32),
    ]
    for rows, columns in [*sizes, (1024, 64)]:
        for family, concentration in (("dense", 1.0), ("sparse", 0.1)):
            name = f"{family}-{rows}x{columns}"
            yield Instance(name, family, _dirichlet(name, rows, columns, concentration))
    yield Instance("embo-2x2", "dense", np.array([[0.1, 0.4], [0.35, 0.15]]))
    for depth in (3, 4):
        yield Instance(f"hierarchy-{2**depth}", "hierarchical", _hierarchy(depth))
    for rows, columns in ((12, 4), (48, 8)):
        name = f"duplicates-{rows}x{columns}"
        base = _dirichlet(name, rows // 3, columns, 0.5)
        share = _generator(name).dirichlet(np.ones(3), rows // 3)
        yield Instance(name, "duplicate rows", (share[..., None] * base[:, None]).reshape(rows, columns))
    for rows, columns in ((6, 5), (16, 12), (40, 10)):
        name = f"zeros-{rows}x{columns}"
        table = _dirichlet(name, rows, columns, 1.0)
        table[_generator(name).random((rows, columns)) < 0.5] = 0
        table[:, 0] += 1e-2 / rows
        table[1], table[:, 1] = 0, 0
        yield Instance(name, "zero cells", table / table.sum())
    for name, rows, columns in (("blocks-10x8", 5, 4), ("blocks-24x12", 12, 6)):
        table = np.zeros((2 * rows, 2 * columns))
        table[:rows, :columns] = 0.6 * _dirichlet(name, rows, columns, 0.5)
        table[rows:, columns:] = 0.4 * _dirichlet(name + "-second", rows, columns, 1.0)
        yield Instance(name, "disconnected blocks", table)
    for tiny in (1e-6, 1e-12):
        name = f"tiny-{tiny:g}"
        table = _dirichlet(name, 8, 5, 0.5)
        table[:3] *= tiny
        yield Instance(name, "tiny masses", table / table.sum())
    for rows, columns in ((64, 2), (200, 2), (100, 3), (300, 4)):
        name = f"labels-{rows}x{columns}"
        score = _generator(name).normal(size=(rows, columns)) * 1.5
        table = np.exp(score) / np.exp(score).sum(axis=1, keepdims=True) / rows
        yield Instance(name, "few labels", table)
    for n in (20, 60):
        yield Instance(f"gaussian-{n}", "discretised Gaussian", _gaussian(n))


def _hierarchy(depth: int) -> np.ndarray:
    """X and Y are leaves of one binary tree; they meet the less often, the higher their common ancestor."""
    n = 2**depth
    leaves = np.arange(n)
    height = np.array([[int(x ^ y).bit_length() for y in leaves] for x in leaves])
    table = 0.25**height
    return table / table.sum()


def _gaussian(n: int, correlation: float = 0.8) -> np.ndarray:
    """A bivariate Gaussian density on an n × n grid from −3 to 3 standard deviations."""
    x = np.linspace(-3, 3, n)
    squares = x[:, None] ** 2 - 2 * correlation * x[:, None] * x + x**2
    table = np.exp(-squares / (2 * (1 - correlation**2)))
    return table / table.sum()


def _random() -> Iterator[Instance]:
    for i in range(RANDOM):
        name = f"random-{i:03}"
        rng = _generator(name)
        rows, columns = int(np.exp(rng.uniform(np.log(2), np.log(33)))), int(rng.integers(2, 13))
        concentration = float(10 ** rng.uniform(-1.3, 0.7))
        p_x = rng.dirichlet(np.full(rows, 10 ** rng.uniform(-0.5, 3)))
        p_xy = np.clip(p_x, 1e-9, None)[:, None] * rng.dirichlet(np.full(columns, concentration), rows)
        yield Instance(name, "random", p_xy / p_xy.sum())
