"""One look for every figure of the course.

`use_style` sets it for a page or a session; `label` writes an axis label with its unit.  Two
colours of the style stand for "the ink" and "the paper": `FOREGROUND` and `BACKGROUND` appear in
a figure for nothing else, so a site may replace them in the SVG by its own text colour and by transparency.

The hues of `COLOURS` have at least 3:1 contrast on white and on the dark page (WCAG 2.2, criterion
1.4.11), and stay apart under protanopia, deuteranopia and tritanopia.  Colour never carries a meaning alone:
pair it with `LINES`, `MARKERS` or `HATCHES`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ibcourse import pip_install
from ibcourse._array import as_arrays, to_numpy
from ibcourse.information import atoms, bits

try:
    import matplotlib as mpl
    import matplotlib.pyplot as plt
    from cycler import cycler
    from matplotlib.axes import Axes
    from matplotlib.patches import Circle, Polygon
except ImportError as error:
    raise ImportError(f"Figures need Matplotlib: {pip_install('plots')}") from error

__all__ = [
    "BACKGROUND",
    "COLOURS",
    "FOREGROUND",
    "HATCHES",
    "LINES",
    "MARKERS",
    "STYLE",
    "information_diagram",
    "label",
    "use_style",
]

FOREGROUND = "#16181d"
"""Ink: text, axes and ticks.  Near black, and used for nothing else."""
BACKGROUND = "#fdfdfe"
"""Paper: the figure and its axes.  Near white, and used for nothing else."""
COLOURS = ("#3761f1", "#a25234", "#0aa481", "#d717af", "#aa8e14")
"""Blue, brick, green, magenta, ochre."""
LINES = ("-", "--", "-.", ":", (0, (6, 2, 1, 2, 1, 2)))
"""Line styles, in the order of `COLOURS`."""
MARKERS = ("o", "s", "^", "D", "v")
"""Markers, in the order of `COLOURS`."""
HATCHES = ("", "///", "...", "xx", "--")
"""Hatches, in the order of `COLOURS`."""

STYLE = mpl.RcParams(
    {
        "axes.prop_cycle": cycler(color=COLOURS) + cycler(linestyle=LINES),
        "axes.edgecolor": FOREGROUND,
        "axes.facecolor": BACKGROUND,
        "axes.grid": True,
        "axes.axisbelow": True,
        "axes.labelcolor": FOREGROUND,
        "axes.spines.right": False,
        "axes.spines.top": False,
        "axes.titlelocation": "left",
        "axes.titlesize": "medium",
        "axes.titleweight": "bold",
        "figure.constrained_layout.use": True,
        "figure.facecolor": BACKGROUND,
        "figure.figsize": (6.4, 3.8),
        "grid.alpha": 0.15,
        "grid.color": FOREGROUND,
        "hatch.color": FOREGROUND,
        "image.cmap": "cividis",
        "legend.edgecolor": FOREGROUND,
        "legend.facecolor": BACKGROUND,
        "legend.frameon": False,
        "lines.linewidth": 2.0,
        "patch.edgecolor": FOREGROUND,
        "savefig.facecolor": BACKGROUND,
        "svg.fonttype": "none",  # words stay words: they are found, read aloud and set in the page's type
        "svg.hashsalt": "ibcourse",  # the same figure gives the same file
        "text.color": FOREGROUND,
        "xtick.color": FOREGROUND,
        "ytick.color": FOREGROUND,
    }
)
"""The Matplotlib settings that `use_style` sets."""


def use_style() -> None:
    """Set the look of the course for all figures that follow.

    In a notebook, figures become SVG without a date, so that the same page gives the same file.

    Notes
    -----
    Lesson: every page with a figure.

    Examples
    --------
    >>> from ibcourse import plots
    >>> plots.use_style()
    """
    mpl.rcParams.update(STYLE)
    if _in_kernel():
        from matplotlib_inline.backend_inline import set_matplotlib_formats

        set_matplotlib_formats("svg", metadata={"Date": None})


def _in_kernel() -> bool:
    try:
        from IPython import get_ipython
    except ImportError:
        return False
    return hasattr(get_ipython(), "kernel")


def label(ax: Axes, *, x: tuple[str, str] | None = None, y: tuple[str, str] | None = None) -> None:
    """Label the axes of a plot, each with its unit.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        The plot.
    x, y : (str, str), optional
        The quantity and its unit.  A number without dimension has the unit ``"no unit"``, a name
        ``"category"``.

    Raises
    ------
    ValueError
        If the quantity or the unit is missing.

    Notes
    -----
    Lesson: every page with a figure.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from ibcourse.plots import label
    >>> figure, ax = plt.subplots()
    >>> label(ax, x=("rate I(X;T)", "nats"), y=("trade-off β", "no unit"))
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('rate I(X;T) [nats]', 'trade-off β [no unit]')
    >>> plt.close(figure)
    """
    for name, given, write in (("x", x, ax.set_xlabel), ("y", y, ax.set_ylabel)):
        if given is None:
            continue
        if isinstance(given, str) or len(given) != 2 or not all(given):
            raise ValueError(
                f"label({name}={given!r}): expected a pair of a quantity and its unit, "
                'such as ("rate I(X;T)", "nats"); a number without dimension has the unit "no unit".'
            )
        write(f"{given[0]} [{given[1]}]")


def information_diagram(
    p: ArrayLike | Mapping[str, float],
    names: str | Sequence[str] | None = None,
    *,
    unit: str = "bits",
    ax: Axes | None = None,
) -> Axes:
    """Draw the information diagram of two or three variables.

    A circle is an entropy, an overlap is a mutual information, and each region holds the value of its atom.
    A negative atom is hatched.

    Parameters
    ----------
    p : array_like, shape (n_x, n_y) or (n_x, n_y, n_z), or mapping
        A joint distribution, or its atoms in nats as `atoms` returns them.
    names : str or sequence of str, optional
        The variables of the axes; ``"X Y"`` or ``"X Y Z"`` if not given.  Atoms carry
        their own.
    unit : {"bits", "nats"}
        Unit of the values.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    matplotlib.axes.Axes
        The diagram.

    Raises
    ------
    ValueError
        If there are not two or three variables, if p is neither a distribution nor their atoms, all finite,
        or if the unit is unknown.

    Notes
    -----
    The regions are the atoms of the signed measure that agrees with entropy on sets (Yeung 1991).  Areas are
    not to scale.  Lesson: information diagrams.

    References
    ----------
    - R. W. Yeung, A new outlook on Shannon's information measures, IEEE Transactions on Information Theory 37
      (1991).

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from ibcourse.plots import information_diagram
    >>> ax = information_diagram([[0.5, 0.0], [0.0, 0.5]])
    >>> [text.get_text() for text in ax.texts if "." in text.get_text()]
    ['0.00', '0.00', '1.00']
    >>> plt.close(ax.figure)
    """
    if isinstance(p, Mapping):
        own = [atom[2:-1].split("|")[0] for atom in map(str, p) if atom.startswith("H(")]
        variables = variable_names(" ".join(own), len(own))
    else:
        variables = variable_names(names, as_arrays(p=p)[1].ndim)
    given = p if isinstance(p, Mapping) else atoms(p, names=variables)
    diagram = circles(len(variables))
    named = {
        inside: atom_name(
            [variables[i] for i in inside], [v for i, v in enumerate(variables) if i not in inside]
        )
        for inside in diagram.regions
    }
    if set(given) != set(named.values()):
        raise ValueError(f"p has the atoms {', '.join(given)}; expected {', '.join(named.values())}.")
    values = {atom: in_unit(value, unit) for atom, value in given.items()}
    if not np.isfinite(list(values.values())).all():
        raise ValueError(f"p has the values {values}; expected finite numbers.")
    if ax is None:
        with mpl.rc_context(STYLE):
            ax = plt.figure(figsize=(4.6, 4.6 * diagram.height / diagram.width)).add_subplot()
    ax.set(xlim=(0, diagram.width), ylim=(diagram.height, 0), aspect="equal")
    ax.axis("off")
    largest = max(map(abs, values.values()))
    ink: dict[str, Any] = {"color": FOREGROUND, "ha": "center", "va": "center"}
    for inside, region in diagram.regions.items():
        atom = named[inside]
        value = values[atom]
        negative = value < -NEGLIGIBLE
        strength = 0.5 * abs(value) / largest if largest > NEGLIGIBLE else 0.0
        ax.add_patch(Polygon(region.outline(), facecolor=COLOURS[negative], alpha=strength, lw=0))
        if negative:
            with mpl.rc_context({"hatch.color": COLOURS[1]}):
                ax.add_patch(Polygon(region.outline(), fill=False, hatch=HATCHES[1], lw=0))
        x, y = region.centre
        paper = {"facecolor": BACKGROUND, "edgecolor": "none", "pad": 1.5} if negative else None
        ax.text(x, y - 7, number(value, 2), size=12, weight="bold", bbox=paper, **ink)
        ax.text(x, y + 10, atom, size=7.5, bbox=paper, **ink)
    for name, centre, (x, y) in zip(variables, diagram.centres, diagram.name_places, strict=True):
        ax.add_patch(Circle(centre, diagram.radius, fill=False, edgecolor=FOREGROUND, lw=1.4))
        ax.text(x, y, name, size=13, weight="bold", **ink)
    ax.text(
        diagram.width - 4, diagram.height - 8, f"[{unit}]", size=8, color=FOREGROUND, ha="right", va="center"
    )
    return ax


NEGLIGIBLE = 1e-9
"""Values closer to zero than this are rounding, not sign."""


def number(value: float, digits: int = 3) -> str:
    """A number as the course prints it: a true minus sign, and no minus before zero."""
    return f"{value:z.{digits}f}".replace("-", "−")


def in_unit(nats: float, unit: str) -> float:
    """A value in nats, given in ``unit``."""
    if unit not in ("bits", "nats"):
        raise ValueError(f'unit={unit!r}: expected "bits" or "nats".')
    return float(to_numpy(bits(nats) if unit == "bits" else nats))


def variable_names(names: str | Sequence[str] | None, n: int) -> list[str]:
    """The names of two or three variables, checked."""
    if n not in (2, 3):
        raise ValueError(f"An information diagram shows two or three variables; p has {n}.")
    variables = names.split() if isinstance(names, str) else list(names or "XYZ"[:n])
    if len(set(variables)) != n or any(len(name) > 3 for name in variables):
        raise ValueError(
            f"names={names!r}: expected {n} different names of at most three characters, spaces between, "
            f'such as "{" ".join("XYZ"[:n])}".'
        )
    return variables


def atom_name(inside: list[str], outside: list[str]) -> str:
    """The atom inside some circles and outside the others, as `atoms` names it."""
    given = "|" + ",".join(outside) if outside else ""
    return ("H(" if len(inside) == 1 else "I(") + ";".join(inside) + given + ")"


@dataclass(frozen=True)
class Arc:
    """Part of a circle; y points down, so growing angles run clockwise."""

    centre: NDArray[np.float64]
    radius: float
    start: float
    stop: float

    def points(self, n: int = 2) -> NDArray[np.float64]:
        """``n`` points from one end to the other, shape (n, 2)."""
        angle = np.linspace(self.start, self.stop, n)
        return self.centre + self.radius * np.stack([np.cos(angle), np.sin(angle)], axis=-1)

    def reversed(self) -> Arc:
        """The same arc, walked from its other end."""
        return Arc(self.centre, self.radius, self.stop, self.start)


@dataclass(frozen=True)
class Region:
    """A region of the diagram, bounded by arcs."""

    arcs: tuple[Arc, ...]

    def outline(self) -> NDArray[np.float64]:
        """Points along the boundary, shape (n, 2)."""
        return np.concatenate([arc.points(40) for arc in self.arcs])

    @property
    def centre(self) -> NDArray[np.float64]:
        """Centre of mass, shape (2,)."""
        here = self.outline()
        after = np.roll(here, -1, axis=0)
        cross = here[:, 0] * after[:, 1] - after[:, 0] * here[:, 1]
        return ((here + after) * cross[:, None]).sum(axis=0) / (3 * cross.sum())

    def path(self) -> str:
        """The boundary in the path language of SVG."""
        x, y = self.arcs[0].points()[0]
        steps = [f"M{x:.2f},{y:.2f}"]
        for arc in self.arcs:
            turn = arc.stop - arc.start
            x, y = arc.points()[-1]
            steps.append(
                f"A{arc.radius:g},{arc.radius:g} 0 {abs(turn) > np.pi:d} {turn > 0:d} {x:.2f},{y:.2f}"
            )
        return "".join(steps) + "Z"


@dataclass(frozen=True)
class Circles:
    """Where an information diagram has its circles, names and regions; y points down."""

    width: float
    height: float
    radius: float
    centres: NDArray[np.float64]
    name_places: NDArray[np.float64]
    regions: dict[tuple[int, ...], Region]


@lru_cache
def circles(n: int) -> Circles:
    """The layout of two or three overlapping circles."""
    if n not in (2, 3):
        raise ValueError(f"An information diagram has two or three circles, not {n}.")
    radius, margin = 110.0, 8.0
    spread, directions = (62.0, [180, 0]) if n == 2 else (68.0, [210, 330, 90])
    centres = spread * _unit(directions)
    corner = centres.min(axis=0) - radius - margin
    centres -= corner
    width, height = centres.max(axis=0) + radius + margin
    arcs = [(i, arc) for i in range(n) for arc in _cut(i, centres, radius)]
    regions = {
        inside: Region(_boundary(set(inside), arcs, centres, radius))
        for k in range(1, n + 1)
        for inside in combinations(range(n), k)
    }
    return Circles(
        width, height, radius, centres, centres + (radius + 16) * _unit([225, 315, 45][:n]), regions
    )


def _unit(degrees: list[int]) -> NDArray[np.float64]:
    angle = np.radians(degrees)
    return np.stack([np.cos(angle), np.sin(angle)], axis=-1)


def _cut(i: int, centres: NDArray[np.float64], radius: float) -> list[Arc]:
    """Circle ``i`` cut where the other circles cross it."""
    cuts = []
    for j, centre in enumerate(centres):
        if j != i:
            dx, dy = centre - centres[i]
            half = np.arccos(np.hypot(dx, dy) / (2 * radius))
            cuts += [np.arctan2(dy, dx) - half, np.arctan2(dy, dx) + half]
    cuts = sorted(angle % (2 * np.pi) for angle in cuts)
    return [Arc(centres[i], radius, a, b) for a, b in pairwise([*cuts, cuts[0] + 2 * np.pi])]


def _boundary(
    inside: set[int], arcs: list[tuple[int, Arc]], centres: NDArray[np.float64], radius: float
) -> tuple[Arc, ...]:
    """The arcs around the region that lies in exactly the circles ``inside``, clockwise."""
    own = []
    for i, arc in arcs:
        middle = arc.points(3)[1]
        around = {j for j, c in enumerate(centres) if j != i and np.hypot(*(middle - c)) < radius}
        if around == inside - {i}:
            own.append(arc if i in inside else arc.reversed())
    chain = [own.pop()]
    while own:
        end = chain[-1].points()[-1]
        chain.append(own.pop(int(np.argmin([np.hypot(*(arc.points()[0] - end)) for arc in own]))))
    return tuple(chain)
