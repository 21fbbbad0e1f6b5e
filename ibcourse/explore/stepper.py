"""The bottleneck's iteration as a film: the plane on the left, the encoder on the right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from ibcourse.bottleneck import encoder_information, ib_curve, ib_step
from ibcourse.explore.element import Explorable, Table, channel, joint, prices, short, symbols
from ibcourse.explore.pictures import heat_map
from ibcourse.information import entropy, mutual_information
from ibcourse.plots import COLOURS, LINES, in_unit, label, number
from ibcourse.sufficiency import minimal_sufficient

STEPS = (0, 1, 2, 3, 5, 10, 20, 50, 100, 200, 500)
"""The steps that the table of a run shows."""
MOST, SETTLED = 1000, 1e-10
"""A run ends after so many updates, or when no probability moves by more than this."""


class IBStepper(Explorable):
    """The iteration of the bottleneck, update by update.

    The reader plays the run, steps it forwards and backwards, moves β, and puts a distribution of their own
    in place of the given one.  The plane shows the run against the best possible curve, with the line of
    slope 1/β at its end: where the line cuts the curve, the run has ended at a fixed point that is not
    optimal.

    Parameters
    ----------
    p_xy : array_like, shape (X, Y)
        The joint distribution; two to twelve inputs and as many labels, each with positive probability.
    beta : float
        The price of relevance to start with.
    clusters : int, optional
        How many clusters the run has; as many as inputs, but at most four, if not given.
    encoder : array_like, shape (X, T), optional
        The encoder p(t|x) to start from; random rows if not given.
    betas : (float, float)
        The ends of the slider of β.
    x_names, y_names : sequence of str, optional
        Inputs and labels; ``"x1"``, ``"x2"``, … and ``"y1"``, ``"y2"``, … if not given.
    seed : int
        Seed of the random encoder.
    unit : {"bits", "nats"}
        Unit of all values.

    Raises
    ------
    ValueError
        If p_xy is no joint distribution of such a size, if the encoder does not fit it, if beta lies outside
        betas, or if clusters, names or unit make no sense.

    Notes
    -----
    The curve is that of `ibcourse.bottleneck.ib_curve`.  For a distribution of the reader the script searches
    it from a few starts, and says so.  Lesson: fixed point and algorithm.

    Examples
    --------
    >>> from ibcourse.explore import IBStepper
    >>> print(IBStepper([[0.4, 0.1], [0.1, 0.4]], beta=5, encoder=[[0.8, 0.2], [0.2, 0.8]]).words())
    At β = 5 the run starts at ...
    """

    tag = "ib-stepper"
    title = "The bottleneck, step by step"

    def __init__(
        self,
        p_xy: ArrayLike,
        beta: float = 5.0,
        clusters: int | None = None,
        *,
        encoder: ArrayLike | None = None,
        betas: tuple[float, float] = (1.0, 50.0),
        x_names: Sequence[str] | None = None,
        y_names: Sequence[str] | None = None,
        seed: int = 0,
        unit: str = "nats",
    ) -> None:
        self.p_xy = joint(p_xy, most=12)
        n, m = self.p_xy.shape
        self.x_names = symbols("x_names", x_names, n, "x")
        self.y_names = symbols("y_names", y_names, m, "y")
        self.beta, self.betas = prices(beta, betas)
        if encoder is not None:
            self.encoder = channel("encoder", encoder, n)
            if clusters not in (None, self.encoder.shape[1]):
                raise ValueError(
                    f"clusters={clusters!r}, but the encoder has {self.encoder.shape[1]}: give one of them."
                )
        else:
            clusters = min(n, 4) if clusters is None else clusters
            if not (isinstance(clusters, int | np.integer) and 1 <= clusters <= 12):
                raise ValueError(f"clusters={clusters!r}: expected a whole number from 1 to 12.")
            self.encoder = np.random.default_rng(seed).dirichlet(np.ones(clusters), n)
        if self.encoder.shape[1] > 12:
            raise ValueError(f"The encoder has {self.encoder.shape[1]} clusters: expected at most 12.")
        self.unit = unit
        in_unit(0.0, unit)  # refuses an unknown unit here, not when the figure is shown
        low, high = np.maximum(self.betas, (1.0, 2.0))
        self.curve = ib_curve(self.p_xy, np.append(np.geomspace(low, high, 80), max(self.beta, 1.0)))
        self.run = self._iterate()

    def data(self) -> dict[str, Any]:
        x, y = self._best()
        return {
            "joint": self.p_xy.tolist(),
            "encoder": self.encoder.tolist(),
            "rows": self.x_names,
            "columns": self.y_names,
            "beta": self.beta,
            "betas": self.betas,
            "unit": self.unit,
            "curve": {"x": x.tolist(), "y": y.tolist()},
            "source": self._source(),
        }

    def words(self) -> str:
        start, end = (
            f"I(X;T) = {self._value(i_xt)}, I(T;Y) = {self._value(i_ty)}" for i_xt, i_ty in self._ends()
        )
        return (
            f"At β = {self.beta:g} the run starts at {start} {self.unit} and is, after {len(self.run) - 1} "
            f"updates, at {end} {self.unit}."
        )

    def table(self) -> Table:
        last = len(self.run) - 1
        rows = []
        for step in sorted({*(i for i in STEPS if i < last), last}):
            i_xt, i_ty, _ = encoder_information(self.p_xy, self.run[step])
            values = (i_xt, i_ty, i_xt - self.beta * i_ty)
            rows.append([str(step), *(self._value(value, 4) for value in values)])
        return Table(f"The run at β = {self.beta:g} in {self.unit}", ["step", "I(X;T)", "I(T;Y)", "L"], rows)

    def picture(self) -> Figure:
        figure, (left, right) = plt.subplots(1, 2, figsize=(8.4, 3.8))
        one = in_unit(1.0, self.unit)
        x, y = (one * values for values in self._best())
        run = one * np.array([encoder_information(self.p_xy, encoder)[:2] for encoder in self.run])
        ink = plt.rcParams["axes.edgecolor"]
        left.plot(x, y, color=ink, ls="-", label="best possible")
        left.plot(*run.T, color=COLOURS[0], ls="-", marker=".", label="this run")
        (x_end, y_end), y_all = run[-1], one * mutual_information(self.p_xy)
        left.axline(
            (x_end, y_end), slope=1 / self.beta, color=COLOURS[1], ls=LINES[1], lw=1.5,
            label="slope 1/β at its end",
        )  # fmt: skip
        left.plot(x_end, y_end, marker="o", ms=9, mfc="none", color=COLOURS[1], ls="none")
        left.set(xlim=(0, 1.08 * max(x[-1], run[:, 0].max())), ylim=(0, 1.12 * y_all))
        left.legend(loc="lower right")
        label(left, x=("I(X;T)", self.unit), y=("I(T;Y)", self.unit))
        clusters = [f"t{t + 1}" for t in range(self.encoder.shape[1])]
        heat_map(right, self.run[-1], self.x_names, clusters)
        right.set_title(f"q(t|x) at β = {self.beta:g}", fontsize=10)
        label(right, x=("cluster t", "category"), y=("input x", "category"))
        return figure

    def _iterate(self) -> list[NDArray[np.float64]]:
        """The encoders of the run, as the script computes them."""
        run, change = [self.encoder], np.inf
        while change > SETTLED and len(run) <= MOST:
            run.append(ib_step(self.p_xy, run[-1], self.beta))
            change = np.abs(run[-1] - run[-2]).max()
        return run

    def _best(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The corners of the best possible curve, by growing I(X;T), each place once.

        The last is where nothing about Y is lost: the minimal sufficient statistic.
        """
        parts = np.bincount(minimal_sufficient(self.p_xy), weights=self.p_xy.sum(axis=1))
        places = np.column_stack([self.curve.i_xt, self.curve.i_ty])
        ends = [[0, 0], [entropy(parts), mutual_information(self.p_xy)]]
        x, y = np.unique(np.vstack([places, ends]).round(8), axis=0).T
        return x, y

    def _source(self) -> str:
        curve = f"The curve is that of ib_curve at {len(self.curve.beta)} values of β"
        bound = short(float(np.max(self.curve.bound)))
        return f"{curve}, each at most {bound} nats above the optimum, by a numerical bound."

    def _ends(self) -> list[tuple[float, float]]:
        return [encoder_information(self.p_xy, encoder)[:2] for encoder in (self.run[0], self.run[-1])]

    def _value(self, nats: float, digits: int = 3) -> str:
        return number(in_unit(nats, self.unit), digits)
