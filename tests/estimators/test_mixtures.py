"""The mixture by Monte Carlo: quadrature, limits, the chain rule, torch; and the bounds by pairs."""

import math

import numpy as np
import pytest
import scipy.stats
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from ibcourse.estimators import kde_bounds, mixture, mixture_bounds
from ibcourse.estimators import mixtures as module
from ibcourse.information import entropy

GRID = np.linspace(-30, 30, 20_001)


def density(means, scales):
    return scipy.stats.norm.pdf(GRID[:, None], means, scales).mean(axis=1)


def integral_entropy(p):
    return np.trapezoid(-p * np.log(np.where(p > 0, p, 1)), GRID)


def within(estimate, truth, errors=5.0, floor=1e-5):  # what rare draws decide
    return abs(estimate.value - truth) < errors * estimate.error + floor


MEANS = np.array([[-3.0], [0.0], [0.5], [4.0], [4.2]])
LABELS = np.array([7, 7, 0, 0, 7])
SCALES = [1.0, np.array([0.3]), np.array([[0.2], [1.0], [2.0], [0.5], [0.7]])]


@pytest.mark.parametrize("scales", SCALES, ids=["number", "(K,)", "(N, K)"])
def test_all_values_by_quadrature(scales):
    found = mixture(MEANS, scales, LABELS, samples=20_000)
    s = np.broadcast_to(scales, MEANS.shape)[:, 0]
    h_z = integral_entropy(density(MEANS[:, 0], s))
    h_z_given_x = np.mean(0.5 * np.log(2 * math.pi * math.e * s**2))
    shares = {y: np.mean(y == LABELS) for y in (0, 7)}
    h_z_given_y = sum(
        share * integral_entropy(density(MEANS[y == LABELS, 0], s[y == LABELS]))
        for y, share in shares.items()
    )
    h_y = entropy(list(shares.values()))
    assert found.h_z_given_x.value == pytest.approx(h_z_given_x)
    assert within(found.h_z, h_z)
    assert within(found.i_xz, h_z - h_z_given_x)
    assert within(found.h_z_given_y, h_z_given_y)
    assert within(found.i_yz, h_z - h_z_given_y)
    assert within(found.i_xz_given_y, h_z_given_y - h_z_given_x)
    assert within(found.h_y_given_z, h_y - (h_z - h_z_given_y))
    assert 0 < found.i_xz.error < 0.01
    lower, upper = mixture_bounds(MEANS, scales)
    assert lower < h_z < upper


def test_the_error_is_the_spread_over_seeds():
    """Strata, with several draws a point, lower it; it must know that."""
    for n, samples in ((4, 400), (300, 60)):
        means = np.random.default_rng(n).normal(size=(n, 2)) * 2
        runs = [mixture(means, 1, samples=samples, seed=seed).i_xz for seed in range(60)]
        spread = np.std([run.value for run in runs], ddof=1)
        assert 0.75 * spread < np.mean([run.error for run in runs]) < 1.4 * spread


def instance(seed):
    rng = np.random.default_rng(seed)
    n, k = rng.integers(1, 12), rng.integers(1, 6)
    means = rng.normal(size=(n, k)) * 10 ** rng.uniform(-2, 2)
    scales = [10 ** rng.uniform(-2, 2), 10 ** rng.uniform(-1, 1, k), 10 ** rng.uniform(-1, 1, (n, k))]
    return means, scales[rng.integers(3)], rng.integers(0, 3, n)


