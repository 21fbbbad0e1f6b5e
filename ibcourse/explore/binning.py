"""Bins and noise: what an estimate of I(X;Z) finds in a net that loses nothing."""

from __future__ import annotations

import math
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from ibcourse._array import as_arrays, to_numpy, xlogy
from ibcourse.explore.element import Explorable, Table, compact, short
from ibcourse.information import entropy
from ibcourse.plots import COLOURS, LINES, in_unit, label, number

SCALES = np.geomspace(0.01, 1, 41)
INPUTS = 500


class BinningPicture(Explorable):
    """What bins tell of the input of a deterministic one-dimensional code, and what noise leaves of it.

    n equally likely inputs have the codes z(x).  The bin of cZ is a function of X, so that its information is
    its entropy, which grows to ln n as the bins shrink.  I(X; cZ + ε) with fixed normal noise does not depend
    on bins.  The reader moves the bin width and the scale c.  Without noise a scale loses nothing, while the
    differential entropy changes by ln c.

    Parameters
    ----------
    z : array_like, shape (n,)
        The code of each input: 2 to 500 numbers, not all equal.
    noise : float
        The standard deviation of ε, from 1/200 of the range of z to the whole range.
    width : float, optional
        The bin width to start with: the nearest of the slider's; a twentieth of the range if not given.
    unit : {"bits", "nats"}
        Unit of all values.

    Raises
    ------
    ValueError
        If z is not such a sample, the noise lies outside its range, or the unit is unknown.

    Notes
    -----
    A bin [kΔ, (k+1)Δ) begins at a multiple of its width Δ.  I(X; cZ + ε) is the entropy of a mixture of n
    normals less that of the noise, by quadrature.  Lesson: 07 Differential entropy.

    Examples
    --------
    >>> import numpy as np
    >>> from ibcourse.explore import BinningPicture
    >>> print(BinningPicture(np.tanh(np.linspace(-2, 2, 50)), noise=0.1).words())
    Bins of width 0.0895 find I(X;Z) = 2.847 nats in 50 codes, noise of deviation 0.100 leaves 1.608, and ...
    """

    tag = "ib-binning"
    title = "Bins, noise and scale"

    def __init__(self, z: ArrayLike, noise: float, *, width: float | None = None, unit: str = "nats") -> None:
        values = to_numpy(as_arrays(z=z)[1])
        if values.ndim != 1 or not 2 <= len(values) <= INPUTS or not np.isfinite(values).all():
            raise ValueError(
                f"z has shape {values.shape}: expected one axis of 2 to {INPUTS} finite numbers."
            )
        self.z = np.array(compact(values), dtype=float)  # the numbers that the page holds
        span = float(np.ptp(self.z))
        if span == 0:
            raise ValueError("All numbers of z are equal: expected codes that differ.")
        if not span / 200 <= noise <= span:
            raise ValueError(
                f"noise={noise!r}: expected a standard deviation from {span / 200:g} to {span:g}, "
                "1/200 of the range of z to the whole."
            )
        self.noise = float(noise)
        self.widths = np.array(compact(span * np.geomspace(1e-5, 1, 61), 4), dtype=float)
        wanted = span / 20 if width is None else width
        self.start = int(np.argmin(np.abs(np.log(self.widths / wanted))))
        self.unit = unit
        in_unit(0.0, unit)  # refuses an unknown unit here, not when the figure is shown

    def data(self) -> dict[str, Any]:
        return {
            "z": self.z.tolist(),
            "noise": self.noise,
            "widths": self.widths.tolist(),
            "width": self.start,
            "scales": compact(SCALES),
            "noisy": [round(self._with_noise(scale), 9) for scale in SCALES],
            "whole": self._whole(),
            "unit": self.unit,
        }

    def words(self) -> str:
        width = self.widths[self.start]
        return (
            f"Bins of width {short(width, 4)} find I(X;Z) = {self._value(self._binned(width))} {self.unit} "
            f"in {len(self.z)} codes, noise of deviation {short(self.noise)} leaves "
            f"{self._value(self._with_noise(1))}, and the codes without noise tell "
            f"{self._value(self._whole())}."
        )

    def table(self) -> Table:
        shown = np.unique([*np.linspace(0, len(self.widths) - 1, 11).round().astype(int), self.start])
        rows = [[short(w, 4), self._value(self._binned(w))] for w in self.widths[shown]]
        return Table(
            f"Bins in {self.unit}; with noise I(X;Z + ε) = {self._value(self._with_noise(1))}, "
            f"without noise I(X;Z) = {self._value(self._whole())}",
            ["bin width", "I(X; bin of Z)"],
            rows,
        )

    def picture(self) -> Figure:
        figure, (left, right) = plt.subplots(1, 2, figsize=(8.4, 3.8))
        one, width = in_unit(1.0, self.unit), self.widths[self.start]
        noisy = one * np.array([self._with_noise(scale) for scale in SCALES])
        curves = (
            (left, self.widths, [self._binned(w) for w in self.widths], np.full(len(self.widths), noisy[-1])),
            (right, SCALES, [self._binned(width, scale) for scale in SCALES], noisy),
        )
        for ax, x, binned, with_noise in curves:
            ax.semilogx(x, one * np.array(binned), color=COLOURS[0], ls=LINES[0], label="bins")
            ax.semilogx(x, with_noise, color=COLOURS[1], ls=LINES[1], label="with noise")
            ax.axhline(
                one * self._whole(), color=plt.rcParams["axes.edgecolor"], ls=":", label="without noise"
            )
        right.semilogx(SCALES, one * np.log(SCALES), color=COLOURS[2], ls=LINES[2], label="h(cZ) − h(Z)")
        right.legend(loc="lower right")
        left.set_title("c = 1", fontsize=10)
        right.set_title(f"bin width {short(width, 4)}", fontsize=10)
        label(left, x=("bin width", "unit of Z"), y=("information about X", self.unit))
        label(right, x=("scale c", "no unit"), y=("information, entropy", self.unit))
        return figure

    def _binned(self, width: float, scale: float = 1.0) -> float:
        """The entropy of the bin, in nats."""
        return _frequencies_entropy(np.floor(scale * self.z / width))

    def _whole(self) -> float:
        """I(X;Z) without noise: ln n where all codes differ."""
        return _frequencies_entropy(self.z)

    def _with_noise(self, scale: float) -> float:
        """I(X; cZ + ε) in nats, by the trapezoidal rule, whose error is tiny for a sum of normals."""
        means = scale * self.z / self.noise
        step = 1 / 8
        grid = np.arange(means.min() - 9, means.max() + 9, step)
        density = np.exp(-0.5 * (grid[:, None] - means) ** 2).mean(axis=1) / math.sqrt(2 * math.pi)
        return float(-step * np.sum(xlogy(density, density)) - 0.5 * math.log(2 * math.pi * math.e))

    def _value(self, nats: float) -> str:
        return number(in_unit(nats, self.unit))


def _frequencies_entropy(values: NDArray[np.float64]) -> float:
    """The entropy of the frequencies of equal values, in nats."""
    counts = np.unique(values, return_counts=True)[1]
    return float(entropy(counts / counts.sum()))
