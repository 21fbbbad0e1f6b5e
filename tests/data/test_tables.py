"""The photographs and measurements that scikit-learn ships."""

import numpy as np
import pytest

from ibcourse.data import load


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
