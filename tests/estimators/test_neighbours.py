"""KSG and Kozachenko–Leonenko: brute force, ties, closed forms, invariance, warnings, and peers' defects."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import digamma

from ibcourse.estimators import entropy_knn, ksg
from ibcourse.estimators import neighbours as module


def brute_force(x, y, k, kind):
    """The definition, from all n² distances; of equally far neighbours all are taken."""
    off = ~np.eye(len(x), dtype=bool)
    dx, dy = (np.abs(z[:, None] - z[None]).max(axis=-1) for z in (x, y))
    distance = np.where(off, np.maximum(dx, dy), np.inf)
    radius = np.sort(distance, axis=1)[:, k - 1 : k]
    if kind == 1:
        n_x, n_y = (((z < radius) & off).sum(axis=1) for z in (dx, dy))
        terms = digamma(k) - digamma(n_x + 1) - digamma(n_y + 1)
    else:
        ends = (np.where(distance <= radius, z, 0).max(axis=1, keepdims=True) for z in (dx, dy))
        n_x, n_y = (((z <= end) & off).sum(axis=1) for z, end in zip((dx, dy), ends, strict=True))
        terms = digamma(k) - 1 / k - digamma(n_x) - digamma(n_y)
    return digamma(len(x)) + terms.mean()


def gaussians(d, n, rho, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, d))
    return x, rho * x + math.sqrt(1 - rho**2) * rng.normal(size=(n, d))


def truth(d, rho):
    return -0.5 * d * math.log(1 - rho**2)


@settings(max_examples=60)
@given(
    seed=st.integers(0, 10**6),
    n=st.integers(8, 330),
    d_x=st.integers(1, 4),
    d_y=st.integers(1, 20),
    k=st.integers(1, 6),
    kind=st.sampled_from([1, 2]),
    step=st.sampled_from([None, 0.1, 1 / 3, 1.0]),
)
def test_ksg_is_its_definition_with_and_without_ties(seed, n, d_x, d_y, k, kind, step):
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(n, d_x)), rng.normal(size=(n, d_y))
    y[:, 0] += x[:, 0]
    if step:  # multiples of 0.1 and 1/3 make ties that differ by rounding
        x, y = np.round(x / step) * step, np.round(y / step) * step
    assert ksg(x, y, k, kind=kind).value == pytest.approx(brute_force(x, y, k, kind), abs=1e-11)


def test_more_points_than_16_bits_can_number(monkeypatch):
    x, y = gaussians(2, 300, 0.5)
    monkeypatch.setattr(np, "uint16", np.uint32)
    assert ksg(x, y).value == pytest.approx(brute_force(x, y, 3, 1), abs=1e-11)


@pytest.mark.parametrize("tree", [0, 100])
def test_tree_and_blocks_find_the_same_neighbours(monkeypatch, tree):
    x, _ = gaussians(6, 700, 0.0)
    monkeypatch.setattr(module, "TREE", tree)
    distance = np.abs(x[:, None] - x[None]).max(axis=-1)
    assert np.array_equal(module._kth_distances(x, 4), np.sort(distance, axis=1)[:, 4])


def test_the_neighbour_itself_is_not_counted():
    """Interval ends x ± ε round onto the k-th neighbour; with them the value was too low by 0.026."""
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=(1000, 1)) + 1e3, rng.normal(size=(1000, 1)) + 1e3
    radius = module._kth_distances(np.hstack([x, y]), 3)
    naive = ((x - radius[:, None] <= x.T) & (x + radius[:, None] >= x.T)).sum(axis=1) - 1
    strict = (np.abs(x.T - x) < radius[:, None]).sum(axis=1) - 1
    assert (naive > strict).mean() > 0.1
    assert np.array_equal(module._counts(x, radius), strict)


@pytest.mark.parametrize("kind", [1, 2])
@pytest.mark.parametrize("rho", [0.0, 0.6, 0.9])
def test_gaussians_on_average(kind, rho):
    estimates = [ksg(*gaussians(1, 600, rho, seed), kind=kind) for seed in range(30)]
    values = np.array([estimate.value for estimate in estimates])
    spread = values.std(ddof=1)
    assert abs(values.mean() - truth(1, rho)) < 0.015 + 3 * spread / math.sqrt(30)
    assert 0.6 * spread < np.mean([estimate.error for estimate in estimates]) < 2 * spread


def test_dimensions_may_differ_and_a_useless_coordinate_costs_little():
    x, y = gaussians(1, 2000, 0.8)
    z = np.hstack([y, 0.1 * np.random.default_rng(1).normal(size=(2000, 1))])
    assert abs(ksg(x, z).value - truth(1, 0.8)) < 0.1


def test_symmetric_and_free_of_shift_and_order():
    x, y = gaussians(3, 400, 0.7)
    value = ksg(x, y).value
    order = np.random.default_rng(0).permutation(400)
    assert ksg(y, x).value == pytest.approx(value, abs=1e-12)
    assert ksg(x[order], y[order]).value == pytest.approx(value, abs=1e-12)
    assert ksg(x * 2 + 8, y * 2).value == pytest.approx(value, abs=1e-9)


def test_nothing_is_added_and_nothing_changed():
    x, y = gaussians(2, 200, 0.5)
    before = x.copy(), y.copy()
    assert ksg(x, y) == ksg(x, y)  # peers add noise from a global generator
    assert np.array_equal(before, (x, y))
    assert ksg(torch.tensor(x), torch.tensor(y)) == ksg(x, y)
    assert ksg(x[:, 0], y).value == ksg(x[:, :1], y).value


def test_monotone_maps_change_little():
    x, y = gaussians(1, 3000, 0.75)
    assert abs(ksg(np.arcsinh(x), y**3 / 3 + y).value - truth(1, 0.75)) < 0.08


# d, the value that the audit of the sources found at n = 1000, k = 3, ρ = 0.9, and the truth
@pytest.mark.parametrize(("d", "known"), [(1, 0.85), (5, 2.66), (20, 2.59)])
@pytest.mark.source("E1.21")
def test_collapse_with_dimension_is_warned_about(d, known):
    estimate = ksg(*gaussians(d, 1000, 0.9, seed=d))
    assert abs(estimate.value - known) < 0.12
    assert bool(estimate.warning) == (d > 1)
    assert (estimate.value < truth(d, 0.9) - 1) == (d > 1)


def test_warnings():
    rng = np.random.default_rng(0)
    x, y = gaussians(1, 500, 0.5)
    assert ksg(x, y).warning == ""
    assert "near the largest value" in ksg(x, x).warning  # I(X;X) is infinite and grows as ln n
    assert ksg(x, x).value == pytest.approx(digamma(500) - digamma(3))
    assert "repeat others" in ksg(x, np.round(y)).warning
    assert "coincide" in ksg(np.round(x), np.round(y)).warning
    assert "standard deviations of x" in ksg(x / 1000, y).warning
    negative = min((ksg(*rng.normal(size=(2, 200))) for _ in range(20)), key=float)
    assert negative.value < 0
    assert "negative by chance" in negative.warning


@pytest.mark.parametrize(
    ("d", "rho", "n", "warned"),
    [(2, 0.999, 2000, True), (2, 0.99, 500, True), (1, 0.999, 2000, False), (2, 0.9, 2000, False)],
)
def test_a_dependence_too_strong_for_the_sample_is_warned_about(d, rho, n, warned):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(n, d))
    y = rho * x + math.sqrt(1 - rho**2) * rng.normal(size=(n, d))
    for scale in (1, 1e-300, 1e300):
        estimate = ksg(scale * x + scale, scale * y)
        assert ("so strong a dependence" in estimate.warning) == warned
        assert (estimate.value < -d / 2 * math.log(1 - rho**2) - 0.5) == warned


def test_entropy():
    rng = np.random.default_rng(0)
    sample = rng.normal(size=(4000, 2)) @ np.array([[1, 0.5], [0, 2]])
    estimate = entropy_knn(sample)
    assert abs(estimate.value - (math.log(2 * math.pi * math.e) + math.log(2))) < 4 * estimate.error
    assert entropy_knn(3 * sample).value == pytest.approx(estimate.value + 2 * math.log(3))
    assert entropy_knn(np.zeros(9)).value == -math.inf
    assert "coincide" in entropy_knn(np.zeros(9)).warning


@pytest.mark.parametrize(
    ("x", "y", "arguments", "words"),
    [
        (np.zeros(5), np.zeros(4), {}, "x and y have 5 and 4 samples"),
        (np.zeros(3), np.zeros(3), {}, "expected more than k = 3"),
        (np.zeros((3, 2, 2)), np.zeros(3), {}, r"x has shape \(3, 2, 2\)"),
        ([0.0, math.nan, 1.0, 2.0], np.zeros(4), {}, r"x\[1\] is nan"),
        (np.zeros(5), np.zeros(5), {"kind": 3}, "expected 1 or 2"),
        (np.zeros(5), np.zeros(5), {"k": 0}, "k is 0"),
        (np.zeros(5), np.zeros(5), {"k": True}, "k is True"),
        (np.zeros(5), np.zeros(5), {"k": 2.0, "kind": 2}, "k is 2.0"),
        (["a"], [1], {}, "real numbers"),
    ],
)
def test_bad_input(x, y, arguments, words):
    with pytest.raises(ValueError, match=words):
        ksg(x, y, **arguments)
