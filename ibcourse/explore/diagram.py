"""The information diagram of two or three variables, whose distribution the reader moves."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from ibcourse.explore.element import Explorable, Table, distribution
from ibcourse.information import atoms
from ibcourse.plots import atom_name, circles, in_unit, information_diagram, number, variable_names

Case = tuple[NDArray[np.float64], NDArray[np.float64] | None]


class InfoDiagram(Explorable):
    """The information diagram of two or three variables.

    The reader chooses a distribution, mixes it with another, and sees which regions make up a quantity and
    what each region is worth.  A negative region is hatched.

    Parameters
    ----------
    cases : mapping of str to array_like, or to a pair of them
        Named joint distributions, one axis a variable.  A pair ``(start, end)`` gets a slider that mixes the
        two: p = (1 − s) start + s end.
    names : str or sequence of str, optional
        The variables; ``"X Y"`` or ``"X Y Z"`` if not given.
    unit : {"bits", "nats"}
        Unit of all values.

    Raises
    ------
    ValueError
        If a table is not a distribution of two or three variables, if the tables differ in their number of
        axes, if the shapes of a pair differ, or if names or unit are unknown.

    Notes
    -----
    Lesson: information diagrams.

    Examples
    --------
    >>> from ibcourse.explore import InfoDiagram
    >>> print(InfoDiagram({"a shared fair bit": [[0.5, 0.0], [0.0, 0.5]]}).words())
    The atoms of X and Y in bits. For “a shared fair bit”: H(X|Y) = 0.000, H(Y|X) = 0.000, I(X;Y) = 1.000.
    """

    tag = "ib-info-diagram"

    def __init__(
        self,
        cases: Mapping[str, ArrayLike | tuple[ArrayLike, ArrayLike]],
        names: str | Sequence[str] | None = None,
        unit: str = "bits",
    ) -> None:
        if not (isinstance(cases, Mapping) and cases and all(isinstance(name, str) for name in cases)):
            given = f"has the names {list(cases)}" if isinstance(cases, Mapping) else f"is a {type(cases)}"
            raise ValueError(
                f"cases {given}: expected at least one joint distribution by its name, "
                'such as {"noisy channel": p}.'
            )
        self.cases = {name: _case(name, tables) for name, tables in cases.items()}
        sizes = {start.ndim for start, _ in self.cases.values()}
        if len(sizes) > 1:
            raise ValueError(f"The tables of cases have {sorted(sizes)} axes: use as many variables in each.")
        self.names = variable_names(names, sizes.pop())
        self.unit = unit
        self.title = f"Information diagram of {_list(self.names)}"
        in_unit(0.0, unit)  # refuses an unknown unit here, not when the figure is shown

    @classmethod
    def secret(cls) -> InfoDiagram:
        """Two halves of a secret: the region in the middle goes from −1 bit to 1 bit.

        At the start Z = X xor Y of two fair bits: each half alone says nothing about the secret.  At the end
        the three are copies of one fair bit.

        Examples
        --------
        >>> from ibcourse.explore import InfoDiagram
        >>> InfoDiagram.secret().names
        ['X', 'Y', 'Z']
        """
        x, y, z = np.indices((2, 2, 2))
        halves = np.where(z == x ^ y, 1 / 4, 0.0)
        copies = np.where((x == y) & (y == z), 1 / 2, 0.0)
        return cls({"from two halves of a secret (Z = X xor Y) to three copies": (halves, copies)})

    def data(self) -> dict[str, Any]:
        diagram = circles(len(self.names))
        return {
            "names": self.names,
            "unit": self.unit,
            "cases": [
                {"name": name, "start": start.tolist(), "end": None if end is None else end.tolist()}
                for name, (start, end) in self.cases.items()
            ],
            "layout": {
                "width": round(diagram.width, 2),
                "height": round(diagram.height, 2),
                "radius": diagram.radius,
                "centres": diagram.centres.round(2).tolist(),
                "namePlaces": diagram.name_places.round(2).tolist(),
                "regions": [
                    {
                        "atom": self._atom(inside),
                        "inside": inside,
                        "path": region.path(),
                        "centre": region.centre.round(2).tolist(),
                    }
                    for inside, region in diagram.regions.items()
                ],
            },
        }

    def words(self) -> str:
        name, (start, end) = next(iter(self.cases.items()))
        values = ", ".join(f"{atom} = {number(value)}" for atom, value in self._values(start).items())
        where = f"At the start of “{name}”" if end is not None else f"For “{name}”"
        return f"The atoms of {_list(self.names)} in {self.unit}. {where}: {values}."

    def table(self) -> Table:
        columns = {head: self._values(p) for head, p in self._tables()}
        rows = [
            [atom, *(number(values[atom]) for values in columns.values())]
            for atom in map(self._atom, circles(len(self.names)).regions)
        ]
        return Table(f"Atoms in {self.unit}", ["Atom", *columns], rows)

    def picture(self) -> Figure:
        tables = self._tables()
        columns = min(len(tables), 2)
        rows = math.ceil(len(tables) / columns)
        figure = plt.figure(figsize=(4.4 * columns, 4.5 * rows))
        for i, (head, p) in enumerate(tables, start=1):
            ax = figure.add_subplot(rows, columns, i)
            information_diagram(p, " ".join(self.names), unit=self.unit, ax=ax)
            ax.set_title(textwrap.fill(head, 48), fontsize=9, parse_math=False)
        return figure

    def _tables(self) -> list[tuple[str, NDArray[np.float64]]]:
        """Every distribution that has a name: the single ones, and both ends of the pairs."""
        tables = []
        for name, (start, end) in self.cases.items():
            if end is None:
                tables.append((name, start))
            else:
                tables += [(f"{name}: start", start), (f"{name}: end", end)]
        return tables

    def _values(self, p: NDArray[np.float64]) -> dict[str, float]:
        return {atom: in_unit(v, self.unit) for atom, v in atoms(p, names=" ".join(self.names)).items()}

    def _atom(self, inside: tuple[int, ...]) -> str:
        outside = [name for i, name in enumerate(self.names) if i not in inside]
        return atom_name([self.names[i] for i in inside], outside)


def _case(name: str, tables: ArrayLike | tuple[ArrayLike, ArrayLike]) -> Case:
    where = f"cases[{name!r}]"
    if not isinstance(tables, tuple):
        return distribution(where, tables), None
    if len(tables) != 2:
        raise ValueError(f"{where} has {len(tables)} tables: expected one table, or a pair (start, end).")
    start, end = (distribution(where, table) for table in tables)
    if start.shape != end.shape:
        raise ValueError(
            f"{where}: the tables of a pair have the shapes {start.shape} and {end.shape}; "
            "give both the same shape so that they can be mixed."
        )
    return start, end


def _list(names: list[str]) -> str:
    return ", ".join(names[:-1]) + " and " + names[-1]
