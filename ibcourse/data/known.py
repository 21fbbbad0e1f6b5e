r"""Pairs of random vectors whose mutual information is known, on which an estimator shows what it is worth.

The information of each is computed, by a closed form or by quadrature.  An invertible map of X alone or of Y
alone leaves it as it is, so that every mapped task has the information of the task that it came from.

.. rubric:: References

- P. Czyż, F. Grabowski, J. E. Vogt, N. Beerenwinkel and A. Marx, Beyond normal: on the evaluation of mutual
  information estimators, NeurIPS (2023), whose tasks most of these are.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import numpy as np
from scipy.special import log_expit, ndtr

from ibcourse.information import gaussian_mutual_information

Pair: TypeAlias = tuple[np.ndarray, np.ndarray]
Map: TypeAlias = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Task:
    """Two random vectors with known information.

    Attributes
    ----------
    name : str
        What `load` calls it.
    information : float
        I(X;Y) in nats.
    dims : (int, int)
        The coordinates of X and of Y.
    sample : function of (n, rng)
        Draws n pairs with a ``numpy.random.Generator``: x of shape (n, dims[0]) and y of shape (n, dims[1]),
        of float64; labels are int64.
    """

    name: str
    information: float
    dims: tuple[int, int]
    sample: Callable[[int, np.random.Generator], Pair] = field(repr=False)


def known_information() -> dict[str, Task]:
    r"""Return the tasks by name.

    =========================== ==========================================================================
    ``normal``                  two normal variables with correlation 0.75, as they are (no ending), as their
                                own distribution functions (``-cdf``), as :math:`\pm|x|^{3/2}`
                                (``-half-cube``), with two modes each (``-bimodal``)
    ``swiss-roll``              the same, X wound up in the plane
    ``dense-D``                 2D normal variables, each two with correlation 0.5; D = 2, 3, 5, 25, 50
    ``sparse-D``                two pairs with correlation 0.8, all else independent; D = 2, 3, 5, 25;
                                for D from 3 also ``-cdf``, ``-half-cube``, ``-spiral`` and ``-cdf-spiral``:
                                a spiral turns the first two coordinates by :math:`\lVert x\rVert^2 / D`
    ``pairs-D``                 D pairs with correlation 0.6; D = 1, 5, 20
    ``student-D-V``             Student's t in 2D dimensions with V degrees of freedom and the unit matrix as
                                its scale: uncorrelated, not independent; some also with ``-asinh``
    ``uniform-E``               X uniform on (0, 1), Y = X + noise uniform on (−E, E); E = 0.1, 0.75
    ``corners-D``               Y a corner of the cube :math:`\{-1, 1\}^D` as a number from 0, X that corner
                                with normal noise of deviation 1; D = 1, 2, 5
    =========================== ==========================================================================

    Returns
    -------
    dict of Task
        In this order.

    Examples
    --------
    >>> task = known_information()["normal"]
    >>> round(task.information, 4)
    0.4133
    >>> x, y = task.sample(5, np.random.default_rng(0))
    >>> x.shape, y.shape
    ((5, 1), (5, 1))
    """
    return {task.name: task for task in _tasks()}


def _tasks() -> Iterator[Task]:
    normal = _pairs("normal", 1, 0.75, 1)
    yield from (normal, _mapped(normal, "cdf", ndtr), _mapped(normal, "half-cube", _half_cube))
    yield _mapped(normal, "bimodal", _bimodal)
    yield replace(_mapped(normal, "", _swiss_roll, lambda y: y), name="swiss-roll", dims=(2, 1))
    for d in 2, 3, 5, 25, 50:
        yield _gaussian(f"dense-{d}", np.full((2 * d, 2 * d), 0.5) + 0.5 * np.eye(2 * d))
    for d in 2, 3, 5, 25:
        yield (sparse := _pairs(f"sparse-{d}", d, 0.8, 2))
        if d > 2:
            yield (cdf := _mapped(sparse, "cdf", ndtr))
            yield _mapped(sparse, "half-cube", _half_cube)
            yield from (_mapped(sparse, "spiral", _spiral), _mapped(cdf, "spiral", _spiral))
    for d in 1, 5, 20:
        yield _pairs(f"pairs-{d}", d, 0.6, d)
    for d, freedom in (1, 1), (2, 1), (2, 2), (3, 2), (3, 3), (5, 2), (5, 3):
        yield (student := _student(d, freedom))
        if (d, freedom) in {(1, 1), (2, 1), (3, 2), (5, 2)}:
            yield _mapped(student, "asinh", np.arcsinh)
    yield from (_uniform(0.1), _uniform(0.75))
    yield from (_corners(d) for d in (1, 2, 5))


def _gaussian(name: str, cov: np.ndarray) -> Task:
    d = len(cov) // 2
    factor = np.linalg.cholesky(cov)

    def sample(n: int, rng: np.random.Generator) -> Pair:
        z = rng.standard_normal((n, 2 * d)) @ factor.T
        return z[:, :d], z[:, d:]

    information = gaussian_mutual_information(cov, slice(0, d), slice(d, 2 * d))
    return Task(name, float(information), (d, d), sample)


def _pairs(name: str, d: int, correlation: float, pairs: int) -> Task:
    """Two unit Gaussian vectors whose first coordinates are correlated in pairs."""
    cov = np.eye(2 * d)
    first = np.arange(pairs)
    cov[first, first + d] = cov[first + d, first] = correlation
    return _gaussian(name, cov)


def _mapped(task: Task, ending: str, map_x: Map, map_y: Map | None = None) -> Task:
    """The task with X and Y mapped, each by an injective function; both by the same if one is given."""

    def sample(n: int, rng: np.random.Generator) -> Pair:
        x, y = task.sample(n, rng)
        return map_x(x), (map_y or map_x)(y)

    return replace(task, name=f"{task.name}-{ending}", sample=sample)


def _half_cube(x: np.ndarray) -> np.ndarray:
    return np.sign(x) * np.abs(x) ** 1.5


def _bimodal(x: np.ndarray) -> np.ndarray:
    return x + 2 * np.tanh(3 * x)


def _swiss_roll(x: np.ndarray) -> np.ndarray:
    angle = 1.5 * np.pi * (1 + 2 * ndtr(x))
    return angle * np.concatenate([np.cos(angle), np.sin(angle)], axis=1) / 21


def _spiral(x: np.ndarray) -> np.ndarray:
    angle = np.mean(x**2, axis=1)
    turned = x.copy()
    turned[:, 0] = np.cos(angle) * x[:, 0] - np.sin(angle) * x[:, 1]
    turned[:, 1] = np.sin(angle) * x[:, 0] + np.cos(angle) * x[:, 1]
    return turned


def _student(d: int, freedom: int) -> Task:
    from scipy.stats import multivariate_t  # slow to import

    def sample(n: int, rng: np.random.Generator) -> Pair:
        z = rng.standard_normal((n, 2 * d)) / np.sqrt(rng.chisquare(freedom, (n, 1)) / freedom)
        return z[:, :d], z[:, d:]

    half, whole = (multivariate_t.entropy(shape=np.eye(size), df=freedom) for size in (d, 2 * d))
    return Task(f"student-{d}-{freedom}", float(2 * half - whole), (d, d), sample)


def _uniform(noise: float) -> Task:
    def sample(n: int, rng: np.random.Generator) -> Pair:
        x = rng.random((n, 1))
        return x, x + rng.uniform(-noise, noise, (n, 1))

    # h(Y|X) = ln 2ε, and the density of Y is a trapezium.
    information = noise - math.log(2 * noise) if noise <= 0.5 else 1 / (4 * noise)
    return Task(f"uniform-{noise}", information, (1, 1), sample)


def _corners(d: int) -> Task:
    from scipy.integrate import quad  # slow to import

    def sample(n: int, rng: np.random.Generator) -> Pair:
        bits = rng.integers(2, size=(n, d))
        x = 2 * bits - 1 + rng.standard_normal((n, d))
        return x, bits @ (1 << np.arange(d))[:, None]

    # The coordinates are independent.  For one, p(y = 1 | x) = expit(2x); the integral is H[Y|X] by symmetry.
    lost, _ = quad(lambda x: -np.exp(-((x - 1) ** 2) / 2) * log_expit(2 * x), -12, 14)
    return Task(f"corners-{d}", d * (math.log(2) - lost / math.sqrt(2 * math.pi)), (d, 1), sample)
