r"""Joint tables: expressions evaluated, marginals, channels, and the atoms of the information diagram.

The information diagram
-----------------------

Read entropy as an area, joint entropy as a union, conditioning as a difference and mutual information
as an intersection, and identities between quantities become statements about areas.  The reading is exact:
there is one signed measure that does it (Hu 1962, Yeung 1991), and `atoms` computes the measure of the
smallest regions.  Areas where three or more variables meet may be negative.

Two further quantities
----------------------

The information that three or more variables share is not the only extension of :math:`I(X;Y)`.  The *total
correlation* (Watanabe 1960) extends the other reading, the distance from independence,
:math:`D(p(x,y) \| p(x) p(y))`.  The *entropy distance* :math:`H(X|Y) + H(Y|X)` is what two variables do not
share; among discrete variables it is a metric.

References
----------
- Hu Kuo Ting, On the amount of information, Theory of Probability and Its Applications 7 (1962).
- R. W. Yeung, A new outlook on Shannon's information measures, IEEE Transactions on Information Theory 37
  (1991).
- S. Watanabe, Information theoretical analysis of multivariate correlation, IBM Journal of Research and
  Development 4 (1960).
"""

import math
import re
from collections.abc import Iterable, Sequence
from itertools import combinations

import numpy as np

from ibcourse._array import Array, ArrayLike, as_arrays, as_distributions, namespace, tolerance
from ibcourse.information.expressions import WORD, Evaluator, as_names, quantity, split_names
from ibcourse.information.measures import _condition, _entropy, _kl_divergence


