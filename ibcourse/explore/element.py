"""What all explorables share: data, a table for readers without JavaScript, a picture for print."""

from __future__ import annotations

import base64
import html
import io
import json
import os
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from ibcourse._array import as_arrays, as_distributions, to_numpy
from ibcourse.plots import STYLE

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
