"""What all explorables share: data, a table for readers without JavaScript, a picture for print."""

from __future__ import annotations

import base64
import html
import io
import json
import math
import os
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from ibcourse._array import as_arrays, as_distributions, to_numpy
from ibcourse.plots import STYLE, number

SCRIPT = Path(__file__).with_name("explore.js")
"""The script that draws the explorables: a classic script without dependencies."""


def in_book() -> bool:
    """Whether the site is being built: its pages load the script themselves and have no kernel."""
    return os.environ.get("IBCOURSE_BOOK") == "1"


def distribution(name: str, values: ArrayLike) -> NDArray[np.float64]:
    """A table of probabilities as an array of its own, checked; ``name`` is what an error calls it.

    Numbers of a narrow type, whose sum is one only as closely as the type can say, are scaled to sum to one.
    """
    _, p = as_arrays(**{name: values})
    as_distributions(axes=max(p.ndim, 1), **{name: values})
    p = to_numpy(p)
    return p / p.sum()


def joint(values: ArrayLike, most: int) -> NDArray[np.float64]:
    """A joint distribution p(x, y) of at least two inputs and two labels, none of probability zero."""
    p_xy = distribution("p_xy", values)
    if p_xy.ndim != 2 or min(p_xy.shape) < 2 or max(p_xy.shape) > most:
        raise ValueError(
            f"p_xy has shape {p_xy.shape}: expected two axes (X, Y), each of two to {most} symbols."
        )
    for axis, name in ((1, "row"), (0, "column")):
        empty = np.flatnonzero(p_xy.sum(axis=axis) == 0)
        if len(empty):
            raise ValueError(f"The {name} {empty[0]} of p_xy has probability zero: leave it out.")
    return p_xy


def channel(name: str, values: ArrayLike, inputs: int) -> NDArray[np.float64]:
    """A table of conditional distributions, one row an input, checked; ``name`` is what an error calls it."""
    _, rows = as_arrays(**{name: values})
    as_distributions(axes=1, **{name: values})
    rows = to_numpy(rows)
    if rows.ndim != 2 or len(rows) != inputs:
        raise ValueError(f"{name} has shape {rows.shape}: expected one row for each of {inputs} inputs.")
    return rows / rows.sum(axis=1, keepdims=True)


def prices(beta: float, betas: tuple[float, float]) -> tuple[float, tuple[float, float]]:
    """β and the ends of its slider, checked."""
    low, high = betas
    if not (0 < low <= beta <= high < math.inf and low < high):
        raise ValueError(
            f"beta={beta!r} and betas={betas!r}: expected 0 < low ≤ beta ≤ high, "
            "with low < high as the ends of the slider."
        )
    return float(beta), (float(low), float(high))


def symbols(name: str, given: Sequence[str] | None, n: int, letter: str) -> list[str]:
    """The names of an alphabet, checked; ``letter`` with a number where none are given."""
    names = [f"{letter}{i + 1}" for i in range(n)] if given is None else list(given)
    words = {word for word in names if isinstance(word, str) and len(word) <= 8}
    if not len(words) == len(names) == n:
        raise ValueError(f"{name}={names!r}: expected {n} different words of at most eight characters.")
    return names


def compact(values: ArrayLike, digits: int = 6) -> list[Any]:
    """An array as nested lists of numbers with so many significant digits."""
    array = np.asarray(values)
    numbers = [float(f"{value:.{digits}g}") for value in array.ravel()]
    whole = [int(value) if value == int(value) else value for value in numbers]
    return np.reshape(np.array(whole, dtype=object), array.shape).tolist()


def short(value: float, digits: int = 3) -> str:
    """A number as the course prints it; a small one in its own power of ten."""
    power = math.floor(math.log10(abs(value))) if value else 0
    if abs(value) >= 0.5 * 10**-digits or not -12 <= power < 0:
        return number(value, digits)
    return f"{number(value / 10**power, 1)}·10{str(power).translate(SUPERSCRIPTS)}"


SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Table:
    """A table of words; the first cell of each row is its head."""

    caption: str
    header: list[str]
    rows: list[list[str]]

    def to_html(self) -> str:
        """The table in HTML, escaped."""

        def row(cells: list[str], scopes: list[str]) -> str:
            return "<tr>" + "".join(map(cell, cells, scopes)) + "</tr>"

        def cell(text: str, scope: str) -> str:
            text = html.escape(text)
            return f'<th scope="{scope}">{text}</th>' if scope else f"<td>{text}</td>"

        width = len(self.header)
        body = "".join(row(cells, ["row"] + [""] * (width - 1)) for cells in self.rows)
        return (
            f"<table><caption>{html.escape(self.caption)}</caption>"
            f"<thead>{row(self.header, ['col'] * width)}</thead><tbody>{body}</tbody></table>"
        )


class Explorable(ABC):
    """A figure that the reader moves, rendered as a custom element.

    A subclass names its element and gives the data, a sentence, a table and a picture.
    """

    tag: ClassVar[str]
    title: str

    @abstractmethod
    def data(self) -> dict[str, Any]:
        """What the script needs, in values that JSON knows."""

    @abstractmethod
    def words(self) -> str:
        """The figure in a sentence or two."""

    @abstractmethod
    def table(self) -> Table:
        """The numbers of the figure."""

    @abstractmethod
    def picture(self) -> Figure:
        """The figure as it is before anything is moved."""

    def to_html(self) -> str:
        """The custom element, with the words and the table inside for readers without JavaScript."""
        # The data is an attribute: an element defined before it is parsed connects without its children.
        config = html.escape(json.dumps({"title": self.title, **self.data()}, allow_nan=False))
        element = (
            # Without data-lm-suppress-shortcuts JupyterLab keeps the arrow keys to itself.
            f'<{self.tag} class="ib-explorable" data-lm-suppress-shortcuts="true" data-config="{config}">'
            f"<p><strong>{html.escape(self.title)}.</strong> {html.escape(self.words())}</p>"
            f"<details><summary>The numbers as a table</summary>{self.table().to_html()}</details>"
            f"</{self.tag}>"
        )
        if in_book():
            return element
        return f"{element}<script>{SCRIPT.read_text(encoding='utf-8')}</script>"

    def _repr_html_(self) -> str:
        return self.to_html()

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        with mpl.rc_context(STYLE):
            figure = self.picture()
        stream = io.BytesIO()
        figure.savefig(stream, format="png", dpi=150, bbox_inches="tight", metadata={"Software": None})
        plt.close(figure)
        return {
            "text/html": self.to_html(),
            "image/png": base64.b64encode(stream.getvalue()).decode("ascii"),
            "text/plain": f"{self.title}. {self.words()}",
        }
