"""Data that ship with scikit-learn: photographs and measurements."""

from typing import NamedTuple

import numpy as np


class Measurements(NamedTuple):
    """Measurements of cell nuclei, and whether the tumour was malignant."""

    values: np.ndarray
    names: tuple[str, ...]
    malignant: np.ndarray


def photograph(name: str) -> np.ndarray:
    """Return a photograph as red, green and blue from 0 to 255.

    Parameters
    ----------
    name : str
        ``"china"``, a pavilion, or ``"flower"``.

    Returns
    -------
    array of uint8, shape (427, 640, 3)
        Rows, columns and colours.

    Examples
    --------
    >>> photograph("china").shape
    (427, 640, 3)
    """
    from sklearn.datasets import load_sample_image

    return np.array(load_sample_image(f"{name}.jpg"))


def breast_cancer() -> Measurements:
    """Return the Wisconsin measurements of 569 tumours.

    Returns
    -------
    Measurements
        ``values`` of shape (569, 30), the ``names`` of its columns, and ``malignant``, shape (569,), of bool.

    Examples
    --------
    >>> panel = breast_cancer()
    >>> panel.names[0], int(panel.malignant.sum())
    ('mean radius', 212)
    """
    from sklearn.datasets import load_breast_cancer

    data = load_breast_cancer()
    return Measurements(data.data, tuple(map(str, data.feature_names)), data.target == 0)
