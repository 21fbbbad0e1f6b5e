r"""Shannon's inequalities as a cone of vectors, and exact weights from a linear program.

Number the variables :math:`0, \dots, n-1` and write a set of them as a bit mask.  A linear form over joint
entropies is then a sparse vector, a dictionary from mask to coefficient, with :math:`H(\emptyset) = 0` left
out.  All measures that Shannon's theory says are non-negative have one shape,

.. math:: I(A; B | C) = H(A, C) + H(B, C) - H(A, B, C) - H(C) \ge 0,

where :math:`A = B` gives the conditional entropy :math:`H(A|C)`, and an empty :math:`C` the unconditional
measure.  By the chain rules each of them is a sum of *elemental* ones: the :math:`H(i | \text{all others})`
and the :math:`I(i; j | K)` for pairs :math:`i, j` and sets :math:`K` of other variables (Yeung 1997).
There are :math:`n + \binom n2 2^{n-2}` of these, 1800 for eight variables, and none can be spared.
The vectors that satisfy them all are called *polymatroids*.

References
----------
- R. W. Yeung, A framework for linear information inequalities, IEEE Transactions on Information Theory 43
  (1997).
"""

import math
from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import combinations
from typing import NamedTuple, TypeAlias

import numpy as np
import scipy  # its parts load at their first use: only proofs need them

from ibcourse.information.expressions import Form

Vector: TypeAlias = Mapping[int, Fraction | int]  # coefficients of joint entropies, by mask


class Measure(NamedTuple):
    """The measure I(a;b|c) of three masks; a = b stands for the entropy H(a|c)."""

    a: int
    b: int
    c: int

    @property
    def vector(self) -> Vector:
        """Its form over joint entropies."""
        a, b, c = self
        terms = {a | c: 1, b | c: 1} if a != b else {a | c: 1}
        terms |= {a | b | c: -1} if a != b else {}
        terms |= {c: -1} if c else {}
        return terms


@lru_cache
def shannon_inequalities(n: int) -> tuple[Vector, ...]:
    """Return the forms of all measures of n variables, which are never negative."""
    return tuple(measure.vector for measure in measures(n))


def to_vector(form: Form, names: Sequence[str]) -> Vector:
    """Return a form with masks in place of sets of names; the bit of a name is its place in ``names``."""
    return {sum(1 << names.index(name) for name in key): value for key, value in form.terms.items()}


def to_form(vector: Vector, names: Sequence[str]) -> Form:
    """Return a vector with sets of names in place of masks."""
    return Form({members(mask, names): Fraction(value) for mask, value in vector.items()})


def members(mask: int, names: Sequence[str]) -> frozenset[str]:
    """Return the names whose bits are set in a mask."""
    return frozenset(name for i, name in enumerate(names) if mask >> i & 1)


@lru_cache
def measures(n: int) -> tuple[Measure, ...]:
    """Return all measures I(a;b|c) and H(a|c) of n variables, each once."""
    everything = (1 << n) - 1
    return tuple(
        Measure(a, b, c)
        for c in range(everything)
        for a in _parts(everything & ~c)
        for b in (a, *_parts(everything & ~c & ~a))
        if a <= b
    )


@lru_cache
def elementals(n: int) -> tuple[Measure, ...]:
    """Return the elemental measures of n variables."""
    everything = (1 << n) - 1
    entropies = [Measure(1 << i, 1 << i, everything & ~(1 << i)) for i in range(n)]
    informations = [
        Measure(1 << i, 1 << j, c)
        for i, j in combinations(range(n), 2)
        for c in (0, *_parts(everything & ~(1 << i | 1 << j)))
    ]
    return (*entropies, *informations)


def scaled(vector: Vector) -> Vector:
    """Return the vector with a largest coefficient of 1 or -1, for floating point."""
    largest = max([*vector.values(), *(-value for value in vector.values())], default=1)
    return vector if largest == 1 else {mask: Fraction(value) / largest for mask, value in vector.items()}


def total(terms: Collection[tuple[Fraction, Vector]]) -> dict[int, Fraction]:
    """Return a weighted sum of vectors, without zeros."""
    result: dict[int, Fraction] = {}
    for weight, vector in terms:
        for mask, value in vector.items():
            result[mask] = result.get(mask, Fraction(0)) + weight * value
    return {mask: value for mask, value in result.items() if value}


