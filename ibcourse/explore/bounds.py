"""The two bounds of the variational bottleneck on a table, and what a wrong guess adds to each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from ibcourse.explore.element import Explorable, Table, channel, joint, symbols
from ibcourse.explore.pictures import heat_map
from ibcourse.plots import COLOURS, HATCHES, in_unit, label, number
from ibcourse.variational import optimal_decoder, optimal_marginal, vib_loss

MOST = 8
SHARPEST, STEEPEST = 8.0, 3.0
"""The ends of the two sliders: sharpness from 1/8 to 8, tilt from −3 to 3."""


class BoundsPicture(Explorable):
    """The loss of the variational bottleneck as stacked bars: what is there, and what each guess adds.

    The cross-entropy is H(Y|T) plus the decoder's gap, the rate is I(X;T) plus the marginal's gap, and the
    loss is the first plus β times the second.  The reader moves the decoder, d(y|t) ∝ p(y|t)^τ, and the
    marginal, r(t) ∝ p(t) e^(s v_t) with v_t evenly from −1 to 1: at sharpness τ = 1 and tilt s = 0 both gaps
    close.

    Parameters
    ----------
    p_xy : array_like, shape (X, Y)
        The joint distribution of two to eight inputs and labels.
    encoder : array_like, shape (X, T)
        The encoder p(t|x) with two to eight clusters, all in use.
    sharpness : float
        τ to start with, from 1/8 to 8.
    tilt : float
        s to start with, from −3 to 3.
    beta : float
        The price of compression to start with, from 0 to 1.
    y_names : sequence of str, optional
        The labels; ``"y1"``, ``"y2"``, ... if not given.
    unit : {"bits", "nats"}
        Unit of all values.

    Raises
    ------
    ValueError
        If a distribution is none or too large, a cluster is out of use, a number lies outside its range, no
        sharpness changes the decoder, or names or unit make no sense.

    Notes
    -----
    The numbers are those of `ibcourse.variational.vib_loss`.  Lesson: 05 Variational.

    Examples
    --------
    >>> from ibcourse.explore import BoundsPicture
    >>> picture = BoundsPicture([[0.4, 0.1], [0.1, 0.4]], [[0.9, 0.1], [0.1, 0.9]], sharpness=2, tilt=0.5)
    >>> print(picture.words())
    The cross-entropy 0.660 is H(Y|T) = 0.573 plus a gap of 0.087, the rate 0.488 is I(X;T) = 0.368 plus ...
    """

    tag = "ib-bounds"
    title = "Two guesses and their gaps"

    def __init__(
        self,
        p_xy: ArrayLike,
        encoder: ArrayLike,
        *,
        sharpness: float = 1.0,
        tilt: float = 0.0,
        beta: float = 0.5,
        y_names: Sequence[str] | None = None,
        unit: str = "nats",
    ) -> None:
        self.p_xy = joint(p_xy, MOST)
        self.encoder = channel("encoder", encoder, len(self.p_xy))
        marginal = optimal_marginal(self.p_xy.sum(axis=1), self.encoder)
        if not 2 <= len(marginal) <= MOST or marginal.min() == 0:
            raise ValueError(
                f"The clusters of encoder have the weights {marginal}: expected two to {MOST}, all positive. "
                "Leave out a cluster that no input uses."
            )
        for name, value, low, high in (
            ("sharpness", sharpness, 1 / SHARPEST, SHARPEST),
            ("tilt", tilt, -STEEPEST, STEEPEST),
            ("beta", beta, 0, 1),
        ):
            if not low <= value <= high:
                raise ValueError(f"{name}={value!r}: expected a number from {low:g} to {high:g}.")
        self.sharpness, self.tilt, self.beta = float(sharpness), float(tilt), float(beta)
        if np.allclose(self._decoder(2.0), self._decoder(1.0)):
            raise ValueError(
                "In every cluster the labels that occur are equally likely, so that no sharpness changes the "
                "decoder: give an encoder that mixes inputs of different labels."
            )
        self.y_names = symbols("y_names", y_names, self.p_xy.shape[1], "y")
        self.unit = unit
        in_unit(0.0, unit)  # refuses an unknown unit here, not when the figure is shown
        self.decoder = self._decoder(self.sharpness)
        tilted = marginal * np.exp(self.tilt * np.linspace(-1, 1, len(marginal)))
        self.marginal = tilted / tilted.sum()
        self.loss = vib_loss(self.p_xy, self.encoder, self.decoder, self.marginal, self.beta)

    def data(self) -> dict[str, Any]:
        return {
            "joint": self.p_xy.tolist(),
            "encoder": self.encoder.tolist(),
            "names": self.y_names,
            "sharpness": self.sharpness,
            "tilt": self.tilt,
            "beta": self.beta,
            "sharpest": SHARPEST,
            "steepest": STEEPEST,
            "unit": self.unit,
        }

    def words(self) -> str:
        (_, h, gap, cross), (_, i, slack, rate), (*_, loss) = self.table().rows
        return (
            f"The cross-entropy {cross} is H(Y|T) = {h} plus a gap of {gap}, the rate {rate} is I(X;T) = {i} "
            f"plus a gap of {slack}, and with β = {number(self.beta, 2)} the loss is {loss} {self.unit}."
        )

    def table(self) -> Table:
        rows = [[name, *map(number, (truth, gap, truth + gap))] for name, truth, gap in self._parts()]
        return Table(f"The loss in {self.unit}", ["bound", "what is there", "gap", "sum"], rows)

    def picture(self) -> Figure:
        figure, (left, right) = plt.subplots(1, 2, figsize=(8.4, 3.6), width_ratios=[3, 2])
        parts = self._parts()
        for k, ((_, truth, gap), colour) in enumerate(zip(parts, (0, 2), strict=False)):
            left.barh(k, truth, color=COLOURS[colour])
            left.barh(k, gap, left=truth, color=COLOURS[1], hatch=HATCHES[1])
        (_, h, gap), (_, i, slack), _ = parts
        start = 0.0
        for width, colour in ((h, 0), (gap, 1), (self.beta * i, 2), (self.beta * slack, 1)):
            left.barh(2, width, left=start, color=COLOURS[colour], hatch=HATCHES[1] if colour == 1 else "")
            start += width
        names = [
            "cross-entropy =\nH(Y|T) + gap",
            "rate =\nI(X;T) + gap",
            f"loss,\nβ = {number(self.beta, 2)}",
        ]
        left.set_yticks(range(3), names)
        left.invert_yaxis()
        label(left, x=("hatched: the gaps", self.unit), y=("bound", "category"))
        heat_map(right, self.decoder.T, self.y_names, [f"t{t + 1}" for t in range(len(self.marginal))])
        right.set_title("decoder d(y|t)", fontsize=10)
        label(right, x=("cluster t", "category"), y=("label y", "category"))
        return figure

    def _decoder(self, sharpness: float) -> NDArray[np.float64]:
        """The decoder d(y|t) ∝ p(y|t)^τ."""
        powers: NDArray[np.float64] = optimal_decoder(self.p_xy, self.encoder) ** sharpness
        return powers / powers.sum(axis=1, keepdims=True)

    def _parts(self) -> list[tuple[str, float, float]]:
        """Cross-entropy, rate and loss: what is there, and the gap, in the unit."""
        one, loss = in_unit(1.0, self.unit), self.loss
        truths = np.array([loss.h_y - loss.i_ty, loss.i_xt])
        gaps = np.array([loss.decoder_gap, loss.marginal_gap])
        prices = np.array([1, self.beta])
        values = one * np.array([[*truths, prices @ truths], [*gaps, prices @ gaps]])
        names = ("cross-entropy", "rate", "loss")
        return [(name, float(a), float(b)) for name, a, b in zip(names, *values, strict=True)]
