"""A decoder's cross-entropy and the uncertainty that it bounds, which may move opposite ways."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from ibcourse.explore.element import Explorable, Table
from ibcourse.information import conditional_entropy, cross_entropy
from ibcourse.plots import COLOURS, LINES, MARKERS, in_unit, label, number

LEAST = 0.02
"""The decoder's smallest probability: the cross-entropies stay finite and the picture readable."""
NAMES = ("H(Y|Z)", "HΘ(Y|Z)", "HΘ(Y|X)")


class SurrogatePicture(Explorable):
    """Decoder uncertainty H(Y|Z), and the cross-entropies that training lowers in its place.

    Y = X is a fair bit and the code Z a bit that equals X with probability e.  The decoder is fixed while the
    reader moves e.  With a decoder that is the wrong way round, HΘ(Y|Z) falls as e falls, and H(Y|Z) rises
    until e = ½: the surrogate unlearns before it relearns.  Arrows show where each loss pushes e.

    Parameters
    ----------
    decoder : (float, float)
        p_Θ(ŷ = 1 | z) for z = 0 and z = 1, each from 0.02 to 0.98.
    encoder : float
        Where e = p(z = x) starts, from 0 to 1.
    unit : {"bits", "nats"}
        Unit of all values.

    Raises
    ------
    ValueError
        If a probability lies outside its range, or the unit is unknown.

    Notes
    -----
    H(Y|Z) ≤ HΘ(Y|Z) and HΘ(Y|X) ≤ HΘ(Y|Z); the first and the last have no order.
    Lesson: 06 Decoder uncertainty.

    Examples
    --------
    >>> from ibcourse.explore import SurrogatePicture
    >>> print(SurrogatePicture().words())
    At p(z = x) = 0.60, H(Y|Z) = 0.673, HΘ(Y|Z) = 1.055, HΘ(Y|X) = 0.821 nats. HΘ(Y|Z) is lowest at ...
    """

    tag = "ib-surrogate"
    title = "Where a surrogate pushes the encoder"

    def __init__(
        self, decoder: tuple[float, float] = (0.8, 0.2), encoder: float = 0.6, *, unit: str = "nats"
    ) -> None:
        if not (np.shape(decoder) == (2,) and all(LEAST <= p <= 1 - LEAST for p in decoder)):
            raise ValueError(f"decoder={decoder!r}: expected two probabilities from {LEAST} to {1 - LEAST}.")
        if not 0 <= encoder <= 1:
            raise ValueError(f"encoder={encoder!r}: expected a probability p(z = x) from 0 to 1.")
        self.decoder = (float(decoder[0]), float(decoder[1]))
        self.encoder = float(encoder)
        self.unit = unit
        in_unit(0.0, unit)  # refuses an unknown unit here, not when the figure is shown

    def data(self) -> dict[str, Any]:
        return {"decoder": self.decoder, "encoder": self.encoder, "least": LEAST, "unit": self.unit}

    def words(self) -> str:
        values = self._values(self.encoder)
        here = ", ".join(f"{name} = {number(value)}" for name, value in zip(NAMES, values, strict=True))
        low, high = self._values([0.0, 1.0])[1]
        end = "the same everywhere" if low == high else f"lowest at p(z = x) = {int(low > high)}"
        return (
            f"At p(z = x) = {number(self.encoder, 2)}, {here} {self.unit}. "
            f"HΘ(Y|Z) is {end}; H(Y|Z) is largest at p(z = x) = ½."
        )

    def table(self) -> Table:
        places = np.unique([*(np.arange(11) / 10), self.encoder])
        rows = [
            [number(e, 2), *map(number, values)]
            for e, values in zip(places, self._values(places).T, strict=True)
        ]
        return Table(f"The three in {self.unit}", ["p(z = x)", *NAMES], rows)

    def picture(self) -> Figure:
        figure, ax = plt.subplots(figsize=(6.4, 4))
        places = np.linspace(0, 1, 201)
        here = self._values(self.encoder)
        for k, (name, values) in enumerate(zip(NAMES, self._values(places), strict=True)):
            ax.plot(places, values, color=COLOURS[k], ls=LINES[k], label=name)
            ax.plot(self.encoder, here[k], MARKERS[k], color=COLOURS[k], ls="none")
        ax.axvline(self.encoder, color=plt.rcParams["axes.edgecolor"], ls=":", lw=1)
        ax.set(xlim=(0, 1), ylim=(0, None))
        ax.legend(loc="upper left")
        label(ax, x=("encoder p(z = x)", "no unit"), y=("uncertainty", self.unit))
        return figure

    def _values(self, places: ArrayLike) -> NDArray[np.float64]:
        """The three quantities, one row each, at some values of p(z = x)."""
        e = np.asarray(places, dtype=float)
        encoder = np.moveaxis(np.array([[e, 1 - e], [1 - e, e]]), (0, 1), (-2, -1))  # also p(y|z)
        decoder = np.array([[1 - p, p] for p in self.decoder])
        prediction = np.diagonal(encoder @ decoder, axis1=-2, axis2=-1)  # p_Θ(ŷ = y | x)
        nats = [
            conditional_entropy(encoder / 2),
            cross_entropy(encoder, decoder).mean(axis=-1),
            -np.log(prediction).mean(axis=-1),
        ]
        return in_unit(1.0, self.unit) * np.array(nats)
