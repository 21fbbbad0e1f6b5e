"""The photographs and measurements that scikit-learn ships."""

import sys

import numpy as np
import pytest

from ibcourse.data import DataError, load


@pytest.mark.parametrize("name", ["china", "flower"])
def test_a_photograph(name):
    picture = load(name)
    assert picture.shape == (427, 640, 3)
    assert picture.dtype == np.uint8
    assert picture.std() > 20


def test_measurements():
    panel = load("breast-cancer")
    assert panel.values.shape == (569, len(panel.names)) == (569, 30)
    assert panel.malignant.sum() == 212
    radius = panel.values[:, panel.names.index("mean radius")]
    assert radius[panel.malignant].mean() > 1.3 * radius[~panel.malignant].mean()


@pytest.mark.parametrize("name", ["china", "flower", "breast-cancer", "digits"])
def test_without_scikit_learn_the_error_says_how_to_get_it(monkeypatch, name):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(DataError, match=rf"{name} needs sklearn.*: pip install .*labs"):
        load(name)