@settings(max_examples=60)
@given(st.integers(0, 10**6).map(instance))
def test_laws(case):
    means, scales, labels = case
    found = mixture(means, scales, labels, samples=300)
    n = len(means)
    h_y = entropy(np.unique(labels, return_counts=True)[1] / n)
    assert -5 * found.i_xz.error - 1e-9 <= found.i_xz.value <= math.log(n) + 1e-12
    assert found.i_yz.value <= h_y + 1e-12
    assert found.h_y_given_z.value >= 0
    assert found.i_xz_given_y.value <= math.log(n) - h_y + 1e-12
    assert found.i_xz.value == pytest.approx(found.i_yz.value + found.i_xz_given_y.value, abs=1e-12)
    assert found.h_z.value == pytest.approx(found.h_z_given_x.value + found.i_xz.value)
    lower, upper = mixture_bounds(means, scales)
    below, above = found.h_z_given_x.value - 1e-6, found.h_z_given_x.value + math.log(n) + 1e-6
    assert below <= lower <= found.h_z.value + 5 * found.h_z.error + 1e-6
    assert found.h_z.value - 5 * found.h_z.error - 1e-6 <= upper <= above


@settings(max_examples=20)
@given(st.integers(0, 10**6).map(instance), st.floats(0.01, 100))
def test_a_change_of_units_shifts_entropies_and_keeps_information(case, unit):
    means, scales, labels = case
    one, other = mixture(means, scales, labels), mixture(means * unit, scales * unit, labels)
    assert other.i_xz.value == pytest.approx(one.i_xz.value, abs=1e-5)
    assert other.h_z.value == pytest.approx(one.h_z.value + means.shape[1] * math.log(unit), abs=1e-5)


@pytest.mark.parametrize("shape", [(), (3,), (8, 3)])
def test_far_and_coinciding_means(shape):
    scales = np.full(shape, 0.5)
    corners = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)])
    for distance in (1e3, 1e9, 1e150):
        found = mixture(corners * distance, scales, corners[:, 0])
        assert found.i_xz.value == pytest.approx(math.log(8), abs=1e-12)
        assert found.i_yz.value == pytest.approx(math.log(2), abs=1e-12)
        assert found.h_y_given_z.value == 0
        assert "ceiling" in found.i_xz.warning
        assert mixture_bounds(corners * distance, scales) == pytest.approx((found.h_z.value,) * 2)
    found = mixture(np.full((8, 3), 1e9), scales, corners[:, 0])
    assert [found.i_xz.value, found.i_yz.value, found.i_xz_given_y.value] == pytest.approx(
        [0, 0, 0], abs=1e-12
    )
    assert found.i_xz.warning == ""


@pytest.mark.parametrize("scales", [1.0, np.linspace(0.9, 1.1, 4)[:, None]], ids=["shared", "own"])
def test_far_pairs_of_near_points_lose_no_digits(scales):
    """Squares of 1e9 have lost the difference 1; such codes are subtracted first."""
    offsets = np.array([[0.0], [1.0], [1e9], [1e9 + 1]])
    each = np.broadcast_to(scales, (4, 1))
    near = [mixture(offsets[:2], each[pair], samples=20_000).i_xz.value for pair in ([0, 1], [2, 3])]
    far = mixture(offsets, scales, samples=20_000).i_xz
    assert abs(far.value - np.mean(near) - math.log(2)) < 5 * far.error


def test_codes_of_the_same_seed_do_not_meet_their_own_noise():
    means = np.random.default_rng(0).normal(size=(2000, 10))
    own, other = mixture(means, 1.0, seed=0, samples=2000), mixture(means, 1.0, seed=5, samples=2000)
    assert abs(own.h_z.value - other.h_z.value) < 5 * math.hypot(own.h_z.error, other.h_z.error)


def test_products_of_matrices_and_differences_agree(monkeypatch):
    rng = np.random.default_rng(0)
    means, own = rng.normal(size=(50, 4)) * 2, rng.uniform(0.5, 2, size=(50, 4))
    for scales in (1.3, own):
        fast, bounds = mixture(means, scales, samples=80), mixture_bounds(means, scales)
        with monkeypatch.context() as patch:
            patch.setattr(module, "ROUNDING", 0.0)
            patch.setattr(module, "CELLS", 100)  # and many blocks
            assert mixture(means, scales, samples=80).i_xz.value == pytest.approx(fast.i_xz.value, abs=1e-12)
            assert mixture_bounds(means, scales) == pytest.approx(bounds, abs=1e-12)


