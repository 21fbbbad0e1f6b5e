"""The rate–distortion plane: the curve, a tangent to drag, the channel beside it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from ibcourse._array import as_arrays, to_numpy
from ibcourse.explore.element import Explorable, Table, compact, distribution, symbols
from ibcourse.explore.pictures import heat_map
from ibcourse.plots import COLOURS, LINES, MARKERS, in_unit, label, number
from ibcourse.rate_distortion import rd_curve

LETTERS = 24
"""Alphabets of more symbols are shown without their channel, which would fill the page with numbers."""


class RateDistortionPlane(Explorable):
    """The curve R(D), a point that the reader moves along it, its tangent, and its channel.

    The tangent at a point has the slope −s.  It meets the rate axis at R + sD and the distortion axis at
    D + R/s: the least total cost where a unit of distortion costs s.  Codes can be drawn above the curve.

    Parameters
    ----------
    p_x : array_like, shape (X,)
        The source; no symbol of probability zero.
    distortion : array_like, shape (X, X̂)
        The distortion of each symbol by each letter, finite.
    slopes : array_like, shape (n,), optional
        The values of s, 2 to 200 of them, positive.  If not given, 101 that cover the curve.
    slope : float, optional
        Where the point starts: at the nearest of the slopes; in the middle of the curve if not given.
    codes : mapping of str to (float, float), optional
        Other codes, as name and (distortion, rate in nats).
    x_names, letters : sequence of str, optional
        Symbols and letters; ``"x1"``, … and ``"x̂1"``, … if not given.
    distortion_unit : str
        The unit of the distortion.
    unit : {"bits", "nats"}
        Unit of the rate.

    Raises
    ------
    ValueError
        If p_x is no distribution, if the distortion does not fit it or costs nothing to ignore, if the slopes
        are not positive, or if codes, names or unit make no sense.

    Notes
    -----
    The points are those of `ibcourse.rate_distortion.rd_curve`; the slider visits no others.  Beyond 24
    symbols or letters the plane comes without the channel.  Lesson: compress for a given distortion.

    Examples
    --------
    >>> from ibcourse.explore import RateDistortionPlane
    >>> from ibcourse.rate_distortion import hamming
    >>> plane = RateDistortionPlane([0.5, 0.5], hamming(2), [1, 2.2, 5], codes={"send it": (0, 0.6932)})
    >>> print(plane.words())
    At D = 0.100 the rate is R = 0.369 nats, and the tangent has the slope −s = −2.200. The code “send it” ...
    """

    tag = "ib-rd-plane"
    title = "Rate and distortion"

    def __init__(
        self,
        p_x: ArrayLike,
        distortion: ArrayLike,
        slopes: ArrayLike | None = None,
        *,
        slope: float | None = None,
        codes: Mapping[str, tuple[float, float]] | None = None,
        x_names: Sequence[str] | None = None,
        letters: Sequence[str] | None = None,
        distortion_unit: str = "no unit",
        unit: str = "nats",
    ) -> None:
        self.p_x = distribution("p_x", p_x)
        self.distortion = _distortion(distortion, self.p_x)
        self.x_names = symbols("x_names", x_names, self.distortion.shape[0], "x")
        self.letters = symbols("letters", letters, self.distortion.shape[1], "x̂")
        self.unit, self.distortion_unit = unit, distortion_unit
        in_unit(0.0, unit)  # refuses an unknown unit here, not when the figure is shown
        grid = _covering(self.p_x, self.distortion) if slopes is None else _slopes(slopes)
        self.curve = rd_curve(self.p_x, self.distortion, np.sort(grid))  # from D_max down to the least D
        away = self.curve.rate - self.curve.rate.max() / 2 if slope is None else self.curve.slope - slope
        self.start = int(np.argmin(np.abs(away)))
        self.codes = dict(codes or {})
        for name, code in self.codes.items():
            if not (np.shape(code) == (2,) and np.isfinite(code).all() and code[1] >= 0 and len(name) <= 20):
                raise ValueError(
                    f"codes[{name!r}] is {code!r}: expected a name of at most 20 characters and a pair "
                    "(distortion, rate in nats)."
                )

    def data(self) -> dict[str, Any]:
        small = max(self.distortion.shape) <= LETTERS
        curve: dict[str, Any] = {
            "d": compact(self.curve.distortion),
            "r": compact(self.curve.rate),
            "s": compact(self.curve.slope),
        }
        data: dict[str, Any] = {"curve": curve}
        if small:
            curve["q"] = compact(self.p_x @ self.curve.channel)
            data["distortion"] = compact(self.distortion)
            data |= {"p": compact(self.p_x), "names": self.x_names, "letters": self.letters}
        return data | {
            "start": self.start,
            "rows": self._rows(),
            "codes": [
                {"name": name, "d": d, "r": r, "lower": round(self._least(d), 8)}
                for name, (d, r) in self.codes.items()
            ],
            "unit": self.unit,
            "distortionUnit": self.distortion_unit,
            "digits": self._digits(),
        }

    def words(self) -> str:
        d, r, s = self.curve.distortion[self.start], self.curve.rate[self.start], self.curve.slope[self.start]
        words = [
            f"At D = {self._place(d)} the rate is R = {self._value(r)} {self.unit}, "
            f"and the tangent has the slope −s = −{self._value(s)}."
        ]
        words += [
            f"The code “{name}” has D = {self._place(d)} and R = {self._value(r)}, where the least rate is "
            f"{self._value(self._least(d))}."
            for name, (d, r) in self.codes.items()
        ]
        return " ".join(words)

    def table(self) -> Table:
        curve = self.curve
        rows = [
            [self._place(curve.distortion[i]), self._value(curve.rate[i], 4), self._value(curve.slope[i])]
            for i in sorted({*self._rows(), self.start})
        ]
        head = [f"D [{self.distortion_unit}]", f"R [{self.unit}]", f"s [{self.unit} a unit of D]"]
        return Table("Points of the curve, the chosen one among them", head, rows)

    def picture(self) -> Figure:
        figure, (left, right) = plt.subplots(1, 2, figsize=(8.4, 3.8))
        curve, one, i = self.curve, in_unit(1.0, self.unit), self.start
        left.plot(
            curve.distortion, one * curve.rate, color=plt.rcParams["axes.edgecolor"], ls="-", label="R(D)"
        )
        d, r, s = curve.distortion[i], one * curve.rate[i], one * curve.slope[i]
        left.axline((d, r), slope=-s, color=COLOURS[1], ls=LINES[1], lw=1.5, label=f"slope −s = −{number(s)}")
        left.plot(d, r, "o", color=COLOURS[2], ls="none")
        for name, (x, y) in self.codes.items():
            left.plot(x, one * y, MARKERS[3], color=COLOURS[3], ls="none")
            left.annotate(name, (x, one * y), (4, 4), textcoords="offset points", size=8, parse_math=False)
        rates = [curve.rate.max(), *(r for _, r in self.codes.values())]
        left.set_xlim(min(0, curve.distortion.min()))
        left.set_ylim(0, 1.08 * one * max(rates))
        left.legend(loc="upper right")
        label(left, x=("distortion D", self.distortion_unit), y=("rate R", self.unit))
        if max(self.distortion.shape) > LETTERS:
            right.imshow(curve.channel[i], vmin=0, vmax=1, aspect="auto")
            right.grid(False)
        else:
            heat_map(right, curve.channel[i], self.x_names, self.letters)
        right.set_title(f"p(x̂|x) at D = {self._place(d)}", fontsize=10)
        label(right, x=("letter x̂", "category"), y=("symbol x", "category"))
        return figure

    def _digits(self) -> int:
        """As many decimals as show a thousandth of the largest distortion."""
        return max(0, 2 - math.floor(math.log10(np.abs(self.curve.distortion).max())))

    def _rows(self) -> list[int]:
        """The points of the table: eleven, evenly along the list."""
        return np.unique(np.linspace(0, len(self.curve.slope) - 1, 11).round().astype(int)).tolist()

    def _least(self, d: float) -> float:
        """No code of distortion d has a lower rate, in nats."""
        return float(self.curve.bounds(d)[0])

    def _place(self, d: float) -> str:
        return number(d, self._digits())

    def _value(self, nats: float, digits: int = 3) -> str:
        return number(in_unit(nats, self.unit), digits)


def _distortion(values: ArrayLike, p_x: NDArray[np.float64]) -> NDArray[np.float64]:
    d = to_numpy(as_arrays(distortion=values)[1])
    if p_x.ndim != 1 or p_x.min() == 0 or d.ndim != 2 or len(d) != len(p_x) or not np.isfinite(d).all():
        raise ValueError(
            f"p_x has shape {p_x.shape} and distortion {d.shape}: expected (X,) without zeros and (X, X̂) "
            "with finite numbers, one row for each symbol."
        )
    if np.ptp(_ends(p_x, d)) == 0:
        raise ValueError("One letter is the best for every symbol: no rate lowers the distortion.")
    return d


def _ends(p_x: NDArray[np.float64], d: NDArray[np.float64]) -> tuple[float, float]:
    """The least distortion of any channel, and the least of a channel that says nothing."""
    return float(p_x @ d.min(axis=1)), float((p_x @ d).min())


def _slopes(values: ArrayLike) -> NDArray[np.float64]:
    slopes = to_numpy(as_arrays(slopes=values)[1])
    if slopes.ndim != 1 or not 2 <= len(slopes) <= 200 or not (slopes > 0).all():
        raise ValueError(f"slopes has shape {slopes.shape}: expected 2 to 200 positive numbers in one row.")
    return slopes


def _covering(p_x: NDArray[np.float64], d: NDArray[np.float64]) -> NDArray[np.float64]:
    """Slopes whose points lie evenly along the curve, from D_max to almost the least distortion."""
    least, most = _ends(p_x, d)
    trial = np.geomspace(1e-3, 1e4, 141) / (most - least)
    curve = rd_curve(p_x, d, trial)
    steps = np.hypot(np.diff(curve.distortion) / (most - least), np.diff(curve.rate) / curve.rate.max())
    moving = np.flatnonzero(steps > 1e-4)  # below the first and above the last, all slopes have one point
    kept = slice(moving[0], moving[-1] + 2)
    length = np.append(0, np.cumsum(steps[moving[0] : moving[-1] + 1]))
    return np.exp(np.interp(np.linspace(0, length[-1], 101), length, np.log(trial[kept])))