def combination(
    columns: Sequence[Vector], target: Vector, costs: Sequence[float], free: Collection[int] = ()
) -> dict[int, Fraction] | None:
    r"""Return exact weights with which vectors add up to a target, or None.

    .. math:: \sum_j w_j\, c_j = t, \qquad w_j \ge 0 \text{ for } j \text{ not free}

    Parameters
    ----------
    columns : sequence of vectors
        The vectors :math:`c_j`.
    target : vector
        The vector t.
    costs : sequence of float
        The price of one unit of weight on each.  The cheapest weights are wanted: few of them are not zero.
    free : collection of int
        The columns whose weights may be negative.

    Returns
    -------
    dict of int to Fraction, or None
        The weights other than zero, by column.  They were verified in fractions; None means that HiGHS found
        no weights, or that its weights did not survive this.
    """
    if not target:
        return {}
    rows = {mask: i for i, mask in enumerate(sorted(set(target).union(*columns)))}
    # A free weight is the difference of two that are not negative.
    unknowns = [(j, 1) for j in range(len(columns))] + [(j, -1) for j in sorted(free)]
    entries = [
        (rows[mask], k, sign * float(value))
        for k, (j, sign) in enumerate(unknowns)
        for mask, value in scaled(columns[j]).items()
    ]
    if not entries:
        return None
    i, k, values = zip(*entries, strict=True)
    right = np.zeros(len(rows))
    for mask, value in scaled(target).items():
        right[rows[mask]] = value
    solution = scipy.optimize.linprog(
        [costs[j] for j, _ in unknowns],
        A_eq=scipy.sparse.csc_array((values, (i, k)), shape=(len(rows), len(unknowns))),
        b_eq=right,
        method="highs-ds",
    )
    if solution.x is None:
        return None
    # The simplex method ends in a vertex: the columns that it uses are independent, and give exact weights.
    used = sorted({unknowns[k][0] for k in np.flatnonzero(solution.x > 1e-9)})
    weights = _solve([columns[j] for j in used], target)
    if weights is None or any(weight < 0 and j not in free for j, weight in zip(used, weights, strict=True)):
        return None
    return {j: weight for j, weight in zip(used, weights, strict=True) if weight}


def polymatroid(
    n: int, objective: Vector, zero: Sequence[Vector], non_negative: Sequence[Vector]
) -> dict[int, Fraction] | None:
    """Return a polymatroid with a negative objective, in whole numbers, or None.

    Parameters
    ----------
    n : int
        The number of variables.
    objective : vector
        The form that shall be negative.
    zero, non_negative : sequences of vectors
        Forms that shall be zero, and not negative.

    Returns
    -------
    dict of int to Fraction, or None
        The value for each set of variables, verified in fractions.
    """
    at_least = [*(measure.vector for measure in elementals(n)), *non_negative]
    lowest = _minimise(n, objective, zero, at_least)
    values = [Fraction(value).limit_denominator(1000) for value in lowest]
    unit = math.lcm(*(value.denominator for value in values))
    whole = {mask: value * unit for mask, value in enumerate(values, start=1)}
    if (
        evaluate(objective, whole) < 0
        and all(evaluate(vector, whole) == 0 for vector in zero)
        and all(evaluate(vector, whole) >= 0 for vector in at_least)
    ):
        return whole
    return None


def constants(n: int, zero: Sequence[Vector], non_negative: Sequence[Vector]) -> list[int]:
    """Return the variables without entropy in all polymatroids that obey premises, as far as floats tell.

    The parameters are those of `polymatroid`.
    """
    at_least = [*(measure.vector for measure in elementals(n)), *non_negative]
    undecided = set(range(n))
    while undecided:
        # Where the sum of their entropies is largest, one may be 0 that need not be: ask again for those.
        largest = _minimise(n, {1 << i: Fraction(-1) for i in undecided}, zero, at_least)
        random = {i for i in undecided if largest[(1 << i) - 1] > 1e-7}
        if not random:
            break
        undecided -= random
    return sorted(undecided)


def evaluate(vector: Vector, entropies: Mapping[int, Fraction]) -> Fraction:
    """Return the value of a form."""
    return sum((value * entropies[mask] for mask, value in vector.items()), Fraction(0))


def _parts(mask: int) -> list[int]:
    """Return the non-empty subsets of a mask."""
    parts = []
    part = mask
    while part:
        parts.append(part)
        part = (part - 1) & mask
    return parts


def _minimise(n: int, objective: Vector, zero: Sequence[Vector], at_least: Sequence[Vector]) -> np.ndarray:
    """Return the entropies, from 0 to 1, for which a form is least."""
    size = (1 << n) - 1
    solution = scipy.optimize.linprog(
        _matrix([objective], size).toarray()[0],
        A_ub=-_matrix(at_least, size),
        b_ub=np.zeros(len(at_least)),
        A_eq=_matrix(zero, size),
        b_eq=np.zeros(len(zero)),
        bounds=(0, 1),
        method="highs-ds",
    )
    return solution.x


def _matrix(vectors: Sequence[Vector], size: int) -> "scipy.sparse.csc_array":
    entries = [
        (i, mask - 1, float(value)) for i, vector in enumerate(vectors) for mask, value in vector.items()
    ]
    rows, columns, values = zip(*entries, strict=True) if entries else ((), (), ())
    return scipy.sparse.csc_array((values, (rows, columns)), shape=(len(vectors), size))


def _solve(columns: Sequence[Vector], target: Vector) -> list[Fraction] | None:
    """Solve Σ w_j c_j = t in fractions, by elimination; unknowns that stay undetermined are 0."""
    right = len(columns)
    solved: dict[int, dict[int, Fraction]] = {}
    for mask in set(target).union(*columns):
        row = {j: Fraction(column[mask]) for j, column in enumerate(columns) if mask in column}
        if mask in target:
            row[right] = Fraction(target[mask])
        for pivot, known in solved.items():
            if factor := row.get(pivot):
                row = total([(Fraction(1), row), (-factor, known)])
        pivot = min(row, default=right)
        if pivot < right:
            solved[pivot] = {j: value / row[pivot] for j, value in row.items()}
        elif row:
            return None
    weights = [Fraction(0)] * right
    for pivot, row in reversed(solved.items()):
        weights[pivot] = row.get(right, Fraction(0)) - sum(
            value * weights[j] for j, value in row.items() if j not in (pivot, right)
        )
    return weights