def test_bounds_are_their_sums():
    rng = np.random.default_rng(0)
    means, scales = rng.normal(size=(6, 2)), rng.uniform(0.5, 2, size=(6, 2))
    kl, chernoff = np.empty((6, 6)), np.empty((6, 6))
    for i, j in np.ndindex(6, 6):
        v, w, d = scales[i] ** 2, scales[j] ** 2, means[i] - means[j]
        kl[i, j] = 0.5 * np.sum((v + d**2) / w - 1 + np.log(w / v))
        chernoff[i, j] = np.sum(d**2 / (4 * (v + w)) + 0.5 * np.log((v + w) / (2 * np.sqrt(v * w))))
    base = np.mean(np.sum(np.log(scales), axis=1)) + math.log(2 * math.pi * math.e)
    expected = [base - np.mean(np.log(np.mean(np.exp(-d), axis=1))) for d in (chernoff, kl)]
    assert mixture_bounds(means, scales) == pytest.approx(expected)


def test_kernels_make_up_the_information():
    z = np.tanh(np.linspace(-2, 2, 200))[:, None]
    truth = mixture(z, 0.1, samples=20_000).i_xz
    lower, upper = kde_bounds(z, 0.1)
    assert lower.value < truth.value < upper.value
    assert kde_bounds(z, 1e-5)[0].value == pytest.approx(math.log(200), abs=1e-6)  # the analyst's choice
    assert "ceiling" in kde_bounds(z, 1e-5)[0].warning
    assert lower.warning == ""


def test_torch_gives_the_same():
    rng = np.random.default_rng(0)
    means, scales, labels = rng.normal(size=(30, 3)), rng.uniform(1, 2, (30, 3)), rng.integers(0, 3, 30)
    expected = mixture(means, scales, labels)
    tensors = torch.tensor(means, requires_grad=True), torch.tensor(scales), torch.tensor(labels)
    found = mixture(*tensors)
    for name in ("h_z", "i_xz", "i_yz", "h_z_given_y", "i_xz_given_y", "h_y_given_z"):
        one, other = getattr(expected, name), getattr(found, name)
        assert (one.value, one.error) == pytest.approx((other.value, other.error), abs=1e-12)
    assert mixture_bounds(*tensors[:2]) == pytest.approx(mixture_bounds(means, scales))
    single = mixture(torch.tensor(means, dtype=torch.float32), torch.tensor(scales, dtype=torch.float32))
    assert single.i_xz.value == pytest.approx(expected.i_xz.value, abs=1e-5)


def test_without_labels_nothing_is_said_of_them():
    found = mixture([[0.0], [1.0]], 1)
    assert math.isnan(found.i_yz.value)
    assert found.i_yz.warning == "No labels were given."


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (([0.0, 1.0], 1), "a row a point"),
        (([[0.0], [math.inf]], 1), r"means\[1, 0\] is inf"),
        (([[0.0], [1.0]], 0), "expected a positive standard deviation"),
        (([[0.0], [1.0]], [1.0, 2.0]), r"scales has shape \(2,\)"),
        (([[0.0], [1.0]], 1, [0]), r"labels has shape \(1,\)"),
        (([[0.0], [1.0]], 1, [0.5, 1]), "type float64"),
        (([[0.0], [1.0]], 1, torch.ones(2, dtype=torch.bfloat16)), "type torch.bfloat16"),
    ],
)
def test_bad_input(arguments, words):
    with pytest.raises(ValueError, match=words):
        mixture(*arguments)
    with pytest.raises(ValueError, match="at least 2"):
        mixture([[0.0], [1.0]], 1, samples=1)
    with pytest.raises(ValueError, match="seed is -1; expected a whole number"):
        mixture([[0.0], [1.0]], 1, seed=-1)
    for noise in ([0.1], "0.1", 0, math.inf):
        with pytest.raises(ValueError, match=r"noise is .*expected a positive number"):
            kde_bounds([[0.0], [1.0]], noise)
