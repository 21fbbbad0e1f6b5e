"""The simplex of posteriors: inputs as weighted dots, merged and split."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from ibcourse.explore.element import Explorable, Table, joint, short, symbols
from ibcourse.information import mutual_information
from ibcourse.plots import COLOURS, in_unit, label, number
from ibcourse.sufficiency import merge_costs, minimal_sufficient


class PosteriorSimplex(Explorable):
    """Each input as a dot at its posterior p(y|x), with its probability as area; the reader merges them.

    A cluster lies at the weighted mean of its members.  Merging costs the weighted Jensen–Shannon divergence
    of their posteriors, which is what I(T;Y) falls by.  Dots at one place merge free: what is left then is
    the minimal sufficient statistic.

    Parameters
    ----------
    p_xy : array_like, shape (X, 2) or (X, 3)
        The joint distribution of two to sixteen inputs and two or three labels, none of probability zero.
    x_names, y_names : sequence of str, optional
        Inputs and labels; ``"x1"``, … and ``"y1"``, … if not given.
    clusters : array_like of int, shape (X,), optional
        The cluster of each input to start with; each its own if not given.
    unit : {"bits", "nats"}
        Unit of all values.

    Raises
    ------
    ValueError
        If p_xy is no such distribution, or clusters, names or unit make no sense.

    Notes
    -----
    Lesson: what costs nothing to lose.

    Examples
    --------
    >>> from ibcourse.explore import PosteriorSimplex
    >>> print(PosteriorSimplex([[0.1, 0.1], [0.2, 0.2], [0.1, 0.3]]).words())
    The 3 inputs have 2 different posteriors. The cheapest pair to merge is x1 and x2, for 0.000 of the ...
    """

    tag = "ib-posterior-simplex"
    title = "The simplex of posteriors"

    def __init__(
        self,
        p_xy: ArrayLike,
        x_names: Sequence[str] | None = None,
        y_names: Sequence[str] | None = None,
        *,
        clusters: ArrayLike | None = None,
        unit: str = "nats",
    ) -> None:
        self.p_xy = joint(p_xy, most=16)
        n, m = self.p_xy.shape
        if m > 3:
            raise ValueError(f"p_xy has {m} labels: expected two (a line) or three (a triangle).")
        self.x_names = symbols("x_names", x_names, n, "x")
        self.y_names = symbols("y_names", y_names, m, "y")
        self.clusters = np.arange(n) if clusters is None else np.asarray(clusters)
        if self.clusters.shape != (n,):
            raise ValueError(
                f"clusters has shape {self.clusters.shape}: expected one cluster for each of {n} inputs."
            )
        self.unit = unit
        in_unit(0.0, unit)  # refuses an unknown unit here, not when the figure is shown

    def data(self) -> dict[str, Any]:
        return {
            "joint": self.p_xy.tolist(),
            "names": self.x_names,
            "labels": self.y_names,
            "parts": [part.tolist() for part in self._parts()],
            "unit": self.unit,
        }

    def words(self) -> str:
        costs = merge_costs(self.p_xy)
        np.fill_diagonal(costs, np.inf)
        i, j = np.unravel_index(np.argmin(costs), costs.shape)
        distinct = minimal_sufficient(self.p_xy).max() + 1
        return (
            f"The {len(self.p_xy)} inputs have {distinct} different posteriors. The cheapest pair to merge "
            f"is {self.x_names[i]} and {self.x_names[j]}, for {short(self._in_unit(costs[i, j]))} of the "
            f"{number(self._in_unit(mutual_information(self.p_xy)))} {self.unit} of I(X;Y)."
        )

    def table(self) -> Table:
        rows = [
            [
                "+".join(self.x_names[x] for x in part),
                number(row.sum()),
                *map(number, row / row.sum()),
                short(self._in_unit(mutual_information(self.p_xy[part] / row.sum()) * row.sum())),
            ]
            for part, row in zip(self._parts(), self._merged(), strict=True)
        ]
        kept = self._in_unit(mutual_information(self._merged()))
        return Table(
            f"The clusters; I(T;Y) = {number(kept)} {self.unit}",
            ["cluster", "p(t)", *(f"p({y}|t)" for y in self.y_names), f"lost in it [{self.unit}]"],
            rows,
        )

    def picture(self) -> Figure:
        clusters = self._merged()
        flat = len(self.y_names) == 2
        figure, ax = plt.subplots(figsize=(6.4, 2.2) if flat else (5.6, 5.0))
        corners = np.array([[0, 0], [1, 0]]) if flat else np.array([[0, 0], [1, 0], [0.5, np.sqrt(0.75)]])
        places = (clusters / clusters.sum(axis=1, keepdims=True)) @ corners
        ink = plt.rcParams["axes.edgecolor"]
        ax.plot(*np.vstack([corners, corners[:1]]).T, color=ink, ls="-", lw=1)
        ax.scatter(
            places[:, 0], places[:, 1], s=1800 * clusters.sum(axis=1), color=COLOURS[0], alpha=0.75, zorder=3
        )
        same: dict[tuple[float, ...], list[str]] = {}  # dots that lie on each other share a name
        for part, place in zip(self._parts(), places.round(6).tolist(), strict=True):
            same.setdefault(tuple(place), []).append("+".join(self.x_names[x] for x in part))
        for (x, y), names in same.items():
            ax.annotate(", ".join(names), (x, y), (10, 10), textcoords="offset points", parse_math=False)
        if flat:
            ax.set(ylim=(-0.5, 0.5), yticks=[])
            label(ax, x=(f"p({self.y_names[1]}|x)", "no unit"))
        else:
            for y, (name, corner) in enumerate(zip(self.y_names, corners, strict=True)):
                ax.annotate(
                    f"Y = {name}", corner, (0, 8 if y == 2 else -14), textcoords="offset points",
                    ha="center", parse_math=False,
                )  # fmt: skip
            ax.set_aspect("equal")
            ax.axis("off")
            ax.margins(0.12)
        return figure

    def _parts(self) -> list[NDArray[np.int_]]:
        """The members of each cluster, by their first members."""
        parts = [np.flatnonzero(self.clusters == t) for t in np.unique(self.clusters)]
        return sorted(parts, key=lambda part: part[0])

    def _merged(self) -> NDArray[np.float64]:
        """p(t, y)."""
        return np.array([self.p_xy[part].sum(axis=0) for part in self._parts()])

    def _in_unit(self, nats: float) -> float:
        return in_unit(nats, self.unit)
