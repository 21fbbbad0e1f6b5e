r"""Sufficient statistics: what may be lost of X at no cost for Y.

Sufficiency, three times
------------------------

A *statistic* :math:`T` of :math:`X` is made from :math:`X` alone, by a function or by a channel
:math:`p(t|x)`, so that :math:`T - X - Y` is a Markov chain.  It is *sufficient* for :math:`Y` if one of
these holds, and then all do:

- Information: :math:`I(T;Y) = I(X;Y)`.  In general the chain rule gives

  .. math:: I(X;Y) - I(T;Y) = I(X;Y|T) = \sum_{x,t} p(x)\, p(t|x)\, D(p(y|x) \| p(y|t)) \ge 0 .

- Factorisation (Fisher, Neyman): :math:`p(x, t|y) = h(x, t)\, g(t, y)`.  Equivalently, all x that may give
  the same t have the same posterior :math:`p(y|x)`.
- Decisions (Blackwell): whatever the loss, someone who sees T decides as well as someone who sees X.

The minimal sufficient statistic
--------------------------------

The posterior map :math:`T^*: x \mapsto p(\cdot|x)` is sufficient, and it is a function of every sufficient
statistic.  For any sufficient :math:`T` therefore

.. math:: H(T|T^*) = \underbrace{I(X;T|T^*)}_{I(X;T) - I(X;T^*)} + H(T|X) .

Least information makes the first term zero; being a function of every sufficient statistic makes both zero.
An independent coin beside :math:`T^*` keeps the first at zero and raises the second.  Least information is
therefore minimality *up to independent noise*.

Arrays
------

Joint tables have the axes (X, Y).  A statistic is a list of labels, one for each x, or a channel with the
axes (X, T).  Symbols of probability zero never occur; they have no posterior and constrain nothing.

.. rubric:: References

- R. A. Fisher, On the mathematical foundations of theoretical statistics, Philosophical Transactions of the
  Royal Society A 222 (1922).
- E. L. Lehmann and H. Scheffé, Completeness, similar regions, and unbiased estimation, Sankhyā 10 (1950).
- D. Blackwell, Equivalent comparisons of experiments, Annals of Mathematical Statistics 24 (1953).
- N. Slonim and N. Tishby, Agglomerative information bottleneck, NIPS 12 (1999).
- E. Torgersen, Comparison of Statistical Experiments (1991).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import scipy  # its parts load at their first use

from ibcourse._array import (
    Array,
    ArrayLike,
    as_arrays,
    as_distributions,
    check_distribution,
    check_finite,
    namespace,
    to_numpy,
    tolerance,
)
from ibcourse.information.measures import _condition, _entropy, _kl_divergence


def as_channel(statistic: ArrayLike) -> Array:
    r"""Return the channel of a statistic.

    .. math:: p(t|x) = 1 \text{ if } t = T(x), \text{ else } 0

    Parameters
    ----------
    statistic : array_like, shape (X,) or (..., X, T)
        A label for each x, of any kind that can be sorted; or a channel p(t|x), which is checked.

    Returns
    -------
    array, shape (X, T) or (..., X, T)
        The channel.  Its columns are the distinct labels in sorted order.

    Raises
    ------
    ValueError
        If a row of a channel is not a distribution, there is no label, or a label is not a number.

    Notes
    -----
    Labels are equal if they are exactly equal: round measured numbers first.
    Lesson: 03 Sufficiency.

    Examples
    --------
    >>> print(as_channel(["low", "high", "low"]))
    [[0. 1.]
     [1. 0.]
     [0. 1.]]
    """
    if np.ndim(statistic) >= 2:
        _, channel = as_distributions(statistic=statistic)
        return channel
    labels = np.asarray(to_numpy(statistic))
    if labels.ndim == 0 or labels.size == 0:
        raise ValueError(f"statistic has shape {labels.shape}; expected a label for each x, or p(t|x).")
    if labels.dtype.kind == "f" and np.isnan(labels).any():
        raise ValueError(f"statistic[{np.isnan(labels).argmax()}] is nan; expected a label for each x.")
    distinct, label = np.unique(labels, return_inverse=True)
    return np.eye(len(distinct))[label]


def information_loss(p_xy: ArrayLike, statistic: ArrayLike) -> Array:
    r"""Return the information about Y that a statistic of X loses.

    .. math:: I(X;Y) - I(T;Y) = I(X;Y|T) = \sum_{x,t} p(x)\, p(t|x)\, D(p(y|x) \| p(y|t))

    Parameters
    ----------
    p_xy : array_like, shape (..., X, Y)
        Joint tables.
    statistic : array_like, shape (X,) or (..., X, T)
        Labels, or channels p(t|x); batch axes broadcast.

    Returns
    -------
    array, shape (...)
        Nats, never negative; 0 if and only if the statistic is sufficient.

    Raises
    ------
    ValueError
        If p_xy is not a joint distribution, the statistic is none, or they do not fit.

    Notes
    -----
    It also is :math:`H(Y|T) - H(Y|X)`, so that the least loss is the least decoder uncertainty.  It is
    computed as a mean of divergences and keeps its digits when it is small.
    Source: Cover and Thomas (2006), section 2.9.  Lesson: 03 Sufficiency.

    Examples
    --------
    Of two tosses of one of two coins the number of heads says all, the first toss does not:

    >>> p_xy = [[0.405, 0.005], [0.045, 0.045], [0.045, 0.045], [0.005, 0.405]]  # TT, TH, HT, HH
    >>> heads, first = [0, 1, 1, 2], [0, 0, 1, 1]
    >>> print(round(information_loss(p_xy, heads), 6), round(information_loss(p_xy, first), 6))
    0.0 0.146311
    """
    xp, p_xy, channel = _problem(p_xy, statistic)
    p_x, p_y_given_x = _condition(p_xy)
    p_xt = p_x[..., None] * channel
    _, p_y_given_t = _condition(_transposed(channel) @ p_xy)
    # One t at a time: the whole array would have |X| |T| |Y| cells.
    return sum(
        xp.sum(
            p_xt[..., t] * _kl_divergence(p_y_given_x, _where_used(p_xt, p_y_given_x, p_y_given_t, t)),
            axis=-1,
        )
        for t in range(channel.shape[-1])
    )


def is_sufficient(p_xy: ArrayLike, statistic: ArrayLike, *, tolerance: float = 1e-9) -> Array:
    r"""Return whether a statistic of X is sufficient for Y, by information.

    .. math:: I(X;Y|T) = 0

    Parameters
    ----------
    p_xy : array_like, shape (..., X, Y)
        Joint tables.
    statistic : array_like, shape (X,) or (..., X, T)
        Labels, or channels p(t|x).
    tolerance : float
        The loss that is taken for zero, in nats.

    Returns
    -------
    array of bool, shape (...)
        Whether `information_loss` is at most the tolerance.

    Raises
    ------
    ValueError
        If p_xy is not a joint distribution, the statistic is none, or they do not fit.

    See Also
    --------
    factorise : The same by factorisation, with a witness.

    Notes
    -----
    The loss is quadratic in small differences of posteriors: those of 1e-5 lose about 1e-10 nats.  So this
    test is more lenient than `factorise` with the same tolerance.
    Source: Cover and Thomas (2006), section 2.9.  Lesson: 03 Sufficiency.

    Examples
    --------
    >>> p_xy = [[0.3, 0.1], [0.15, 0.05], [0.1, 0.3]]
    >>> print(is_sufficient(p_xy, [0, 0, 1]), is_sufficient(p_xy, [0, 1, 1]))
    True False
    """
    return information_loss(p_xy, statistic) <= tolerance


class Witness(NamedTuple):
    """Two symbols that a statistic merges although their posteriors differ.

    ``x`` and ``other`` both give column ``t`` of the channel with positive probability, but ``p`` = p(y|x)
    and ``p_other`` = p(y|other) are not equal.
    """

    t: int
    x: int
    other: int
    y: int
    p: float
    p_other: float


@dataclass(frozen=True, eq=False)
class Factorisation:
    """The best Fisher–Neyman factors of a statistic.

    Attributes
    ----------
    h : numpy.ndarray, shape (X, T)
        p(x|t): the factor without y.  Zeros where t never occurs.
    g : numpy.ndarray, shape (T, Y)
        p(t|y): the factor that meets x through t alone.  Zeros where y never occurs.
    witness : Witness
        The two symbols with the same t whose posteriors differ most.  None if no t merges two symbols.
    holds : bool
        Whether p(x, t|y) = h(x, t) g(t, y), so that the statistic is sufficient.
    """

    h: np.ndarray
    g: np.ndarray
    witness: Witness | None
    holds: bool


def factorise(p_xy: ArrayLike, statistic: ArrayLike, *, tolerance: float = 1e-9) -> Factorisation:
    r"""Factorise the likelihood of Y through a statistic of X, or show two symbols for which it fails.

    .. math:: p(x, t|y) = h(x, t)\, g(t, y), \qquad h(x, t) = p(x|t), \quad g(t, y) = p(t|y)

    If T is a function of X, this is :math:`p(x|y) = h(x)\, g(T(x), y)`.

    Parameters
    ----------
    p_xy : array_like, shape (X, Y)
        The joint table.
    statistic : array_like, shape (X,) or (X, T)
        Labels, or a channel p(t|x).
    tolerance : float
        By how much posteriors p(y|x) may differ and still count as equal.

    Returns
    -------
    Factorisation
        The factors, whether their product is p(x, t|y), and the witness.

    Raises
    ------
    ValueError
        If p_xy is not one joint distribution, the statistic is none, or they do not fit.

    Notes
    -----
    If any h and g do, those given here do too.  For summed over x, p(t|y) = g(t, y) Σ h(x, t), so that g is
    p(t|y) up to a factor that depends on t alone.
    Source: Fisher (1922); Lehmann and Scheffé (1950).  Lesson: 03 Sufficiency.

    Examples
    --------
    >>> p_xy = [[0.3, 0.1], [0.15, 0.05], [0.1, 0.3]]
    >>> factorise(p_xy, [0, 0, 1]).holds
    True
    >>> failed = factorise(p_xy, [0, 1, 1])
    >>> print(failed.holds, failed.witness.x, failed.witness.other)
    False 1 2
    """
    _, p_xy, channel = _problem(p_xy, statistic, single=True)
    p_xy, channel = to_numpy(p_xy), to_numpy(channel)
    p_x, p_y_given_x = _condition(p_xy)
    p_xt = p_x[:, None] * channel
    h = _condition(p_xt.T)[1].T
    g = _condition((channel.T @ p_xy).T)[1].T
    witnesses = [_widest(t, np.flatnonzero(p_xt[:, t]), p_y_given_x) for t in range(channel.shape[1])]
    found = [witness for witness in witnesses if witness is not None]
    witness = max(found, key=lambda w: w.p - w.p_other, default=None)
    return Factorisation(h, g, witness, witness is None or witness.p - witness.p_other <= tolerance)


def minimal_sufficient(p_xy: ArrayLike, *, tolerance: float = 1e-9) -> np.ndarray:
    r"""Return the minimal sufficient statistic: the partition of X by equal posteriors.

    .. math:: T^*(x) = T^*(x') \iff p(y|x) = p(y|x') \text{ for all } y

    Parameters
    ----------
    p_xy : array_like, shape (X, Y)
        The joint table.
    tolerance : float
        Posteriors count as equal if no cell differs by more.  What is linked by a chain of such pairs is one
        class, so that the result does not depend on the order of the symbols.

    Returns
    -------
    numpy.ndarray of int, shape (X,)
        The class of each x, numbered from 0 as they appear.  A symbol of probability zero has no posterior
        and is put into class 0.

    Raises
    ------
    ValueError
        If p_xy is not one joint distribution.

    Notes
    -----
    It is a function of every sufficient statistic.  The map to the posterior itself needs no choice of a
    representative from each class.
    Source: Lehmann and Scheffé (1950).  Lesson: 03 Sufficiency.

    Examples
    --------
    >>> print(minimal_sufficient([[0.3, 0.1], [0.1, 0.3], [0, 0], [0.15, 0.05]]))
    [0 1 0 0]
    """
    _, p_xy = as_distributions(axes=2, p_xy=p_xy)
    _check_single(p_xy)
    p_x, p_y_given_x = _condition(to_numpy(p_xy))
    used = p_x > 0
    near = scipy.spatial.distance.cdist(p_y_given_x[used], p_y_given_x[used], "chebyshev") <= tolerance
    labels = np.zeros(len(p_x), dtype=int)
    labels[used] = _by_appearance(scipy.sparse.csgraph.connected_components(near, directed=False)[1])
    return labels


def partitions(n: int) -> Iterator[tuple[int, ...]]:
    """Yield all partitions of n symbols, as labels numbered from 0 in the order of appearance.

    Parameters
    ----------
    n : int
        The number of symbols.  There are 1, 2, 5, 15, 52, 203, 877, ... partitions (Bell numbers).

    Yields
    ------
    tuple of int, length n
        The label of each symbol: one deterministic statistic up to its names.

    Raises
    ------
    ValueError
        If n is less than 1.

    Notes
    -----
    Lesson: 03 Sufficiency.

    Examples
    --------
    >>> list(partitions(3))
    [(0, 0, 0), (0, 0, 1), (0, 1, 0), (0, 1, 1), (0, 1, 2)]
    """
    if n < 1:
        raise ValueError(f"n is {n}; expected at least one symbol.")
    if n == 1:
        yield (0,)
        return
    for labels in partitions(n - 1):
        yield from ((*labels, last) for last in range(max(labels) + 2))


@dataclass(frozen=True)
class Minimality:
    r"""How far a statistic is from the minimal sufficient one, in nats.

    Attributes
    ----------
    loss : float
        I(X;Y|T): what it loses about Y.
    excess : float
        I(X;T|T*): what it tells about X beside the posterior.
    noise : float
        H(T|X): the randomness of its own.
    tolerance : float
        What counts as zero.
    """

    loss: float
    excess: float
    noise: float
    tolerance: float

    @property
    def sufficient(self) -> bool:
        """Whether nothing is lost about Y."""
        return self.loss <= self.tolerance

    @property
    def by_information(self) -> bool:
        """Whether it has the least I(X;T) of all sufficient statistics, random ones too."""
        return self.sufficient and self.excess <= self.tolerance

    @property
    def by_functions(self) -> bool:
        """Whether it is a function of every sufficient statistic."""
        return self.by_information and self.noise <= self.tolerance


def minimality(p_xy: ArrayLike, statistic: ArrayLike, *, tolerance: float = 1e-9) -> Minimality:
    r"""Compare a statistic with the minimal sufficient statistic T*.

    .. math:: H(T|T^*) = I(X;T|T^*) + H(T|X)

    A sufficient T has the least information if and only if the first term is 0, for
    :math:`I(X;T) = I(X;T^*) + I(X;T|T^*)`.  It is a function of every sufficient statistic if and only if
    both are 0.

    Parameters
    ----------
    p_xy : array_like, shape (X, Y)
        The joint table.
    statistic : array_like, shape (X,) or (X, T)
        Labels, or a channel p(t|x).
    tolerance : float
        What counts as zero, in nats; and as equal, of posteriors.

    Returns
    -------
    Minimality
        The loss, the excess and the noise, and the three verdicts.

    Raises
    ------
    ValueError
        If p_xy is not one joint distribution, the statistic is none, or they do not fit.

    Notes
    -----
    Source: Lehmann and Scheffé (1950); the identity is the chain rule.  Lesson: 03 Sufficiency.

    Examples
    --------
    T* with a fair coin beside it tells no more about X, but it is no function of T*:

    >>> p_xy = [[0.3, 0.1], [0.15, 0.05], [0.1, 0.3]]
    >>> with_coin = [[0.5, 0.5, 0, 0], [0.5, 0.5, 0, 0], [0, 0, 0.5, 0.5]]
    >>> result = minimality(p_xy, with_coin)
    >>> result.by_information, result.by_functions, round(result.noise, 4)
    (True, False, 0.6931)
    """
    _, p_xy, channel = _problem(p_xy, statistic, single=True)
    p_xy, channel = to_numpy(p_xy), to_numpy(channel)
    p_xt = p_xy.sum(1, keepdims=True) * channel
    # I(X;T|T*) is what T* loses about T: T* is a statistic of X, and T may stand in the place of Y.
    excess = information_loss(p_xt / p_xt.sum(), minimal_sufficient(p_xy, tolerance=tolerance))
    noise = p_xy.sum(1) @ _entropy(channel)
    return Minimality(float(information_loss(p_xy, channel)), float(excess), float(noise), tolerance)


def merge_costs(p_xy: ArrayLike) -> Array:
    r"""Return what the merge of any two symbols of X costs in information about Y.

    .. math::

        d(x, x') = p(x)\, D(p(y|x) \| m) + p(x')\, D(p(y|x') \| m), \qquad
        m = \frac{p(x)\, p(y|x) + p(x')\, p(y|x')}{p(x) + p(x')}

    Parameters
    ----------
    p_xy : array_like, shape (..., X, Y)
        Joint tables.

    Returns
    -------
    array, shape (..., X, X)
        Nats: I(X;Y) before the merge less I(T;Y) after it.  Symmetric, never negative, 0 for equal posteriors
        and for symbols of probability zero.

    Raises
    ------
    ValueError
        If p_xy is not a joint distribution.

    Notes
    -----
    It is the Jensen–Shannon divergence of the posteriors, with weights in proportion to p(x) and p(x'), times
    p(x) + p(x').
    Source: Slonim and Tishby (1999), equation 5.  Lesson: 03 Sufficiency.

    Examples
    --------
    >>> print(merge_costs([[0.3, 0.1], [0.15, 0.05], [0.1, 0.3]]).round(4))
    [[0.     0.     0.1046]
     [0.     0.     0.0701]
     [0.1046 0.0701 0.    ]]
    """
    xp, p_xy = as_distributions(axes=2, p_xy=p_xy)
    return xp.stack([_merge_costs_of(p_xy, x) for x in range(p_xy.shape[-2])], axis=-2)


@dataclass(frozen=True, eq=False)
class MergeTree:
    """The greedy order of merges.

    Attributes
    ----------
    linkage : numpy.ndarray, shape (X − 1, 4)
        One merge a row, in the format of `scipy.cluster.hierarchy`: the two clusters, all that has been lost
        by then in nats, and the number of symbols.  The first clusters are the symbols 0 to X − 1; merge i
        makes cluster X + i.
    """

    linkage: np.ndarray

    @property
    def costs(self) -> np.ndarray:
        """What each merge costs, in nats, shape (X − 1,)."""
        return np.diff(self.linkage[:, 2], prepend=0.0)

    def labels(self, clusters: int) -> np.ndarray:
        """Return the partition into a number of clusters.

        Parameters
        ----------
        clusters : int
            From 1 to the number of symbols.

        Returns
        -------
        numpy.ndarray of int, shape (X,)
            The cluster of each symbol, numbered from 0 as they appear.

        Raises
        ------
        ValueError
            If there are fewer symbols than clusters, or clusters is less than 1.

        Examples
        --------
        >>> print(greedy_merges([[0.3, 0.1], [0.1, 0.3], [0.15, 0.05]]).labels(2))
        [0 1 0]
        """
        n = len(self.linkage) + 1
        if not 1 <= clusters <= n:
            raise ValueError(f"clusters is {clusters}; expected 1 to {n}, the number of symbols.")
        labels = np.arange(n)
        for i, pair in enumerate(self.linkage[: n - clusters, :2]):
            labels[np.isin(labels, pair)] = n + i
        return _by_appearance(labels)


def greedy_merges(p_xy: ArrayLike) -> MergeTree:
    r"""Merge the symbols of X one pair after another, always the pair that costs least.

    Parameters
    ----------
    p_xy : array_like, shape (X, Y)
        The joint table.

    Returns
    -------
    MergeTree
        The merges and what they lose; ``scipy.cluster.hierarchy.dendrogram`` draws its ``linkage``.

    Raises
    ------
    ValueError
        If p_xy is not one joint distribution.

    Notes
    -----
    Merges that cost nothing come first.  So the greedy order passes through the minimal sufficient statistic,
    and ends at a loss of I(X;Y).  Between them it need not find the best partition of its size.  Takes about
    X² Y operations.
    Source: Slonim and Tishby (1999).  Lesson: 03 Sufficiency.

    Examples
    --------
    >>> print(greedy_merges([[0.3, 0.1], [0.1, 0.3], [0.15, 0.05]]).linkage.round(4))
    [[0.     2.     0.     2.    ]
     [1.     3.     0.1258 3.    ]]
    """
    _, p_xy = as_distributions(axes=2, p_xy=p_xy)
    _check_single(p_xy)
    table = to_numpy(p_xy).copy()
    n = len(table)
    costs = merge_costs(table / table.sum())
    cluster, size, alive = np.arange(n), np.ones(n), np.ones(n, dtype=bool)
    np.fill_diagonal(costs, np.inf)
    linkage, lost = np.zeros((n - 1, 4)), 0.0
    for i in range(n - 1):
        a, b = np.unravel_index(costs.argmin(), costs.shape)
        lost += costs[a, b]
        linkage[i] = *sorted((cluster[a], cluster[b])), lost, size[a] + size[b]
        table[a] += table[b]
        cluster[a], size[a], alive[b] = n + i, size[a] + size[b], False
        costs[a] = costs[:, a] = np.where(alive & (cluster != n + i), _merge_costs_of(table, a), np.inf)
        costs[b] = costs[:, b] = np.inf
    return MergeTree(linkage)


def bayes_risk(p_xy: ArrayLike, loss: ArrayLike, statistic: ArrayLike | None = None) -> Array:
    r"""Return the least expected loss of decisions about Y.

    .. math:: R(T) = \sum_t \min_a \sum_y p(t, y)\, \ell(a, y)

    Parameters
    ----------
    p_xy : array_like, shape (..., X, Y)
        Joint tables.
    loss : array_like, shape (A, Y)
        What action a costs when y is true; finite numbers of any sign and unit.
    statistic : array_like, shape (X,) or (..., X, T), optional
        What the decision may use: labels, or channels p(t|x).  X itself if not given.

    Returns
    -------
    array, shape (...)
        The risk, in the unit of the loss.

    Raises
    ------
    ValueError
        If p_xy is not a joint distribution, the statistic is none, or the shapes do not fit.

    Notes
    -----
    No statistic lowers the risk.  It is equal to that of X for all losses if and only if the statistic is
    sufficient; see `separating_loss`.
    Source: Blackwell (1953).  Lesson: 03 Sufficiency.

    Examples
    --------
    To miss an illness costs ten times as much as to treat in vain.  The two readings have the same more
    probable answer, but merging them costs:

    >>> p_xy = [[0.49, 0.01], [0.4, 0.1]]  # well, ill
    >>> loss = [[0, 10], [1, 0]]  # wait, treat
    >>> print(round(bayes_risk(p_xy, loss), 4), round(bayes_risk(p_xy, loss, [0, 0]), 4))
    0.5 0.89
    """
    rounding = tolerance(p_xy)
    given = {} if statistic is None else {"statistic": as_channel(statistic)}
    xp, p_xy, loss, *channel = as_arrays(p_xy=p_xy, loss=loss, **given)
    check_distribution(p_xy, "p_xy", 2, rounding)
    if loss.ndim != 2 or not loss.shape[0] or loss.shape[1] != p_xy.shape[-1]:
        raise ValueError(
            f"loss has shape {tuple(loss.shape)}; expected (A, {p_xy.shape[-1]}): a row for each action, a "
            "column for each y."
        )
    check_finite(loss=loss)
    p_ty = _transposed(_fitting(p_xy, channel[0])) @ p_xy if channel else p_xy
    return xp.sum(xp.min(p_ty @ _transposed(loss), axis=-1), axis=-1)


def separating_loss(p_xy: ArrayLike, statistic: ArrayLike) -> np.ndarray | None:
    r"""Return a loss with two actions under which a statistic decides worse than X.

    .. math::

        v_y = [p(y|x) - p(y|t)] - c, \quad c = \sum_y p(y|t)\, [p(y|x) - p(y|t)], \qquad
        \ell(1, y) = \max(v_y, 0), \quad \ell(0, y) = \max(-v_y, 0),

    divided by the largest entry.  Given t alone both actions cost the same; who sees x knows better.

    Parameters
    ----------
    p_xy : array_like, shape (X, Y)
        The joint table.
    statistic : array_like, shape (X,) or (X, T)
        Labels, or a channel p(t|x).

    Returns
    -------
    numpy.ndarray of shape (2, Y), or None
        A loss with entries from 0 to 1; each y has an action that costs nothing.  None if the statistic is
        sufficient: then no loss separates.

    Raises
    ------
    ValueError
        If p_xy is not one joint distribution, the statistic is none, or they do not fit.

    See Also
    --------
    bayes_risk : The two risks.

    Notes
    -----
    The pair (x, t) is the one with the largest :math:`p(x, t)\, \|p(y|x) - p(y|t)\|^2`, and the risks differ
    by at least this, divided by the largest :math:`|v_y|`.  Differences of posteriors below 1e-12 count as
    none.
    Source: the constructive half of Blackwell (1953), for one statistic.  Lesson: 03 Sufficiency.

    Examples
    --------
    Both readings make the first answer more probable, but to merge them loses under this loss:

    >>> p_xy = [[0.45, 0.05], [0.3, 0.2]]
    >>> loss = separating_loss(p_xy, [0, 0])
    >>> print(loss.round(4))
    [[0.     1.    ]
     [0.3333 0.    ]]
    >>> print(round(bayes_risk(p_xy, loss), 4), round(bayes_risk(p_xy, loss, [0, 0]), 4))
    0.15 0.25
    """
    _, p_xy, channel = _problem(p_xy, statistic, single=True)
    p_xy, channel = to_numpy(p_xy), to_numpy(channel)
    p_x, p_y_given_x = _condition(p_xy)
    _, p_y_given_t = _condition(channel.T @ p_xy)
    p_xt = p_x[:, None] * channel
    # ‖a − b‖² from the differences themselves: from products, rounding would hide small ones.
    distance = scipy.spatial.distance.cdist(p_y_given_x, p_y_given_t)
    x, t = np.unravel_index(np.argmax(p_xt * distance**2), p_xt.shape)
    if p_xt[x, t] == 0 or distance[x, t] <= 1e-12:
        return None
    direction = p_y_given_x[x] - p_y_given_t[t]
    v = direction - p_y_given_t[t] @ direction
    return np.maximum([-v, v], 0) / abs(v).max()


@dataclass(frozen=True, eq=False)
class BlackwellOrder:
    """Whether one experiment tells at least as much about Y as another, for every decision.

    Attributes
    ----------
    holds : bool
        Whether the second is a garbling of the first.
    garbling : numpy.ndarray, shape (S, T)
        The channel p(t|s) that brings the first nearest to the second; exactly to it if the order holds.
    deficiency : float
        The mean over y of the total variation distance that remains, from 0 to 1.
    loss : numpy.ndarray, shape (T, Y)
        A loss from 0 to 1, with one action for each t.  With y uniform its Bayes risk is larger with the
        first experiment than with the second, by the deficiency or more.  If the order holds it says nothing.
    """

    holds: bool
    garbling: np.ndarray
    deficiency: float
    loss: np.ndarray


def blackwell(first: ArrayLike, second: ArrayLike, *, tolerance: float = 1e-8) -> BlackwellOrder:
    r"""Decide whether the second of two channels from Y is a garbling of the first.

    .. math::

        \min_{p(t|s)} \frac{1}{2 |Y|} \sum_{y,t} \Big| \sum_s p(s|y)\, p(t|s) - p(t|y) \Big|
        = \max_{0 \le \ell \le 1} \left[ R_\ell(\mathrm{first}) - R'_\ell(\mathrm{second}) \right]

    where :math:`R'` is the risk of taking action t upon signal t, and y is uniform.

    Parameters
    ----------
    first, second : array_like, shapes (Y, S) and (Y, T)
        Channels p(s|y) and p(t|y), such as ``Joint.conditional("X | Y")``.
    tolerance : float
        The deficiency that is taken for zero.

    Returns
    -------
    BlackwellOrder
        The verdict, the garbling, and the loss that separates the two if there is none.

    Raises
    ------
    ValueError
        If a row is not a distribution, or the channels have different numbers of rows.
    RuntimeError
        If the linear program is not solved.

    See Also
    --------
    separating_loss : For a statistic of X, without a linear program.

    Notes
    -----
    The garbling is a channel whatever the solver did, and deficiency is recomputed from it.
    Two experiments may be incomparable: neither is a garbling of the other.  More information,
    :math:`I(S;Y) \ge I(T;Y)`, does not make one better for every decision.
    Source: Blackwell (1953); Torgersen (1991), chapter 6.  Lesson: 03 Sufficiency.

    Examples
    --------
    A channel that errs with probability 0.1 beats one that errs with 0.2, for every decision:

    >>> good, bad = [[0.9, 0.1], [0.1, 0.9]], [[0.8, 0.2], [0.2, 0.8]]
    >>> print(blackwell(good, bad).holds, blackwell(good, bad).garbling.round(4)[0])
    True [0.875 0.125]
    >>> back = blackwell(bad, good)
    >>> print(back.holds, round(back.deficiency, 4))
    False 0.1
    """
    _, first, second = as_arrays(first=first, second=second)
    for name, channel in {"first": first, "second": second}.items():
        check_distribution(channel, name)
    if first.ndim != 2 or second.ndim != 2 or len(first) != len(second):
        raise ValueError(
            f"first and second have shapes {tuple(first.shape)} and {tuple(second.shape)}; expected (Y, S) "
            "and (Y, T): a row for each y."
        )
    first, second = to_numpy(first), to_numpy(second)
    (n_y, n_s), n_t = first.shape, second.shape[1]
    sparse = scipy.sparse
    identity = sparse.identity(n_y * n_t)
    # The unknowns are the garbling, row by row, and the positive and negative parts of what remains.
    match = sparse.hstack([sparse.kron(first, sparse.identity(n_t)), identity, -identity])
    rows = sparse.hstack(
        [sparse.kron(sparse.identity(n_s), np.ones((1, n_t))), sparse.csr_array((n_s, 2 * n_y * n_t))]
    )
    solution = scipy.optimize.linprog(
        np.repeat([0.0, 1.0], [n_s * n_t, 2 * n_y * n_t]),
        A_eq=sparse.vstack([match, rows]).tocsc(),
        b_eq=np.concatenate([second.ravel(), np.ones(n_s)]),
        method="highs",
        options={"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10},
    )
    if solution.status != 0:
        raise RuntimeError(f"The linear program was not solved: {solution.message}")
    garbling = np.maximum(solution.x[: n_s * n_t].reshape(n_s, n_t), 0)
    garbling /= garbling.sum(1, keepdims=True)
    deficiency = abs(first @ garbling - second).sum() / (2 * n_y)
    # The multipliers are gains from −1 to 1 for action t when y is true.
    gain = np.clip(solution.eqlin.marginals[: n_y * n_t].reshape(n_y, n_t), -1, 1)
    return BlackwellOrder(bool(deficiency <= tolerance), garbling, float(deficiency), (1 - gain.T) / 2)


def _problem(p_xy: ArrayLike, statistic: ArrayLike, single: bool = False) -> tuple[Any, Array, Array]:
    """Return the namespace, the joint table and the channel of a statistic, checked."""
    rounding = tolerance(p_xy)
    xp, p_xy, channel = as_arrays(p_xy=p_xy, statistic=as_channel(statistic))
    check_distribution(p_xy, "p_xy", 2, rounding)
    if single:
        _check_single(p_xy)
        _check_single(channel, "statistic", "(X, T)")
    return xp, p_xy, _fitting(p_xy, channel)


def _fitting(p_xy: Array, channel: Array) -> Array:
    """Return the channel, or raise ValueError if it is none of the X of the table."""
    if channel.shape[-2] != p_xy.shape[-2]:
        raise ValueError(
            f"statistic is for {channel.shape[-2]} symbols and p_xy has {p_xy.shape[-2]} rows; expected a "
            "label, or a row of p(t|x), for each row of p_xy."
        )
    return channel


def _check_single(array: Array, name: str = "p_xy", axes: str = "(X, Y)") -> None:
    if array.ndim != 2:
        raise ValueError(f"{name} has shape {tuple(array.shape)}; expected one table, {axes}, and no batch.")


def _transposed(array: Array) -> Array:
    return namespace(array).matrix_transpose(array)


def _where_used(p_xt: Array, p_y_given_x: Array, p_y_given_t: Array, t: int) -> Array:
    """Return p(y|t) where x may give t, and elsewhere p(y|x), whose divergence is 0 and not infinite."""
    xp = namespace(p_xt)
    return xp.where(p_xt[..., t, None] > 0, p_y_given_t[..., None, t, :], p_y_given_x)


def _widest(t: int, members: np.ndarray, p_y_given_x: np.ndarray) -> Witness | None:
    """Return the two symbols among some whose posteriors differ most."""
    if len(members) < 2:
        return None
    rows = p_y_given_x[members]
    y = int(np.argmax(rows.max(0) - rows.min(0)))
    high, low = rows[:, y].argmax(), rows[:, y].argmin()
    if high == low:  # all are equal: any two will do
        high, low = 0, 1
    return Witness(t, int(members[high]), int(members[low]), y, float(rows[high, y]), float(rows[low, y]))


def _by_appearance(labels: np.ndarray) -> np.ndarray:
    """Number labels from 0 in the order in which they appear."""
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    return first.argsort().argsort()[inverse]


def _merge_costs_of(p_xy: Array, x: int) -> Array:
    """Return the costs of merging one symbol with each, shape (..., X)."""
    xp = namespace(p_xy)
    p_x, p_y_given_x = _condition(p_xy)
    _, merged = _condition(p_xy + p_xy[..., x : x + 1, :])
    kept = xp.where(p_x[..., None] > 0, merged, p_y_given_x)  # a symbol of probability 0 costs nothing
    one = xp.where(p_x[..., x, None, None] > 0, merged, p_y_given_x[..., x : x + 1, :])
    other_cost = p_x[..., x, None] * _kl_divergence(p_y_given_x[..., x : x + 1, :], one)
    return p_x * _kl_divergence(p_y_given_x, kept) + other_cost
