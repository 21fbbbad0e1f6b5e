"""The bifurcation diagram: the atoms of a computed bottleneck curve against β."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike, NDArray

from ibcourse._array import to_numpy
from ibcourse.bottleneck import IBCurve, decoder, onset
from ibcourse.explore.element import Explorable, Table, compact, joint, symbols
from ibcourse.plots import COLOURS, LINES, label, number

SAME = 1e-3
"""Clusters whose p(y|t) differ by less than this everywhere are one atom."""
TICKS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
"""Ticks of a logarithmic axis."""
HEAVIEST = 40_000
"""Bytes of data in the page."""


class BifurcationDiagram(Explorable):
    """The posteriors p(y|t) of the clusters of a bottleneck curve, and their number, against β.

    The reader moves a cursor along β and chooses the label y.  Vertical lines mark the critical values given.

    Parameters
    ----------
    p_xy : array_like, shape (X, Y)
        The joint distribution, none of its inputs and labels of probability zero.
    curve : IBCurve
        Its curve, as `ibcourse.bottleneck.ib_curve` returns it, at two or more values of β.
    marks : mapping of str to float, optional
        Critical values of β by what they are; those of `ibcourse.bottleneck.onset` if not given.
    labels : sequence of str, optional
        The labels that the reader may choose; the first three if not given.
    beta : float, optional
        Where the cursor starts, at the nearest β of the curve; in the middle if not given.
    y_names : sequence of str, optional
        The names of all labels; ``"y1"``, ``"y2"``, … if not given.

    Raises
    ------
    ValueError
        If the curve does not belong to p_xy or has one β only, if marks or names make no sense, or if the
        atoms would take more than 40 kB of the page.

    Notes
    -----
    Clusters whose posteriors differ by less than 0.001 everywhere count as one.  Lesson: phase transitions
    and the convex envelope.

    Examples
    --------
    >>> from ibcourse.bottleneck import ib_curve
    >>> from ibcourse.explore import BifurcationDiagram
    >>> p_xy = [[0.45, 0.05], [0.1, 0.4]]
    >>> curve = ib_curve(p_xy, [1, 2, 3, 4])
    >>> print(BifurcationDiagram(p_xy, curve).words())
    The number of clusters: 1 from β = 1.000, 2 from β = 3.000. information begins to pay: β = 2.0068. ...
    """

    tag = "ib-bifurcation"
    title = "How the clusters split"

    def __init__(
        self,
        p_xy: ArrayLike,
        curve: IBCurve,
        marks: Mapping[str, float] | None = None,
        *,
        labels: Sequence[str] | None = None,
        beta: float | None = None,
        y_names: Sequence[str] | None = None,
    ) -> None:
        table = joint(p_xy, most=4096)
        names = symbols("y_names", y_names, table.shape[1], "y")
        self.labels = names[:3] if labels is None else list(labels)
        if not self.labels or not set(self.labels) <= set(names):
            raise ValueError(f"labels={self.labels!r}: expected some of {names}.")
        self.marks = _critical(table) if marks is None else dict(marks)
        for name, value in self.marks.items():
            if not (isinstance(name, str) and np.isfinite(value) and value > 0):
                raise ValueError(f"marks[{name!r}] is {value!r}: expected a positive β by what it is.")
        betas = to_numpy(curve.beta)
        if len(np.unique(betas)) < 2 or betas.min() <= 0:
            raise ValueError(f"The curve has the β {betas}: expected two or more different positive ones.")
        if any(len(encoder) != len(table) for encoder in curve.encoder):
            raise ValueError(
                f"The curve has {len(curve.encoder[0])} inputs and p_xy {len(table)}: give the curve of p_xy."
            )
        self.beta, order = np.unique(betas, return_index=True)
        chosen = [names.index(name) for name in self.labels]
        self.atoms = [
            _atoms(table, to_numpy(curve.encoder[i]))[:, [0, *(1 + y for y in chosen)]] for i in order
        ]
        middle = np.sqrt(self.beta[0] * self.beta[-1]) if beta is None else beta
        self.start = int(np.argmin(np.abs(self.beta - middle)))
        size = len(str(self.data()))
        if size > HEAVIEST:
            raise ValueError(
                f"The atoms take {size / 1000:.0f} kB of the page: expected at most {HEAVIEST / 1000:.0f}. "
                "Give fewer values of β or fewer labels."
            )

    def data(self) -> dict[str, Any]:
        return {
            "beta": compact(self.beta),
            "atoms": [compact(atoms, 4) for atoms in self.atoms],
            "labels": self.labels,
            "marks": [{"name": name, "beta": value} for name, value in self.marks.items()],
            "start": self.start,
        }

    def words(self) -> str:
        counts = ", ".join(f"{n} from β = {number(beta)}" for beta, n in self._changes())
        marks = "".join(f" {name}: β = {number(beta, 4)}." for name, beta in self.marks.items())
        return f"The number of clusters: {counts}.{marks}"

    def table(self) -> Table:
        rows = [[number(beta), str(n)] for beta, n in self._changes()]
        return Table("The number of clusters", ["β", "clusters"], rows)

    def picture(self) -> Figure:
        figure, (left, right) = plt.subplots(1, 2, figsize=(8.4, 3.6))
        for beta, atoms in zip(self.beta, self.atoms, strict=True):
            places = np.full(len(atoms), beta)
            left.scatter(places, atoms[:, 1], s=2 + 40 * atoms[:, 0], color=COLOURS[0], alpha=0.6)
        right.step(self.beta, [len(atoms) for atoms in self.atoms], where="post", color=COLOURS[0], ls="-")
        right.set_ylim(0)
        for ax in (left, right):
            if self.beta[-1] > 3 * self.beta[0]:
                ax.set_xscale("log")
                ax.set_xticks(TICKS, map(str, TICKS), minor=False)
                ax.minorticks_off()
            ax.set_xlim(self.beta[0], self.beta[-1])
            for k, (name, value) in enumerate(self.marks.items()):
                words = f"β = {number(value, 4)}: {name}" if ax is left else None
                ax.axvline(value, color=COLOURS[1 + k % 4], ls=LINES[1 + k % 4], lw=1.5, label=words)
        if self.marks:
            figure.legend(loc="outside lower center")
        right.yaxis.set_major_locator(MaxNLocator(integer=True))
        label(left, x=("price β", "no unit"), y=(f"p({self.labels[0]}|t)", "no unit"))
        label(right, x=("price β", "no unit"), y=("clusters", "count"))
        return figure

    def _changes(self) -> list[tuple[float, int]]:
        """The first β, and each at which the number of clusters is another than before, with the number."""
        counts = [len(atoms) for atoms in self.atoms]
        changed = np.flatnonzero(np.diff(counts, prepend=0))
        return [(float(self.beta[i]), counts[i]) for i in changed]


def _critical(p_xy: NDArray[np.float64]) -> dict[str, float]:
    """Where the constant encoder stops being the optimum, and a local optimum."""
    found = onset(p_xy)
    marks = {"information begins to pay": found.beta}
    if found.local > found.beta:
        marks["the constant encoder stops being a local optimum"] = found.local
    return {name: beta for name, beta in marks.items() if np.isfinite(beta)}


def _atoms(p_xy: NDArray[np.float64], encoder: NDArray[np.float64]) -> NDArray[np.float64]:
    """The distinct clusters as rows p(t), p(y|t), the heaviest first."""
    masses, posteriors = decoder(p_xy, encoder)
    atoms: list[NDArray[np.float64]] = []
    for t in np.argsort(-masses, kind="stable"):
        same = next(
            (i for i, atom in enumerate(atoms) if np.abs(atom[1:] - posteriors[t]).max() < SAME), None
        )
        if same is None:
            atoms.append(np.array([masses[t], *posteriors[t]]))
        else:
            atoms[same][0] += masses[t]
    return np.array(atoms)
