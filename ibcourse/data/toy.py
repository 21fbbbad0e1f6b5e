"""The toy problem on which Shwartz-Ziv and Tishby drew their information planes."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

FILE = Path(__file__).parent / "files" / "var_u.mat"


class ToyProblem(NamedTuple):
    """All inputs of 12 bits, each with its label.

    Attributes
    ----------
    inputs : array of uint8, shape (4096, 12)
        Every string of 12 bits once.
    labels : array of int64, shape (4096,)
        0 or 1.
    """

    inputs: np.ndarray
    labels: np.ndarray


def szt() -> ToyProblem:
    """Return the toy problem of Shwartz-Ziv and Tishby (2017).

    The label is a function of the input, so that with uniform inputs I(X;Y) = H(Y), which is nearly one bit.

    Examples
    --------
    >>> toy = szt()
    >>> toy.inputs.shape, int(toy.labels.sum())
    ((4096, 12), 2118)
    """
    from scipy.io import loadmat

    content = loadmat(FILE)
    return ToyProblem(np.ascontiguousarray(content["F"]), content["y"][0].astype(np.int64))
