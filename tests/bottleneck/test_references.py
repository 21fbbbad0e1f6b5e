"""The solver against stored references: the least Lagrangians that closed forms and long searches found."""

import runpy
from pathlib import Path

import numpy as np
import pytest

from ibcourse.bottleneck import ib_curve

BENCHMARK = runpy.run_path(str(Path(__file__).parents[2] / "benchmarks" / "instances.py"))
BETAS, REFERENCES = BENCHMARK["BETAS"], BENCHMARK["load"]()
SMALL = {i.name: i.p_xy for i in BENCHMARK["instances"]() if i.name in REFERENCES and i.p_xy.size <= 200}
SAMPLE = sorted(np.random.default_rng(5).choice(sorted(SMALL), 12, replace=False).tolist())


def test_there_are_enough_instances_and_names_are_unique():
    names = [instance.name for instance in BENCHMARK["instances"]()]
    assert len(set(names)) == len(names)
    assert sum(name.startswith("random") for name in REFERENCES) >= 200
    assert all(values.shape == BETAS.shape and (values <= 0).all() for values in REFERENCES.values())


@pytest.mark.parametrize("name", SAMPLE)
def test_the_reference_is_reached(name):
    curve = ib_curve(SMALL[name], BETAS)
    gap = curve.lagrangian - REFERENCES[name]
    assert gap.max() < 1e-6
    assert (gap <= curve.bound + 1e-9).all()
