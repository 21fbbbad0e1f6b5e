"""Trained codes along β: the latents, and the nats that the rate counts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Ellipse
from numpy.typing import ArrayLike, NDArray

from ibcourse._array import as_arrays, to_numpy
from ibcourse.explore.element import Explorable, Table, compact, short, symbols
from ibcourse.information import entropy
from ibcourse.plots import COLOURS, HATCHES, in_unit, label, number

CLASSES = 10
"""As many classes as there are colours and shapes to tell them apart."""
POINTS = 200
HEAVIEST = 40_000
"""Bytes of latents that a page carries without becoming slow."""


class RatePicture(Explorable):
    """Codes trained at several β: where they put the inputs, and how many nats they carry.

    The left panel shows two latent dimensions.  The right one shows the rate R, which the loss counts,
    beside I(X;Z), which it bounds, and the decoder's lower bound on I(Z;Y).  I(X;Z) on N equally likely
    inputs is at most ln N, and the label needs H(Y); the rate may exceed both.  The reader moves β.

    Parameters
    ----------
    beta : array_like, shape (n_beta,)
        Two or more prices of compression, positive.
    latents : array_like, shape (n_beta, n_points, 2)
        The mean of each drawn input's code; at most 200 inputs.
    labels : array_like, shape (n_points,)
        Their classes 0, 1, ..., at most ten.
    rate, information, decoder_bound : array_like, shape (n_beta,)
        The rate, I(X;Z) and the lower bound on I(Z;Y) on all N inputs, in nats.
    n : int
        N, the number of inputs that the three were measured on.
    scales : array_like, shape (n_beta, n_points, 2), optional
        The standard deviations of the codes, drawn as ellipses.
    h_y : float, optional
        H(Y) in nats; that of the drawn labels if not given.
    class_names : sequence of str, optional
        The classes; ``"0"``, ``"1"``, ... if not given.
    start : float, optional
        Where the slider starts: at the nearest of the β; in the middle if not given.
    unit : {"bits", "nats"}
        Unit of all values.

    Raises
    ------
    ValueError
        If shapes do not fit, numbers are not finite, there are too many points or classes, the latents are
        too heavy for a page, or the unit is unknown.

    Notes
    -----
    The three values of a code come from `ibcourse.variational`; I(X;Z) by Monte Carlo may exceed a rate that
    equals it by the error of both.  Lesson: 05 Variational.

    Examples
    --------
    >>> from ibcourse.explore import RatePicture
    >>> latents = [[[-3, 0], [3, 0]], [[-1, 0], [1, 0]]]
    >>> codes = {"rate": [4.5, 0.5], "information": [0.69, 0.34], "decoder_bound": [0.69, 0.3]}
    >>> print(RatePicture([0.001, 0.1], latents, [0, 1], n=2, **codes, start=0.001).words())
    At β = 0.001 the rate is R = 4.500 nats, I(X;Z) = 0.690 of at most ln N = 0.693, and I(Z;Y) is ...
    """

    tag = "ib-rate"
    title = "What the rate counts"

    def __init__(
        self,
        beta: ArrayLike,
        latents: ArrayLike,
        labels: ArrayLike,
        *,
        rate: ArrayLike,
        information: ArrayLike,
        decoder_bound: ArrayLike,
        n: int,
        scales: ArrayLike | None = None,
        h_y: float | None = None,
        class_names: Sequence[str] | None = None,
        start: float | None = None,
        unit: str = "nats",
    ) -> None:
        b = _numbers("beta", beta, (None,))
        if len(np.unique(b)) < max(2, len(b)) or b.min() <= 0:
            raise ValueError(f"beta is {b}: expected two or more different positive numbers.")
        order = np.argsort(b)
        self.beta = b[order]
        self.latents = _numbers("latents", latents, (len(b), None, 2))[order]
        points = self.latents.shape[1]
        self.scales = None if scales is None else _numbers("scales", scales, (len(b), points, 2))[order]
        self.labels = _numbers("labels", labels, (points,)).astype(int)
        classes = int(self.labels.max()) + 1
        present = np.unique(self.labels).tolist()
        if points > POINTS or present != list(range(classes)) or classes > CLASSES:
            raise ValueError(
                f"{points} points with the labels {present}: expected at most {POINTS} points with labels "
                f"from 0 to at most {CLASSES - 1}, each at least once. Draw a part of the inputs."
            )
        self.class_names = symbols("class_names", class_names or list(map(str, range(classes))), classes, "")
        self.bars = np.stack(
            [
                _numbers(name, values, (len(b),))[order]
                for name, values in (
                    ("rate", rate), ("information", information), ("decoder_bound", decoder_bound),
                )
            ]
        )  # fmt: skip
        if n < 2:
            raise ValueError(f"n={n!r}: expected the number of inputs, two or more.")
        self.n = n
        self.h_y = float(entropy(np.bincount(self.labels) / points)) if h_y is None else float(h_y)
        self.unit = unit
        in_unit(0.0, unit)  # refuses an unknown unit here, not when the figure is shown
        middle = math.sqrt(self.beta[0] * self.beta[-1]) if start is None else start
        self.start = int(np.argmin(np.abs(np.log(self.beta / middle))))
        size = len(str(self.data()))
        if size > HEAVIEST:
            raise ValueError(
                f"The latents take {size / 1000:.0f} kB of the page: expected at most {HEAVIEST / 1000:.0f}. "
                "Give fewer points or fewer values of β."
            )

    def data(self) -> dict[str, Any]:
        return {
            "beta": compact(self.beta),
            "codes": [self._code(i) for i in range(len(self.beta))],
            "bars": compact(self.bars),
            "labels": self.labels.tolist(),
            "names": self.class_names,
            "n": self.n,
            "needed": self.h_y,
            "start": self.start,
            "unit": self.unit,
        }

    def words(self) -> str:
        i = self.start
        rate, information, bound = map(self._value, self.bars[:, i])
        return (
            f"At β = {short(self.beta[i])} the rate is R = {rate} {self.unit}, I(X;Z) = {information} of "
            f"at most {self._ceiling()}, and I(Z;Y) is at least {bound} of "
            f"H(Y) = {self._value(self.h_y)}."
        )

    def table(self) -> Table:
        rows = [
            [short(b), *map(self._value, values)] for b, values in zip(self.beta, self.bars.T, strict=True)
        ]
        caption = f"The codes in {self.unit}; {self._ceiling()}, H(Y) = {self._value(self.h_y)}"
        return Table(caption, ["β", "rate R", "I(X;Z)", "I(Z;Y) at least"], rows)

    def picture(self) -> Figure:
        figure, (left, right) = plt.subplots(1, 2, figsize=(8.4, 4))
        i, limit = self.start, self._limit(self.start)
        for k, name in enumerate(self.class_names):
            own = self.labels == k
            colour = COLOURS[k % 5]
            left.plot(*self.latents[i, own].T, "oD"[k // 5], ms=4, color=colour, ls="none", label=name)
            if self.scales is not None:
                for mean, scale in zip(self.latents[i, own], self.scales[i, own], strict=True):
                    left.add_patch(Ellipse(mean, *(2 * scale), color=colour, alpha=0.12, lw=0))
        left.set(
            xlim=(-limit, limit), ylim=(-limit, limit), aspect="equal", title=f"β = {short(self.beta[i])}"
        )
        legend = figure.legend(*left.get_legend_handles_labels(), loc="outside lower center", ncols=CLASSES)
        for text in legend.get_texts():
            text.set_parse_math(False)
        label(left, x=("z1", "no unit"), y=("z2", "no unit"))
        one = in_unit(1.0, self.unit)
        rate, information, bound = one * self.bars[:, i]
        right.bar([0, 1], information, color=COLOURS[0])
        right.bar(
            0, max(0, rate - information), bottom=information,
            color=COLOURS[1], hatch=HATCHES[1], label="slack",
        )  # fmt: skip
        right.bar(2, bound, color=COLOURS[2])
        for height, words in (
            (one * math.log(self.n), self._ceiling()),
            (one * self.h_y, f"H(Y) = {self._value(self.h_y)}"),
        ):
            right.axhline(height, color=plt.rcParams["axes.edgecolor"], ls="--", lw=1)
            right.annotate(words, (2.5, height), (0, 2), textcoords="offset points", ha="right", size=9)
        right.set_xticks(range(3), ["rate R", "I(X;Z)", "I(Z;Y) at least"])
        right.legend(loc="upper right")
        label(right, x=("measure", "category"), y=("information", self.unit))
        return figure

    def _limit(self, i: int) -> float:
        """Half the width of a square frame around the code, a round number."""
        scales = 0.0 if self.scales is None else self.scales[i]
        reach = max(float(np.max(np.abs(self.latents[i]) + scales)), 1.0)
        power = 10.0 ** math.floor(math.log10(reach))
        return next(
            factor * power for factor in (1, 2, 3, 4, 5, 6, 8, 10) if reach <= 1.000001 * factor * power
        )

    def _code(self, i: int) -> dict[str, Any]:
        """The latents in thousandths of the frame's half width."""
        limit = self._limit(i)
        places = {"z": self.latents[i]} | ({} if self.scales is None else {"s": self.scales[i]})
        return {"limit": limit} | {
            name: np.rint(1000 * values.T / limit).astype(int).tolist() for name, values in places.items()
        }

    def _ceiling(self) -> str:
        """The most that N equally likely inputs carry, with its name."""
        name = "log₂ N" if self.unit == "bits" else "ln N"
        return f"{name} = {self._value(math.log(self.n))}"

    def _value(self, nats: float) -> str:
        return number(in_unit(nats, self.unit))


def _numbers(name: str, values: ArrayLike, shape: tuple[int | None, ...]) -> NDArray[np.float64]:
    """An array of finite numbers of a given shape; None stands for any length but zero."""
    array = to_numpy(as_arrays(**{name: values})[1])
    fits = array.ndim == len(shape) and all(
        m == n or (n is None and m) for m, n in zip(array.shape, shape, strict=True)
    )
    if not fits or not np.isfinite(array).all():
        words = ", ".join("any" if n is None else str(n) for n in shape)
        raise ValueError(f"{name} has shape {array.shape}: expected ({words}), all numbers finite.")
    return array