class Joint(Evaluator):
    r"""A joint distribution of named variables, which evaluates expressions.

    Parameters
    ----------
    table : array_like, shape (..., n_1, ..., n_k)
        Probabilities, one axis for each variable; the axes before are a batch.
    names : str or sequence of str
        The names of the k variables in the order of the axes, such as ``"X Y Z"``.

    Attributes
    ----------
    table : array, shape (..., n_1, ..., n_k)
        The probabilities: float64, a tensor if a tensor was given.
    variables : tuple of str
        The names.
    tolerance : float
        By how much a relation may fail to hold, in nats: as much as the sum of the table may differ from one,
        1e-8 for double precision.

    Raises
    ------
    ValueError
        If the table is not a distribution, or the names do not fit it.
    ExpressionError
        From a call, if the text does not parse or names an unknown variable.

    See Also
    --------
    parse_expression : The language.
    Gaussian : The same for jointly Gaussian variables.

    Notes
    -----
    ``p(text)`` evaluates a text.  For an expression it returns the value in nats, shape (...), with gradients
    for tensors.  For a relation or a Markov chain it returns whether it holds, as booleans of shape (...).  A
    single entropy or mutual information, in whatever way it is written, is computed from its definition and
    never negative.  A longer expression is a sum of joint entropies, with an error of about 1e-15.
    Source: Yeung (1991).  Lesson: 01 Information.

    Examples
    --------
    Two independent fair bits and their exclusive or:

    >>> p = Joint([[[0.25, 0], [0, 0.25]], [[0, 0.25], [0.25, 0]]], "X Y Z")
    >>> print(f'{p("I(X;Y)"):.4f} {p("I(X;Y|Z)"):.4f} {p("I(X;Y;Z)"):.4f}')
    0.0000 0.6931 -0.6931
    >>> print(p("I(X;Z) <= I(X;Y)"), p("X -> Y -> Z"))
    True False

    The last is False because Z depends on X when Y is known.  A chain is built by adding variables:

    >>> bsc = [[0.9, 0.1], [0.1, 0.9]]
    >>> chain = Joint([0.5, 0.5], "X").extend("Y | X", bsc).extend("Z | Y", bsc)
    >>> print(chain("X -> Y -> Z"))
    True
    """

    def __init__(self, table: ArrayLike, names: str | Sequence[str]) -> None:
        self.variables = as_names(names)
        self.tolerance = tolerance(table)
        n = len(self.variables)
        xp, self.table = as_arrays(table=table)
        shape = tuple(self.table.shape)
        if len(shape) < n:
            raise ValueError(
                f"table has {len(shape)} axes, shape {shape}, but there are {n} names, "
                f'"{" ".join(self.variables)}"; expected one axis for each variable, after those of a batch.'
            )
        if math.prod(shape[:-n]) > 1 and abs(xp.sum(self.table) - 1) <= self.tolerance:
            raise ValueError(
                f"table has {len(shape)} axes, shape {shape}, and sums to one as a whole, but only {n} of "
                f'them have a name, "{" ".join(self.variables)}"; expected a name for every axis, or a batch '
                "of tables that each sum to one."
            )
        as_distributions(axes=n, table=table)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the table."""
        return tuple(self.table.shape)

    def __repr__(self) -> str:
        return f'<Joint "{" ".join(self.variables)}" of shape {self.shape}>'

    def marginal(self, names: str | Sequence[str]) -> Array:
        r"""Return the joint table of some of the variables.

        Parameters
        ----------
        names : str or sequence of str
            The variables, in the order that the axes shall have, such as ``"Z X"``.

        Returns
        -------
        array, shape (..., n_1, ..., n_k)
            Their probabilities, one axis for each name.

        Raises
        ------
        ValueError
            If a name is unknown or repeated.

        Notes
        -----
        Lesson: 01 Information.

        Examples
        --------
        >>> print(Joint([[0.5, 0], [0.25, 0.25]], "X Y").marginal("Y"))
        [0.75 0.25]
        """
        wanted = as_names(names)
        self._check_known(wanted)
        return self._grouped(*([name] for name in wanted))

    def conditional(self, names: str) -> Array:
        r"""Return the channel from some variables to others.

        .. math:: p(y | x) = p(x, y) / p(x)

        Parameters
        ----------
        names : str
            Variables, a bar, and the variables that are conditioned on, such as ``"Y | X"``.

        Returns
        -------
        array, shape (..., given, targets)
            The conditional probabilities.  As for every channel here, the axes of the condition come first:
            ``"Z | X,Y"`` has shape (..., X, Y, Z).

        Raises
        ------
        ValueError
            If there is no bar, or a name is unknown or repeated.

        Notes
        -----
        Where the condition has probability 0 no row is better than another; the uniform one is returned, so
        that the result is a channel in any case.
        Lesson: 01 Information.

        Examples
        --------
        >>> print(Joint([[0.5, 0], [0.25, 0.25], [0, 0]], "X Y").conditional("Y | X"))
        [[1.  0. ]
         [0.5 0.5]
         [0.5 0.5]]
        """
        targets, given = split_names(names)
        wanted = as_names([*given, *targets])
        self._check_known(wanted)
        table = self._grouped(given, targets)
        xp = namespace(table)
        p_given, rows = _condition(table)
        rows = xp.where(p_given[..., None] > 0, rows, 1 / rows.shape[-1])
        return xp.reshape(rows, (*rows.shape[:-2], *(self._sizes[name] for name in wanted)))

    def extend(self, names: str, channel: ArrayLike) -> "Joint":
        r"""Return the joint distribution with new variables, drawn through a channel.

        .. math:: p(x, y, z) = p(x, y)\, p(z | y)

        Given the variables of the condition, the new ones are independent of all others.  So steps of
        ``"Y | X"``, ``"Z | Y"`` make a Markov chain, and steps in any order a Bayesian network.

        Parameters
        ----------
        names : str
            New variables, a bar, and the variables that they depend on, such as ``"Z | Y"``; new variables
            alone are independent of all others.
        channel : array_like, shape (..., given, new)
            Conditional probabilities, one axis for each variable, those of the condition first and in the
            order of the names.  The batch axes broadcast with those of the table.

        Returns
        -------
        Joint
            The old variables in their order, then the new ones.

        Raises
        ------
        ValueError
            If a row of the channel is not a distribution, its shape does not fit, a new name is taken or an
            old one is unknown.

        Notes
        -----
        Lesson: 01 Information.

        Examples
        --------
        >>> p = Joint([0.5, 0.5], "X").extend("Y | X", [[1, 0], [0.5, 0.5]])
        >>> p.variables
        ('X', 'Y')
        >>> print(p.table)
        [[0.5  0.  ]
         [0.25 0.25]]
        """
        new, given = split_names(names) if "|" in names else (as_names(names), ())
        self._check_known(given)
        variables = as_names([*self.variables, *new])
        xp, table, array = as_arrays(table=self.table, channel=channel)
        n, shape, sizes = len(self.variables), tuple(array.shape), self._sizes
        batch = shape[: -len(given) - len(new)]
        expected = tuple(sizes[name] for name in given)
        if len(shape) < len(given) + len(new) or shape[len(batch) : -len(new)] != expected:
            raise ValueError(
                f'channel has shape {shape}; expected the last axes of "{names}" to be '
                f"({', '.join([*map(str, expected), *new])}): "
                f"{', '.join([*given, *new])} in this order."
            )
        as_distributions(axes=len(new), channel=channel)
        b = len(batch)
        order = [b + given.index(name) for name in self.variables if name in given]
        array = xp.permute_dims(array, (*range(b), *order, *range(b + len(given), len(shape))))
        aligned = (sizes[name] if name in given else 1 for name in self.variables)
        array = xp.reshape(array, (*batch, *aligned, *shape[-len(new) :]))
        table = xp.reshape(table, (*self.shape, *(1 for _ in new)))
        try:
            np.broadcast_shapes(table.shape[: -n - len(new)], batch)
        except ValueError:
            raise ValueError(
                f"table and channel have batch axes {self.shape[:-n]} and {batch}; expected axes that are "
                "equal, or 1, or absent."
            ) from None
        # Not through __init__: two roundings, each within its tolerance, may add up to more than one.
        result = object.__new__(Joint)
        result.table, result.variables = table * array, variables
        result.tolerance = self.tolerance + tolerance(channel)
        return result

    @property
    def _sizes(self) -> dict[str, int]:
        return dict(zip(self.variables, self.shape[-len(self.variables) :], strict=True))

    def _grouped(self, *groups: Iterable[str]) -> Array:
        """Return the marginal table with one flat axis for each group, after the batch."""
        xp, n = namespace(self.table), len(self.variables)
        batch = self.table.ndim - n
        members = [list(group) for group in groups]
        order = [name for group in members for name in group]
        away = tuple(batch + i for i, name in enumerate(self.variables) if name not in order)
        table = xp.sum(self.table, axis=away)
        kept = [name for name in self.variables if name in order]
        table = xp.permute_dims(table, (*range(batch), *(batch + kept.index(name) for name in order)))
        flat = (math.prod(self._sizes[name] for name in group) for group in members)
        return xp.reshape(table, (*self.shape[:batch], *flat))

    def _entropy(self, a: frozenset[str], given: frozenset[str]) -> Array:
        if not given:
            return _entropy(self._grouped(a))
        p_given, p_a = _condition(self._grouped(given, a))
        return namespace(p_a).sum(p_given * _entropy(p_a), axis=-1)

    def _mutual_information(self, a: frozenset[str], b: frozenset[str], given: frozenset[str]) -> Array:
        # The mean over a and c of D(p(b|a,c) ‖ p(b|c)), as in `mutual_information`.
        table = self._grouped(given, a, b)
        xp = namespace(table)
        p_ca, p_b_given_ca = _condition(table)
        _, p_b_given_c = _condition(xp.sum(table, axis=-2))
        terms = p_ca * _kl_divergence(p_b_given_ca, p_b_given_c[..., None, :])
        return xp.sum(terms, axis=(-2, -1))


def atoms(p: "ArrayLike | Joint", names: str | Sequence[str] = "X Y Z") -> dict[str, Array]:
    r"""Return the atoms of the information diagram of a joint table.

    The atom of a non-empty set of variables :math:`S` is what exactly these variables share:

    .. math:: I(S_1; \ldots; S_k \,|\, C) = \sum_{T \subseteq S} (-1)^{|T| + 1} H(T, C),

    with C all variables outside S.  Atoms of one variable are conditional entropies, :math:`H(X|Y,Z)`; of
    two, conditional mutual informations, :math:`I(X;Y|Z)`; of three, interaction informations,
    :math:`I(X;Y;Z) = I(X;Y) - I(X;Y|Z)`.  Atoms of three or more variables may be negative.

    Parameters
    ----------
    p : array_like, one axis for each variable, or Joint
        One joint table of one to five variables; a batch of them only as a `Joint`.
    names : str or sequence of str
        The names of the variables in the order of the axes, such as ``"X Y Z"``.  A `Joint` has its own.

    Returns
    -------
    dict of str to array
        The value of each atom in nats, by its expression, such as ``"I(X;Y|Z)"``; fewest variables first.
        The values sum to the joint entropy.

    Raises
    ------
    ValueError
        If p is not a distribution, or the names are not one to five distinct words, one for each axis.

    Notes
    -----
    Atoms of one or two variables are never negative.  Those of more are differences of entropies, so a zero
    may show as a rounding error of about 1e-16.
    Source: Yeung (1991).  Lesson: 01 Information.

    Examples
    --------
    Two independent fair bits and their exclusive or: each pair tells what no single one does.

    >>> from ibcourse.information import bits
    >>> xor = [[[0.25, 0], [0, 0.25]], [[0, 0.25], [0.25, 0]]]
    >>> for expression, value in atoms(xor).items():
    ...     print(f"{expression:10} {bits(value):+.0f} bit")
    H(X|Y,Z)   +0 bit
    H(Y|X,Z)   +0 bit
    H(Z|X,Y)   +0 bit
    I(X;Y|Z)   +1 bit
    I(X;Z|Y)   +1 bit
    I(Y;Z|X)   +1 bit
    I(X;Y;Z)   -1 bit
    """
    if isinstance(p, Joint):
        names = p.variables
    names = names if isinstance(names, str) else " ".join(map(str, names))
    variables = names.split()
    n = len(variables)
    if not 1 <= n <= 5 or len(set(variables)) < n or not all(re.fullmatch(WORD, name) for name in variables):
        raise ValueError(
            f'names is "{names}"; expected one to five distinct words separated by spaces, such as "X Y Z".'
        )
    if not isinstance(p, Joint):
        _, table = as_arrays(p=p)
        if table.ndim != n:
            raise ValueError(
                f"p has {table.ndim} axes, shape {tuple(table.shape)}, but names lists {n} variables, "
                f'"{names}"; expected one name for each axis.'
            )
        as_distributions(axes=n, p=p)
        p = Joint(p, variables)

    forms = {}
    for size in range(1, n + 1):
        for inner in combinations(variables, size):
            given = [name for name in variables if name not in inner]
            expression = ("H" if size == 1 else "I") + f"({';'.join(inner)}"
            expression += f"|{','.join(given)})" if given else ")"
            forms[expression] = quantity([[name] for name in inner], given)
    return dict(zip(forms, p._values(forms.values()), strict=True))


def total_correlation(p: "ArrayLike | Joint") -> Array:
    r"""Return the total correlation of all variables of a joint table.

    .. math::

        \mathrm{TC}(X_1, \ldots, X_n) = D\Big(p \,\Big\|\, \prod_i p(x_i)\Big)
        = \sum_i H(X_i) - H(X_1, \ldots, X_n)
        = \min_{q_1, \ldots, q_n} D\Big(p \,\Big\|\, \prod_i q_i(x_i)\Big)

    Parameters
    ----------
    p : array_like, one axis for each variable, or Joint
        One joint table; a batch of them only as a `Joint`.

    Returns
    -------
    array, shape ()
        Nats, never negative; 0 if the variables are independent.  The shape of the batch for a `Joint`.

    Raises
    ------
    ValueError
        If p is not a distribution.

    Notes
    -----
    The marginals are the only minimiser, since
    :math:`D(p \| \prod_i q_i) = \mathrm{TC}(X_1, \ldots, X_n) + \sum_i D(p_i \| q_i)`.  The other direction,
    :math:`D(\prod_i q_i \| p)`, has other minimisers.  The value is computed as the sum of
    :math:`I(X_1, \ldots, X_{i-1}; X_i)`.
    Source: Watanabe (1960).  Lesson: 01 Information.

    Examples
    --------
    Three copies of a fair bit, and two bits with their exclusive or:

    >>> copies = [[[0.5, 0], [0, 0]], [[0, 0], [0, 0.5]]]
    >>> xor = [[[0.25, 0], [0, 0.25]], [[0, 0.25], [0.25, 0]]]
    >>> print(total_correlation(copies), total_correlation(xor))
    1.3862943611198906 0.6931471805599453
    """
    if not isinstance(p, Joint):
        _, table = as_arrays(p=p)
        as_distributions(axes=max(table.ndim, 1), p=p)
        p = Joint(p, [f"X{i}" for i in range(table.ndim)])
    names = p.variables
    steps = (p(f"I({','.join(names[:i])};{names[i]})") for i in range(1, len(names)))
    return sum(steps, start=p("0"))


def entropy_distance(p_xy: ArrayLike) -> Array:
    r"""Return the entropy distance of two variables, also called variation of information.

    .. math:: d(X, Y) = H(X|Y) + H(Y|X) = H(X, Y) - I(X; Y)

    Parameters
    ----------
    p_xy : array_like, shape (..., X, Y)
        Joint tables on the last two axes.

    Returns
    -------
    array, shape (...)
        Nats, never negative; 0 if and only if each variable is a function of the other.

    Raises
    ------
    ValueError
        If p_xy is not a joint distribution.

    Notes
    -----
    A metric on discrete variables, up to relabelling: it is symmetric and obeys the triangle inequality.
    With the differential entropies of continuous variables the same expression may be negative.
    Lesson: 01 Information.

    Examples
    --------
    >>> print(entropy_distance([[0, 0.5], [0.5, 0]]))
    0.0
    """
    as_distributions(axes=2, p_xy=p_xy)
    p = Joint(p_xy, "X Y")
    return p("H(X|Y)") + p("H(Y|X)")
