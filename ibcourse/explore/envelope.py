"""The bottleneck of two inputs as a convex envelope."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from ibcourse.bottleneck import cluster_divergences, envelope, onset
from ibcourse.explore.element import Explorable, Table, channel, distribution, prices, short, symbols
from ibcourse.plots import COLOURS, LINES, MARKERS, in_unit, label, number


class EnvelopePicture(Explorable):
    """F_β(r) = KL(r‖p_X) − β KL(rW‖p_Y) for two inputs, and its lower convex envelope.

    The value of the envelope at p_X is L*(β), the lowest value of I(X;T) − β I(T;Y).  The line that supports
    F there touches it at the posteriors p(x|t) of an optimal encoder, and certifies that encoder.  The reader
    moves β.  In a first-order transition a second dip falls below zero while F still bends upwards at p_X.

    Parameters
    ----------
    p_y_given_x : array_like, shape (2, Y)
        The channel W; its rows differ.
    p_x : array_like, shape (2,)
        The distribution of the two inputs, both positive.
    beta : float, optional
        The price of relevance to start with; the middle of the slider if not given.
    betas : (float, float), optional
        The ends of the slider.  If not given, the slider holds both critical values and some room.
    x_names : sequence of str, optional
        The inputs; ``"x1"`` and ``"x2"`` if not given.
    unit : {"bits", "nats"}
        Unit of all values.

    Raises
    ------
    ValueError
        If there are not two inputs with different rows, if a distribution is none, if beta lies outside
        betas, or if names or unit make no sense.

    Notes
    -----
    Witsenhausen and Wyner (1975) draw this picture.  Lesson: phase transitions and the convex envelope.

    References
    ----------
    - H. S. Witsenhausen and A. D. Wyner, A conditional entropy bound for a pair of discrete random variables,
      IEEE Transactions on Information Theory 21 (1975).

    Examples
    --------
    >>> from ibcourse.explore import EnvelopePicture
    >>> print(EnvelopePicture([[0.9, 0.1], [0.2, 0.8]], [0.5, 0.5], beta=2.01).words())
    At β = 2.01 the envelope at p(x) is L* = −3.8·10⁻⁶ nats, reached by two atoms, r = 0.4848 with weight ...
    """

    tag = "ib-envelope"
    title = "The bottleneck as a convex envelope"

    def __init__(
        self,
        p_y_given_x: ArrayLike,
        p_x: ArrayLike,
        beta: float | None = None,
        betas: tuple[float, float] | None = None,
        *,
        x_names: Sequence[str] | None = None,
        unit: str = "nats",
    ) -> None:
        self.channel = channel("p_y_given_x", p_y_given_x, 2)
        self.p_x = distribution("p_x", p_x)
        if self.p_x.shape != (2,) or self.p_x.min() == 0:
            raise ValueError(f"p_x is {self.p_x}: expected two inputs, both with positive probability.")
        self.x_names = symbols("x_names", x_names, 2, "x")
        self.unit = unit
        in_unit(0.0, unit)  # refuses an unknown unit here, not when the figure is shown
        self.p_xy = self.p_x[:, None] * self.channel
        self.onset = onset(self.p_xy)
        if self.onset.kind == "none":
            raise ValueError(
                "The rows of p_y_given_x are equal: Y does not depend on X. Give different rows."
            )
        low, high = betas or (0.95 * self.onset.beta, 1.1 * self.onset.local)
        self.beta, self.betas = prices((low + high) / 2 if beta is None else beta, (low, high))
        self.envelope = envelope(self.p_xy, self.beta)

    def data(self) -> dict[str, Any]:
        marks = [("information begins to pay", self.onset.beta)]
        if self.onset.local > self.onset.beta:
            marks.append(("F begins to bend down at p(x)", self.onset.local))
        return {
            "channel": self.channel.tolist(),
            "pX": self.p_x.tolist(),
            "names": self.x_names,
            "beta": self.beta,
            "betas": self.betas,
            "marks": [
                {"name": name, "beta": round(beta, 6)}
                for name, beta in marks
                if self.betas[0] <= beta <= self.betas[1]
            ],
            "unit": self.unit,
        }

    def words(self) -> str:
        best = self.envelope
        start = (
            f"At β = {self.beta:g} the envelope at p(x) is L* = {self._short(best.lagrangian)} {self.unit}"
        )
        if len(best.weights) == 1:
            return f"{start}: the constant encoder is optimal."
        atoms = zip(best.atoms[:, 0], best.weights, strict=True)
        places = " and ".join(f"r = {number(r, 4)} with weight {number(w, 4)}" for r, w in sorted(atoms))
        return f"{start}, reached by two atoms, {places}."

    def table(self) -> Table:
        r = np.unique([*np.linspace(0, 1, 11), self.p_x[0]])
        rows = [[number(a, 4), self._short(f, 4)] for a, f in zip(r, self._function(r), strict=True)]
        return Table(
            f"F at some r, in {self.unit}; β = {self.beta:g}", [f"r = p({self.x_names[0]}|t)", "F(r)"], rows
        )

    def picture(self) -> Figure:
        figure, panels = plt.subplots(1, 2, figsize=(8.4, 3.6))
        r = np.linspace(0, 1, 1001)
        one, ink = in_unit(1.0, self.unit), plt.rcParams["axes.edgecolor"]
        heights = one * self._function(r)
        line = one * np.stack([r, 1 - r], axis=1) @ self.envelope.support
        atoms = self.envelope.atoms[:, 0]
        for ax, title in zip(panels, ("the whole curve", "the same near zero"), strict=True):
            ax.plot(r, heights, color=ink, ls="-", label="F")
            ax.plot(r, line, color=COLOURS[1], ls=LINES[1], lw=1.5, label="supporting line")
            ax.plot(atoms, np.interp(atoms, r, line), MARKERS[0], color=COLOURS[2], ls="none", label="atoms")
            ax.axvline(self.p_x[0], color=ink, ls=":", lw=1)
            ax.set_title(title, fontsize=10)
            label(ax, x=(f"r = p({self.x_names[0]}|t)", "no unit"), y=("F", self.unit))
        reach = 1.6 * max(-heights.min(), 1e-4 * np.abs(heights).max())
        low = r[heights < reach]
        panels[0].set_ylim(heights.min() - 0.1 * np.ptp(heights), heights.max() + 0.1 * np.ptp(heights))
        panels[1].set(xlim=(low[0] - 0.03, low[-1] + 0.03), ylim=(-reach, reach))
        panels[0].legend(loc="upper center")
        return figure

    def _function(self, r: NDArray[np.float64]) -> NDArray[np.float64]:
        """F_β at r = p(x1|t), in nats."""
        cost, gain = cluster_divergences(self.p_xy, np.stack([r, 1 - r], axis=-1))
        return cost - self.beta * gain

    def _short(self, nats: float, digits: int = 3) -> str:
        return short(in_unit(nats, self.unit), digits)
