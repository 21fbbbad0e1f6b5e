"""Why information is never negative: terms of a divergence, some below zero, and their sum, which is not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from ibcourse.explore.element import Explorable, Table, distribution
from ibcourse.information import cross_entropy, entropy, kl_divergence
from ibcourse.plots import COLOURS, HATCHES, in_unit, label, number

FLOOR = 0.01
"""The smallest probability that the reader can set: the divergence stays finite and the picture readable."""


class GibbsBars(Explorable):
    """The terms of D(p‖q) for a fixed p, while the reader moves q.

    Single terms p log(p/q) may be negative; their sum never is.  A second panel shows the cross-entropy as
    entropy plus divergence, a third why: −ln u lies above its tangent 1 − u, and the tangent's share of the
    sum is zero.

    Parameters
    ----------
    p : array_like, shape (n,)
        The true distribution over three to six symbols.
    q : array_like, shape (n,), optional
        The distribution to start from; uniform if not given.
    labels : sequence of str, optional
        The symbols; ``"a"``, ``"b"``, ... if not given.
    unit : {"bits", "nats"}
        Unit of all values.

    Raises
    ------
    ValueError
        If p or q is no distribution over three to six symbols, each with probability at least 0.01, if the
        shapes or the labels do not match, or if the unit is unknown.

    Notes
    -----
    Lesson: information is never negative.

    Examples
    --------
    >>> from ibcourse.explore import GibbsBars
    >>> print(GibbsBars([0.5, 0.25, 0.25], q=[0.25, 0.5, 0.25]).words())
    The terms p log(p/q) in bits are 0.500 (a), −0.250 (b), 0.000 (c); their sum D(p‖q) is 0.250.
    """

    tag = "ib-gibbs-bars"
    title = "Terms of a divergence"

    def __init__(
        self,
        p: ArrayLike,
        q: ArrayLike | None = None,
        labels: Sequence[str] | None = None,
        unit: str = "bits",
    ) -> None:
        self.p = _distribution("p", p)
        self.q = np.full_like(self.p, 1 / len(self.p)) if q is None else _distribution("q", q)
        if self.q.shape != self.p.shape:
            raise ValueError(
                f"q has {len(self.q)} symbols and p has {len(self.p)}: expected as many in both."
            )
        self.labels = list("abcdef"[: len(self.p)] if labels is None else labels)
        words = {name for name in self.labels if isinstance(name, str) and len(name) <= 6}
        if not len(words) == len(self.labels) == len(self.p):
            raise ValueError(
                f"labels={self.labels!r}: expected {len(self.p)} different words of at most six characters."
            )
        self.unit = unit
        in_unit(0.0, unit)  # refuses an unknown unit here, not when the figure is shown

    def data(self) -> dict[str, Any]:
        return {
            "p": self.p.tolist(),
            "q": self.q.tolist(),
            "labels": self.labels,
            "unit": self.unit,
            "floor": FLOOR,
        }

    def words(self) -> str:
        terms = ", ".join(f"{number(t)} ({name})" for t, name in zip(self._terms(), self.labels, strict=True))
        return f"The terms p log(p/q) in {self.unit} are {terms}; their sum D(p‖q) is {number(self._kl())}."

    def table(self) -> Table:
        gaps = self._terms() + in_unit(1.0, self.unit) * (self.q - self.p)
        columns = [self.p, self.q, self._terms(), gaps]
        rows = [[name, *(number(column[i]) for column in columns)] for i, name in enumerate(self.labels)]
        rows.append(
            ["sum", number(self.p.sum()), number(self.q.sum()), number(self._kl()), number(self._kl())]
        )
        lengths = ", ".join(
            f"{name} = {number(in_unit(nats, self.unit))}"
            for name, nats in [("H(p)", entropy(self.p)), ("H(p‖q)", cross_entropy(self.p, self.q))]
        )
        return Table(
            f"Terms of D(p‖q) in {self.unit}; {lengths} {self.unit} a symbol",
            ["symbol", "p", "q", "p log(p/q)", "p × gap"],
            rows,
        )

    def picture(self) -> Figure:
        figure, (left, right) = plt.subplots(1, 2, figsize=(7.6, 3.4), width_ratios=[3, 2])
        terms = self._terms()
        for i, term in enumerate(terms.tolist()):
            left.bar(i, term, color=COLOURS[term < 0], hatch=HATCHES[term < 0])
        left.bar(len(terms), self._kl(), color=COLOURS[2])
        left.axhline(0, color=plt.rcParams["axes.edgecolor"], lw=1, ls="-")
        left.set_xticks(range(len(terms) + 1), [*self.labels, "D(p‖q)"], parse_math=False)
        label(left, x=("symbol, and the sum", "category"), y=("p log(p/q)", self.unit))
        h = in_unit(entropy(self.p), self.unit)
        right.bar([0, 1], [h, h], color=COLOURS[0], label="H(p)")
        right.bar(1, self._kl(), bottom=h, color=COLOURS[2], hatch=HATCHES[2], label="D(p‖q)")
        right.set_xticks([0, 1], ["made for p", "made for q"])
        right.margins(y=0.3)
        right.legend(loc="upper left", ncols=2)
        label(right, x=("code", "category"), y=("code length", f"{self.unit} a symbol"))
        return figure

    def _terms(self) -> NDArray[np.float64]:
        return in_unit(1.0, self.unit) * self.p * np.log(self.p / self.q)

    def _kl(self) -> float:
        return in_unit(kl_divergence(self.p, self.q), self.unit)


def _distribution(name: str, values: ArrayLike) -> NDArray[np.float64]:
    p = distribution(name, values)
    if p.ndim != 1 or not 3 <= len(p) <= 6:
        raise ValueError(f"{name} has shape {p.shape}: expected one axis of three to six symbols.")
    if (p < FLOOR * (1 - 1e-6)).any():  # 0.01 of a narrow type is a little less
        raise ValueError(
            f"{name} has the probability {p.min():g}: expected at least {FLOOR} each, "
            "because D(p‖q) grows without bound as q goes to 0."
        )
    return p
