"""What the printed pictures of several explorables share."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from ibcourse.plots import BACKGROUND, FOREGROUND, number


def heat_map(ax: Axes, matrix: NDArray[np.float64], rows: Sequence[str], columns: Sequence[str]) -> None:
    """Draw probabilities as shaded cells, with their values where there is room."""
    ax.imshow(matrix, vmin=0, vmax=1, aspect="auto")
    ax.grid(False)
    ax.set_yticks(range(len(rows)), rows, parse_math=False)
    ax.set_xticks(range(len(columns)), columns, parse_math=False)
    if max(matrix.shape) <= 8:
        for (i, j), value in np.ndenumerate(matrix):
            ink = FOREGROUND if value > 0.5 else BACKGROUND
            ax.text(j, i, number(value, 2), ha="center", va="center", size=9, color=ink)
