r"""Distributions that break a false claim, found by search and evaluated exactly.

Exact entropies
---------------

If all probabilities are fractions, every joint entropy is a sum of logarithms of whole numbers with
rational coefficients, and so, after factorisation, is every linear form:

.. math:: \sum_S c_S H(S) = \sum_{p \text{ prime}} r_p \ln p, \qquad r_p \in \mathbb{Q}.

By unique factorisation the logarithms of the primes are independent over the rationals.  So the form is
zero if and only if all :math:`r_p` are, and whether a distribution *obeys* a premise such as
:math:`I(X;Z|Y) = 0` is decided without any rounding.  The sign of a form that is not zero is computed with as
many digits as it takes.

Where to look
-------------

Take a small probability space and let every variable be a partition of it: what the variable tells is in
which block the outcome lies.  The joint entropy of some variables is the entropy of their common
refinement, which a table of the space's partitions gives, so that many thousands of distributions are tried
at once.  Partitions of two or four equally likely outcomes give copies, constants, independent bits,
exclusive or, and, or; the subspaces of :math:`\mathrm{GF}(q)^k` give the linear distributions, which
are the extreme rays of the entropies of three variables.  Independent copies of such distributions side by
side add their entropies, and a linear program finds out which of them, and how many, obey premises that none
of them obeys alone.

References
----------
- Z. Zhang and R. W. Yeung, On characterization of entropy function via information inequalities, IEEE
  Transactions on Information Theory 44 (1998).
- R. W. Yeung, Information Theory and Network Coding (2008), chapters 13 to 15.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction
from functools import cached_property, lru_cache
from itertools import product
from typing import TypeAlias

import numpy as np

from ibcourse.information.expressions import Form
from ibcourse.information.shannon import Vector, combination, to_form

Partition: TypeAlias = tuple[int, ...]  # the block of each outcome; blocks are numbered as they appear
CELLS = 2_000_000  # how many entropies are computed at once; of more distributions a random sample is kept
MOST_BITS = 10  # a product of distributions has at most 1024 outcomes


@dataclass(frozen=True)
class Counterexample:
    """A small distribution with rational probabilities.

    Attributes
    ----------
    variables : tuple of str
        The names of the variables.
    probabilities : dict of tuple of int to Fraction
        The probability of each combination of values, in the order of the variables; others have none.
    """

    variables: tuple[str, ...]
    probabilities: Mapping[tuple[int, ...], Fraction]

    @property
    def table(self) -> np.ndarray:
        """The joint table, one axis a variable, as `Joint` takes it."""
        shape = tuple(max(values) + 1 for values in zip(*self.probabilities, strict=True))
        table = np.zeros(shape)
        for outcome, probability in self.probabilities.items():
            table[outcome] = float(probability)
        return table

    def logarithms(self, form: Form) -> dict[int, Fraction]:
        """Return the exact value of a form over joint entropies: the coefficients of the ln p, p prime."""
        result: dict[int, Fraction] = {}
        for names, coefficient in form.terms.items():
            axes = [i for i, name in enumerate(self.variables) if name in names]
            marginal: dict[tuple[int, ...], Fraction] = {}
            for outcome, probability in self.probabilities.items():
                values = tuple(outcome[i] for i in axes)
                marginal[values] = marginal.get(values, Fraction(0)) + probability
            for p in marginal.values():
                for number, sign in ((p.denominator, 1), (p.numerator, -1)):
                    for prime, power in _factors(number):
                        result[prime] = result.get(prime, Fraction(0)) + sign * power * p * coefficient
        return {prime: value for prime, value in result.items() if value}

    def value(self, form: Form) -> float:
        """Return the value of a form in nats, with a sign that is certain; 0 if and only if it is zero."""
        logarithms = self.logarithms(form)
        precision = 60
        while True:
            with localcontext(prec=precision):
                terms = [
                    Decimal(r.numerator) / r.denominator * Decimal(p).ln() for p, r in logarithms.items()
                ]
                value = sum(terms, Decimal(0))
                # The error of the sum is far below this.  Logarithms of primes are independent: a sum of them
                # is not zero, and enough digits show it.
                if not terms or abs(value) > max(map(abs, terms)) * Decimal(10) ** (10 - precision):
                    return float(value)
            precision *= 2

    def over(self, names: Iterable[str]) -> "Counterexample":
        """Return the distribution of variables in another order; those that it lacks are constant."""
        order = tuple(names)
        axes = {name: i for i, name in enumerate(self.variables)}
        values = {
            tuple(outcome[axes[name]] if name in axes else 0 for name in order): p
            for outcome, p in self.probabilities.items()
        }
        return Counterexample(order, values)

    def __str__(self) -> str:
        width = [max(len(name), 3) for name in self.variables]
        lines = [
            " ".join(f"{name:>{w}}" for name, w in zip(self.variables, width, strict=True)) + "  probability"
        ]
        for outcome, probability in sorted(self.probabilities.items()):
            cells = " ".join(f"{value:>{w}}" for value, w in zip(outcome, width, strict=True))
            lines.append(f"{cells}  {probability}")
        return "\n".join(lines)


@dataclass(frozen=True)
class Space:
    """A finite probability space and some of its partitions, closed under common refinement.

    Attributes
    ----------
    weights : tuple of int
        The probabilities of the outcomes, times their sum.
    partitions : tuple of Partition
        The partitions; the first has one block.
    """

    weights: tuple[int, ...]
    partitions: tuple[Partition, ...]

    @cached_property
    def join(self) -> np.ndarray:
        """The index of the common refinement of partitions i and j."""
        index = {partition: i for i, partition in enumerate(self.partitions)}
        return np.array([[index[_join(a, b)] for b in self.partitions] for a in self.partitions])

    @cached_property
    def entropies(self) -> np.ndarray:
        """The entropy of each partition in nats."""
        blocks = [np.bincount(partition, self.weights) / sum(self.weights) for partition in self.partitions]
        return np.array([-(p * np.log(p)).sum() for p in blocks])

    @cached_property
    def sizes(self) -> np.ndarray:
        """The number of blocks of each partition."""
        return np.array([max(partition) + 1 for partition in self.partitions])

    def search(self, n: int, possible: Callable[[np.ndarray, int], np.ndarray]) -> np.ndarray:
        """Return how n variables can be partitions: rows of indices of joins, one column a set of variables.

        The variables are added one by one.  ``possible(entropies, known)`` says which rows may stay, where
        ``known`` masks are known so far.  Of rows with equal entropies one is kept.
        """
        rng = np.random.default_rng(0)
        projection = rng.random(1 << n)
        most = CELLS // (len(self.partitions) << n)
        joins = np.zeros((1, 1), dtype=np.intp)
        for _ in range(n):
            choice = np.tile(np.arange(len(self.partitions)), len(joins))[:, None]
            joins = np.repeat(joins, len(self.partitions), axis=0)
            joins = np.concatenate([joins, self.join[joins, choice]], axis=1)
            known = joins.shape[1]
            entropies = self.entropies[joins]
            # Two vectors of entropies differ if and only if their projections do, up to a wild coincidence.
            _, first = np.unique((entropies @ projection[:known]).round(9), return_index=True)
            first = first[possible(entropies[first], known)]
            if len(first) > most:
                first = rng.choice(first, most, replace=False)
            joins = joins[first]
        return joins

    def distribution(self, joins: np.ndarray, names: Sequence[str]) -> Counterexample:
        """Return the distribution of a row of `search`."""
        blocks = [self.partitions[joins[1 << i]] for i in range(len(names))]
        probabilities: dict[tuple[int, ...], Fraction] = {}
        for outcome, weight in zip(zip(*blocks, strict=True), self.weights, strict=True):
            probabilities[outcome] = probabilities.get(outcome, Fraction(0)) + Fraction(
                weight, sum(self.weights)
            )
        return Counterexample(tuple(names), probabilities)


def find_counterexample(
    names: Sequence[str], claim: Vector, zero: Sequence[Vector], non_negative: Sequence[Vector]
) -> Counterexample | None:
    """Return a distribution that obeys the premises and makes a form negative, or None if none is found.

    Parameters
    ----------
    names : sequence of str
        The variables, by the number of their bit.
    claim : vector
        The form that shall be negative.
    zero, non_negative : sequences of vectors
        The premises: forms that are zero, and forms that are not negative.

    Returns
    -------
    Counterexample or None
        A distribution of the first space that has one, there with the fewest outcomes; verified exactly.
    """

    def breaks(found: Counterexample) -> bool:
        def value(vector: Vector) -> float:
            return found.value(to_form(vector, names))

        return value(claim) < 0 and not any(map(value, zero)) and all(value(v) >= 0 for v in non_negative)

    candidates = (
        found for search in (_single, _side_by_side) for found in search(names, claim, zero, non_negative)
    )
    return next(filter(breaks, candidates), None)


def _single(
    names: Sequence[str], claim: Vector, zero: Sequence[Vector], non_negative: Sequence[Vector]
) -> Iterator[Counterexample]:
    """Yield distributions of one space each that seem to break the claim."""
    n = len(names)
    for space in _spaces():
        joins = space.search(n, _filter(zero, non_negative))
        joins = joins[_values(claim, space.entropies[joins]) < -1e-9]
        if len(joins):
            singles = [1 << i for i in range(n)]
            size = space.sizes[joins[:, -1]] * 100 + space.sizes[joins[:, singles]].sum(axis=1)
            yield space.distribution(joins[size.argmin()], names)


def _side_by_side(
    names: Sequence[str], claim: Vector, zero: Sequence[Vector], non_negative: Sequence[Vector]
) -> Iterator[Counterexample]:
    """Yield products of linear distributions over GF(2) that seem to break the claim."""
    n = len(names)
    space = _linear(2, 2)
    # A measure that is zero in a product is zero in every factor.
    joins = space.search(n, _filter([vector for vector in zero if to_form(vector, names).as_quantity()], []))
    ranks = (space.entropies[joins] / math.log(2)).round().astype(int)
    # The unknowns are how often each distribution occurs, and the slack of each inequality; the rows are the
    # premises, and the claim, which shall be negative.
    rows = [*zero, *non_negative, claim]
    values = [_whole(row, ranks) for row in rows]
    columns = [{i: Fraction(v) for i, v in enumerate(column) if v} for column in zip(*values, strict=True)]
    costs = list(4.0 ** ranks[:, -1])
    slack = [{len(zero) + i: Fraction(-1)} for i in range(len(non_negative))]
    target = {len(rows) - 1: Fraction(-1)}
    weights = combination([*columns, *slack], target, [*costs, *([0.0] * len(slack))]) or {}
    shares = {j: weight for j, weight in weights.items() if j < len(columns)}
    unit = math.lcm(*(share.denominator for share in shares.values()))
    copies = {j: int(share * unit) for j, share in shares.items()}
    unit = math.gcd(*copies.values())
    bits = sum(count // unit * ranks[j, -1] for j, count in copies.items())
    if copies and bits <= MOST_BITS:
        factors = [
            space.distribution(joins[j], names) for j, count in copies.items() for _ in range(count // unit)
        ]
        yield _product(factors)


def _filter(
    zero: Sequence[Vector], non_negative: Sequence[Vector]
) -> Callable[[np.ndarray, int], np.ndarray]:
    """Return the ``possible`` of a search for distributions that obey premises."""

    def possible(entropies: np.ndarray, known: int) -> np.ndarray:
        keep = np.ones(len(entropies), dtype=bool)
        for vectors, most in ((zero, 1e-9), (non_negative, np.inf)):
            for vector in vectors:
                if max(vector) < known:
                    values = _values(vector, entropies)
                    keep &= (values >= -1e-9) & (values <= most)
        return keep

    return possible


def _values(vector: Vector, entropies: np.ndarray) -> np.ndarray:
    return entropies[:, list(vector)] @ np.array([float(value) for value in vector.values()])


def _whole(vector: Vector, ranks: np.ndarray) -> np.ndarray:
    """Return the values of a vector, multiplied so that they are whole and exact."""
    unit = math.lcm(*(value.denominator for value in vector.values()))
    return ranks[:, list(vector)].astype(object) @ np.array(
        [int(value * unit) for value in vector.values()], dtype=object
    )


def _product(factors: Sequence[Counterexample]) -> Counterexample:
    """Return independent distributions side by side: each variable is the tuple of its parts."""
    pairs = {
        tuple(zip(*outcomes, strict=True)): math.prod(
            (factor.probabilities[outcome] for factor, outcome in zip(factors, outcomes, strict=True)),
            start=Fraction(1),
        )
        for outcomes in product(*(factor.probabilities for factor in factors))
    }
    alphabets = [sorted(set(values)) for values in zip(*pairs, strict=True)]
    return Counterexample(
        factors[0].variables,
        {
            tuple(alphabet.index(value) for alphabet, value in zip(alphabets, values, strict=True)): p
            for values, p in pairs.items()
        },
    )


def _spaces() -> Iterator[Space]:
    """Yield the spaces that are searched, the smallest first."""
    yield _all_partitions((1, 1))
    yield _all_partitions((1, 1, 1))
    yield _all_partitions((1, 1, 1, 1))
    yield _all_partitions((2, 1, 1))
    yield _all_partitions((3, 1))
    yield _all_partitions((3, 3, 1, 1))
    yield _linear(2, 3)
    yield _linear(3, 2)
    yield _all_partitions((1, 1, 1, 1, 1))


@lru_cache
def _all_partitions(weights: tuple[int, ...]) -> Space:
    m = len(weights)
    return Space(weights, tuple(sorted({_canonical(labels) for labels in product(range(m), repeat=m)})))


@lru_cache
def _linear(q: int, k: int) -> Space:
    """Return GF(q)^k, q prime, with the partitions that linear maps make."""
    points = list(product(range(q), repeat=k))
    partitions = {
        _canonical([sum(a * x for a, x in zip(row, point, strict=True)) % q for point in points])
        for row in points
    }
    while True:
        more = {_join(a, b) for a in partitions for b in partitions}
        if more == partitions:
            return Space((1,) * len(points), tuple(sorted(partitions)))
        partitions = more


def _canonical(labels: Iterable[object]) -> Partition:
    """Number the blocks in the order in which they appear."""
    number: dict[object, int] = {}
    return tuple(number.setdefault(label, len(number)) for label in labels)


def _join(a: Partition, b: Partition) -> Partition:
    return _canonical(zip(a, b, strict=True))


@lru_cache
def _factors(number: int) -> tuple[tuple[int, int], ...]:
    """Return the prime factors of a number with their powers."""
    factors = []
    divisor = 2
    while divisor * divisor <= number:
        power = 0
        while number % divisor == 0:
            number //= divisor
            power += 1
        if power:
            factors.append((divisor, power))
        divisor += 1
    return (*factors, (number, 1)) if number > 1 else tuple(factors)
