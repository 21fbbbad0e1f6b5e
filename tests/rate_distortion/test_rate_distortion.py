"""Rate–distortion and capacity: closed forms, certificates, other solvers, laws, torch and messages."""

import math
from itertools import pairwise

import numpy as np
import pytest
import scipy.optimize
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ibcourse import rate_distortion
from ibcourse.information import entropy, kl_divergence, mutual_information
from ibcourse.rate_distortion import capacity, dual_bound, hamming, rd_curve, rd_step, squared_error

LN2 = math.log(2)
TOL = 1e-9


def binary_entropy(p):
    return entropy(np.stack([p, 1 - np.asarray(p)], axis=-1))


def random_source(n, m, seed):
    rng = np.random.default_rng(seed)
    return rng.dirichlet(np.ones(n)), rng.random((n, m))


def cost(p_x, distortion, channel):
    """The mean distortion, with 0 · ∞ = 0."""
    finite = np.where(np.isinf(distortion), 0.0, distortion)
    assert not np.any(channel[..., np.isinf(distortion) & (p_x > 0)[:, None]])
    return np.sum(p_x[:, None] * channel * finite, axis=(-2, -1))


def check_certificate(p_x, distortion, curve, tol=TOL):
    """Recompute both bounds from the channel and from the dual vector alone."""
    p_x, distortion = np.asarray(p_x), np.asarray(distortion)
    assert np.all(curve.channel >= 0)
    np.testing.assert_allclose(np.sum(curve.channel, axis=-1), 1.0, atol=1e-12)
    at = cost(p_x, distortion, curve.channel)
    scale = np.max(np.abs(distortion[np.isfinite(distortion)]), initial=1.0)
    np.testing.assert_allclose(curve.distortion, at, rtol=1e-12, atol=1e-15 * scale)
    rate = mutual_information(p_x[:, None] * curve.channel)
    np.testing.assert_allclose(curve.rate, rate, rtol=1e-12, atol=1e-15)
    rounding = 1e-13 * (1 + curve.slope * scale)  # of exp(y − s d) and of s D
    with np.errstate(invalid="ignore"):  # 0 · ∞ at s = 0, where a forbidden letter stays forbidden
        exponent = curve.dual[..., :, None] - curve.slope[..., None, None] * distortion
    exponent = np.where(np.isinf(distortion), -math.inf, exponent)
    feasible = np.sum(p_x[:, None] * np.exp(exponent), axis=-2)
    assert np.all(feasible <= 1 + rounding[..., None])
    lower = curve.dual @ p_x - curve.slope * at
    assert np.all(np.abs(lower - curve.lower) <= rounding)
    assert np.all(curve.gap >= -1e-14)
    assert np.all(curve.gap <= tol)
    assert np.all(curve.converged)


# ------------------------------------------------------------------------------------------ closed forms


@pytest.mark.source("S3.2.1a", "S3.2.1b", "E3.1")
def test_fair_coin():
    slope = np.array([1.0, 2.0, 4.0])
    curve = rd_curve([0.5, 0.5], hamming(2), slope)
    np.testing.assert_allclose(curve.distortion, [0.2689414214, 0.1192029220, 0.0179862100], atol=6e-11)
    np.testing.assert_allclose(curve.rate, [0.1109440717, 0.3278133255, 0.6030524128], atol=6e-11)
    np.testing.assert_allclose(curve.rate, LN2 - binary_entropy(curve.distortion), atol=1e-15)


@pytest.mark.parametrize("p", [0.5, 0.3, 0.01])
def test_bernoulli(p):
    critical = math.log((1 - p) / p)
    away = np.concatenate([np.linspace(0, 0.99 * critical, 10), critical + np.linspace(0.05, 30, 50)])
    curve = rd_curve([p, 1 - p], hamming(2), away)
    check_certificate([p, 1 - p], hamming(2), curve)
    expected = np.where(away < critical, p, 1 / (1 + np.exp(away)))
    np.testing.assert_allclose(curve.distortion, expected, atol=1e-8)
    np.testing.assert_allclose(curve.rate, binary_entropy(p) - binary_entropy(expected), atol=1e-7)
    assert np.all(curve.rate[away < critical] == 0)


def test_bernoulli_near_the_largest_distortion():
    critical = math.log(7 / 3)
    offset = np.logspace(-13, -0.5, 40)
    slope = critical + np.concatenate([-offset, [0.0], offset])
    curve = rd_curve([0.3, 0.7], hamming(2), slope)
    check_certificate([0.3, 0.7], hamming(2), curve)
    expected = np.where(slope < critical, 0.3, 1 / (1 + np.exp(slope)))
    np.testing.assert_allclose(curve.distortion, expected, atol=1e-7)
    assert np.all(np.abs(curve.rate - (binary_entropy(0.3) - binary_entropy(curve.distortion))) < 1e-12)
    # Plain iteration is far from that after as many steps as the slowest of these points took, and more.
    q = np.array([0.5, 0.5])
    for _ in range(100 * int(np.max(curve.iterations))):
        q = np.array([0.3, 0.7]) @ rd_step([0.3, 0.7], hamming(2), critical, q)
    assert q[0] > 1e-4
    assert np.max(curve.iterations) < 20


@pytest.mark.parametrize("n", [2, 3, 10, 40])
def test_uniform_source_with_hamming_distortion(n):
    slope = np.linspace(0.1, 40, 51)
    curve = rd_curve(np.full(n, 1 / n), hamming(n), slope)
    check_certificate(np.full(n, 1 / n), hamming(n), curve)
    expected = (n - 1) / (n - 1 + np.exp(slope))
    np.testing.assert_allclose(curve.distortion, expected, atol=1e-12)
    rate = math.log(n) - binary_entropy(expected) - expected * math.log(n - 1)
    np.testing.assert_allclose(curve.rate, rate, atol=1e-12)


def test_gaussian_source_on_a_fine_grid():
    x = np.linspace(-6, 6, 121)
    p = np.exp(-(x**2) / 2)
    p /= p.sum()
    slope = np.logspace(math.log10(0.6), math.log10(20), 12)
    curve = rd_curve(p, squared_error(x, x), slope)
    check_certificate(p, squared_error(x, x), curve)
    variance = p @ x**2
    np.testing.assert_allclose(curve.distortion, 1 / (2 * slope), rtol=1e-3)
    np.testing.assert_allclose(curve.rate, 0.5 * np.log(variance / curve.distortion), atol=1e-5)
    below = rd_curve(p, squared_error(x, x), [0, 0.25, 0.49])  # 1/(2σ²) is the slope at D_max = σ²
    np.testing.assert_allclose(below.distortion, variance, rtol=1e-12)
    assert np.all(below.rate == 0)


def test_erasures_forbid_letters():
    # d = 1 for an erasure and ∞ for a wrong letter: R(D) = (1 − D) ln 2, one segment of slope ln 2.
    distortion = [[0, math.inf, 1], [math.inf, 0, 1]]
    slope = [0, 0.1, 0.69, 0.7, 3, 1e6]
    curve = rd_curve([0.5, 0.5], distortion, slope)
    np.testing.assert_allclose(curve.distortion, [1, 1, 1, 0, 0, 0], atol=1e-12)
    np.testing.assert_allclose(curve.rate, [0, 0, 0, LN2, LN2, LN2], atol=1e-12)
    on_segment = rd_curve([0.5, 0.5], distortion, LN2)
    assert on_segment.rate + LN2 * on_segment.distortion == pytest.approx(LN2, abs=TOL)
    nothing_else = rd_curve([0.3, 0.7], [[0, math.inf], [math.inf, 0]], [0, 1])
    np.testing.assert_allclose(nothing_else.rate, binary_entropy(0.3), atol=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_both_ends(seed):
    p, d = random_source(5, 7, seed)
    curve = rd_curve(p, d, [0, 1e5])
    assert curve.rate[0] == 0
    assert curve.distortion[0] == pytest.approx(np.min(p @ d), rel=1e-14)
    assert curve.distortion[1] == pytest.approx(p @ d.min(axis=1), rel=1e-12)
    nearest = np.eye(7)[d.argmin(axis=1)]  # each symbol has one nearest letter
    assert curve.rate[1] == pytest.approx(mutual_information(p[:, None] * nearest), abs=TOL)


@pytest.mark.source("S3.2.1d", "E3.2", "S0.M1.7")
@pytest.mark.parametrize("beta", [1.2, 2.0, 5.0])
def test_bottleneck_is_rate_distortion_over_all_distributions(beta):
    # Letters are distributions on Y, with d(x, q) = KL(p(y|x) ‖ q): a fixed distortion, no encoder in it.
    flip = 0.1
    p_y_given_x = np.array([[1 - flip, flip], [flip, 1 - flip]])
    t = np.linspace(flip, 1 - flip, 2001)
    letters = np.stack([t, 1 - t], axis=-1)
    d = kl_divergence(p_y_given_x[:, None, :], letters)
    curve = rd_curve([0.5, 0.5], d, beta)
    information = LN2 - binary_entropy(flip)

    def bottleneck(a):  # T is X through a binary symmetric channel that flips with probability a
        return LN2 - binary_entropy(a) - beta * (LN2 - binary_entropy(a * (1 - flip) + (1 - a) * flip))

    best = scipy.optimize.minimize_scalar(bottleneck, bounds=(0, 0.5), options={"xatol": 1e-12}).fun
    assert curve.rate + beta * (curve.distortion - information) == pytest.approx(best, abs=1e-6)
    # Its distortion is what the letters lose: I(X;Y) − I(T;Y), as each letter is the decoder p(y|t).
    joint = (curve.channel / 2).T @ p_y_given_x
    assert curve.distortion == pytest.approx(information - mutual_information(joint), abs=1e-6)


# ---------------------------------------------------------------------------------- against other solvers


@pytest.mark.parametrize("seed", range(6))
def test_against_a_general_optimiser(seed):
    p, d = random_source(3, 4, seed)
    slope = 2.0 + 3 * seed

    def lagrangian(cells):  # over the channel itself, with its gradient
        channel = cells.reshape(d.shape)
        q = p @ channel
        cost = np.log(channel / q) + slope * d
        return np.sum(p[:, None] * channel * cost), (p[:, None] * cost).ravel()

    found = scipy.optimize.minimize(
        lagrangian,
        np.full(d.size, 1 / 4),
        jac=True,
        method="SLSQP",
        bounds=[(1e-12, 1)] * d.size,
        constraints={"type": "eq", "fun": lambda cells: cells.reshape(d.shape).sum(axis=1) - 1},
        options={"ftol": 1e-13, "maxiter": 1000},
    ).fun
    curve = rd_curve(p, d, slope)
    assert curve.rate + slope * curve.distortion <= found + 1e-9  # its rows sum to one only nearly
    assert curve.lower + slope * curve.distortion == pytest.approx(found, abs=1e-6)


def test_against_brute_force():
    # All binary channels on a fine grid: none of the same distortion or less has a lower rate.
    p, d = np.array([0.35, 0.65]), np.array([[0.1, 1.3], [0.9, 0.0]])
    a = np.linspace(0, 1, 401)
    channels = np.stack(np.broadcast_arrays(1 - a[:, None], a[:, None], a, 1 - a), axis=-1).reshape(-1, 2, 2)
    rate, at = mutual_information(p[:, None] * channels), cost(p, d, channels)
    for slope in [0.5, 1.5, 3.0, 8.0]:
        curve = rd_curve(p, d, slope)
        values = rate + slope * at
        assert curve.lower + slope * curve.distortion <= values.min() + 1e-14
        assert curve.rate + slope * curve.distortion == pytest.approx(values.min(), abs=1e-3)  # of the grid


@pytest.mark.parametrize(("n", "m"), [(4, 4), (3, 9), (9, 3)])
def test_against_plain_iteration(n, m):
    p, d = random_source(n, m, n)
    q = np.full(m, 1 / m)
    values = []
    for _ in range(3000):
        channel = rd_step(p, d, 4.0, q)
        q = p @ channel
        values.append(mutual_information(p[:, None] * channel) + 4.0 * cost(p, d, channel))
    assert np.all(np.diff(values) <= 1e-14)
    curve = rd_curve(p, d, 4.0)
    assert curve.rate + 4.0 * curve.distortion == pytest.approx(values[-1], abs=1e-6)
    assert curve.lower + 4.0 * curve.distortion <= values[-1] + 1e-14


def test_large_alphabets():
    rng = np.random.default_rng(0)
    p, x, letters = rng.dirichlet(np.ones(80)), rng.normal(size=(80, 3)), rng.normal(size=(50, 3))
    d = squared_error(x, letters)
    check_certificate(p, d, rd_curve(p, d, np.logspace(-1, 3, 15)))
    check_certificate(
        p[:4] / p[:4].sum(), d[:4], rd_curve(p[:4] / p[:4].sum(), d[:4], np.logspace(-1, 3, 15))
    )


# -------------------------------------------------------------------------------------------------- laws

PROBABILITIES = st.integers(1, 5).flatmap(
    lambda n: arrays(np.float64, n, elements=st.sampled_from([0.0, 1e-12, 1.0]) | st.floats(1e-6, 1.0))
)
SOURCES = PROBABILITIES.filter(np.any).map(lambda w: w / w.sum())
PROBLEMS = SOURCES.flatmap(
    lambda p: st.tuples(
        st.just(p),
        st.integers(1, 6).flatmap(
            lambda m: arrays(
                np.float64,
                (len(p), m),
                # Whole numbers make ties, equal letters and straight pieces of the curve.
                elements=st.sampled_from([0.0, 1.0, 2.0, math.inf]) | st.floats(-1, 5),
            )
        ),
    )
).filter(lambda t: bool(np.all(np.isfinite(t[1]).any(axis=1))))
SLOPES = arrays(np.float64, 4, elements=st.sampled_from([0.0, 1.0, LN2, 1e3]) | st.floats(0, 50))


@given(PROBLEMS, SLOPES)
def test_every_point_is_certified(problem, slopes):
    check_certificate(*problem, rd_curve(*problem, slopes))


@given(PROBLEMS, st.floats(0.01, 20), st.integers(0, 2**32 - 1))
@settings(max_examples=40)
def test_no_channel_and_no_vector_passes_the_bounds(problem, slope, seed):
    p, d = problem
    rng = np.random.default_rng(seed)
    curve = rd_curve(p, d, slope)
    channel = rng.dirichlet(np.ones(d.shape[1]), size=len(p)) * np.isfinite(d)
    channel /= channel.sum(axis=1, keepdims=True)
    value = mutual_information(p[:, None] * channel) + slope * cost(p, d, channel)
    assert value >= curve.lower + slope * curve.distortion - 1e-12
    for dual in (curve.dual, curve.dual + rng.normal(size=len(p))):
        assert dual_bound(p, d, slope, dual) <= curve.rate + slope * curve.distortion + 1e-12
    found = dual_bound(p, d, slope, curve.dual)
    assert found == pytest.approx(curve.lower + slope * curve.distortion, abs=1e-12)


@given(PROBLEMS, st.floats(0.01, 20), st.randoms(use_true_random=False))
@settings(max_examples=40)
def test_relabelling_duplicates_and_units(problem, slope, random):
    p, d = problem
    value = rd_curve(p, d, slope)
    value = value.rate + slope * value.distortion

    def same(other_p, other_d, other_slope, shift=0.0):
        other = rd_curve(other_p, other_d, other_slope)
        assert other.rate + other_slope * other.distortion == pytest.approx(value + shift, abs=2 * TOL)

    rows, columns = random.sample(range(len(p)), len(p)), random.sample(range(d.shape[1]), d.shape[1])
    same(p[rows], d[np.ix_(rows, columns)], slope)
    same(p, np.concatenate([d, d[:, :1]], axis=1), slope)
    same(np.concatenate([p / 2, p / 2]), np.concatenate([d, d]), slope)
    same(np.append(p, 0.0), np.concatenate([d, np.full((1, d.shape[1]), math.inf)]), slope)
    same(p, 1000 * d, slope / 1000)
    same(p, d + 3.0, slope, shift=3.0 * slope)


@given(PROBLEMS)
@settings(max_examples=40)
def test_curve_is_convex_and_falls(problem):
    curve = rd_curve(*problem, np.linspace(0.1, 10, 12))
    for steeper, point in pairwise(range(11, -1, -1)):
        assert curve.distortion[steeper] <= curve.distortion[point] + 1e-4
        assert curve.rate[steeper] >= curve.rate[point] - 1e-3
    # Every tangent lies below every point.
    tangents = curve.lower + curve.slope * (curve.distortion - curve.distortion[:, None])
    assert np.all(tangents <= curve.rate[:, None] + 1e-12)


def test_slopes_in_any_order_and_shape():
    p, d = random_source(4, 5, 1)
    slope = np.array([[3.0, 0.0, 30.0], [1.0, 3.0, 2.0]])
    curve = rd_curve(p, d, slope)
    assert curve.channel.shape == (2, 3, 4, 5)
    assert curve.dual.shape == (2, 3, 4)
    for i in np.ndindex(2, 3):
        one = rd_curve(p, d, slope[i])
        assert one.rate.shape == ()
        assert curve.slope[i] == one.slope
        for name in ("rate", "distortion", "lower"):
            assert getattr(curve, name)[i] == pytest.approx(getattr(one, name), abs=1e-12)
        np.testing.assert_allclose(curve.channel[i], one.channel, atol=1e-9)


def test_unused_letters_have_columns_of_zeros():
    p = np.array([0.2, 0.3, 0.5])
    useless = np.full((3, 1), 0.9)
    curve = rd_curve(p, np.concatenate([hamming(3), useless], axis=1), [0.3, 2.0, 5.0])
    assert np.all(curve.channel[..., 3] == 0)
    np.testing.assert_array_equal(np.count_nonzero(p @ curve.channel, axis=-1), [1, 3, 3])


def test_pieces_give_the_same_points(monkeypatch):
    p, d = random_source(4, 5, 2)
    slope = np.linspace(0, 20, 11)
    whole = rd_curve(p, d, slope)
    monkeypatch.setattr(rate_distortion, "CELLS", 45)  # two slopes at a time
    pieces = rd_curve(p, d, slope)
    np.testing.assert_allclose(pieces.channel, whole.channel, atol=1e-9)
    np.testing.assert_array_equal(pieces.iterations, whole.iterations)


def test_bounds_hold_without_convergence():
    p, d = random_source(30, 40, 3)
    exact = rd_curve(p, d, 20.0)
    for steps in range(4):
        curve = rd_curve(p, d, 20.0, max_iterations=steps)
        assert curve.iterations == steps
        assert not curve.converged
        assert curve.gap > TOL
        assert curve.lower + 20 * curve.distortion <= exact.rate + 20 * exact.distortion + 1e-14
        assert curve.rate + 20 * curve.distortion >= exact.lower + 20 * exact.distortion - 1e-14
    loose = rd_curve(p, d, 20.0, tol=1e-2)
    assert loose.converged
    assert loose.iterations < exact.iterations


# --------------------------------------------------------------------------------- bounds at a distortion


def test_bounds_at_any_distortion():
    curve = rd_curve([0.3, 0.7], hamming(2), np.linspace(0, 12, 101)[::-1])
    at = np.linspace(0.001, 0.4, 50)
    lower, upper = curve.bounds(at)
    exact = np.where(at < 0.3, binary_entropy(0.3) - binary_entropy(at), 0.0)
    assert np.all(lower <= exact + 1e-14)
    assert np.all(exact <= upper + 1e-14)
    assert np.max(upper - lower) < 1e-3
    assert curve.bounds(0.3) == (pytest.approx(0, abs=1e-14), pytest.approx(0, abs=1e-14))
    assert curve.bounds(0.9) == (0.0, 0.0)
    low, high = curve.bounds(1e-9)  # left of all points
    assert low <= binary_entropy(0.3)
    assert high == math.inf


def test_chords_over_a_straight_piece():
    curve = rd_curve([0.5, 0.5], [[0, math.inf, 1], [math.inf, 0, 1]], [0.1, 5])
    lower, upper = curve.bounds([0.25, 0.5])
    np.testing.assert_allclose(upper, [0.75 * LN2, 0.5 * LN2], atol=1e-12)
    assert np.all(lower <= upper)


def test_one_point_has_bounds_too():
    curve = rd_curve([0.5, 0.5], hamming(2), 2.0)
    lower, upper = curve.bounds([0.05, 0.3])
    assert upper[0] == math.inf
    assert upper[1] == curve.rate
    assert np.all(lower <= LN2 - binary_entropy(np.array([0.05, 0.3])))


# ---------------------------------------------------------------------------------------------- capacity


@pytest.mark.parametrize("flip", [0.0, 1e-9, 0.11, 0.5])
def test_capacity_of_symmetric_channels(flip):
    found = capacity([[1 - flip, flip], [flip, 1 - flip]])
    assert found.converged
    assert found.rate == pytest.approx(LN2 - binary_entropy(flip), abs=1e-14)
    erasing = capacity([[1 - flip, flip, 0], [0, flip, 1 - flip]])
    assert erasing.rate == pytest.approx((1 - flip) * LN2, abs=1e-14)


@pytest.mark.parametrize("f", [0.01, 0.5, 0.9])
def test_capacity_of_the_z_channel(f):
    found = capacity([[1, 0], [f, 1 - f]])
    expected = math.log1p((1 - f) * f ** (f / (1 - f)))
    assert found.rate <= expected + 1e-15
    assert found.upper >= expected - 1e-15
    assert found.gap <= TOL


def test_capacity_of_noiseless_and_useless_channels():
    assert capacity(np.eye(7)).rate == pytest.approx(math.log(7), abs=1e-14)
    assert capacity(np.eye(3)[[0, 0, 1, 1, 1, 2, 2]]).rate == pytest.approx(math.log(3), abs=1e-14)
    assert capacity([[0.2, 0.8]] * 3).rate == pytest.approx(0, abs=1e-15)
    assert capacity([[1.0]]).upper == 0
    # A row that is a mixture of the others is out of use; an output that never occurs is no matter.
    found = capacity([[0.9, 0.1, 0], [0.5, 0.5, 0], [0.1, 0.9, 0]])
    np.testing.assert_allclose(found.input, [0.5, 0, 0.5], atol=1e-12)
    assert found.rate == pytest.approx(LN2 - binary_entropy(0.1), abs=1e-14)


@given(
    st.tuples(st.integers(1, 6), st.integers(1, 6)).flatmap(
        lambda shape: arrays(np.float64, shape, elements=st.sampled_from([0.0, 1.0]) | st.floats(1e-6, 1))
    )
)
def test_capacity_is_certified(weights):
    weights = weights + np.where(weights.any(axis=1, keepdims=True), 0.0, 1.0)
    channel = weights / weights.sum(axis=1, keepdims=True)
    found = capacity(channel)
    assert found.converged
    assert -1e-14 <= found.gap <= TOL
    assert found.rate == pytest.approx(mutual_information(found.input[:, None] * channel), abs=1e-14)
    assert found.upper == pytest.approx(np.max(kl_divergence(channel, found.input @ channel)), abs=1e-13)
    r = np.full(len(channel), 1 / len(channel))
    for _ in range(20):  # Blahut–Arimoto comes no higher
        r = r * np.exp(kl_divergence(channel, r @ channel))
        r /= r.sum()
    assert mutual_information(r[:, None] * channel) <= found.upper + 1e-14


def test_capacity_says_where_it_did_not_converge():
    channel = np.random.default_rng(0).dirichlet(np.ones(5), size=5)
    short = capacity(channel, max_iterations=1)
    assert not short.converged
    assert short.iterations == 1
    assert short.rate <= capacity(channel).rate <= short.upper


# -------------------------------------------------------------------------------------- arrays and inputs


def test_distortions():
    np.testing.assert_array_equal(hamming(3), [[0, 1, 1], [1, 0, 1], [1, 1, 0]])
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(4, 3)), rng.normal(size=(5, 3))
    expected = [[np.sum((a - b) ** 2) for b in y] for a in x]
    np.testing.assert_allclose(squared_error(x, y), expected, rtol=1e-14)
    np.testing.assert_array_equal(squared_error([1, 3], [3]), [[4], [0]])
    assert isinstance(squared_error(torch.ones(2), torch.ones(3)), torch.Tensor)


def test_torch_gives_the_same():
    p, d = random_source(5, 6, 4)
    p[2] = 0.0
    p /= p.sum()
    slope = np.array([0.0, 1.0, 10.0, 200.0])
    numbers = rd_curve(p, d, slope)
    tensors = rd_curve(torch.tensor(p, requires_grad=True), torch.tensor(d), torch.tensor(slope))
    for name, value in vars(numbers).items():
        tensor = getattr(tensors, name)
        assert isinstance(tensor, torch.Tensor)
        np.testing.assert_allclose(tensor.numpy(), value, atol=1e-9, err_msg=name)
    for tensor, value in zip(tensors.bounds([0.2, 0.3]), numbers.bounds([0.2, 0.3]), strict=True):
        np.testing.assert_allclose(tensor.numpy(), value, atol=1e-9)
    q = np.full(6, 1 / 6)
    np.testing.assert_allclose(rd_step(p, d, 2.0, torch.tensor(q)).numpy(), rd_step(p, d, 2.0, q), rtol=1e-12)
    bound = dual_bound(p, torch.tensor(d), 1.0, numbers.dual[1])
    assert bound.item() == pytest.approx(dual_bound(p, d, 1.0, numbers.dual[1]), abs=1e-13)
    channel = np.random.default_rng(1).dirichlet(np.ones(4), size=5)
    found = capacity(torch.tensor(channel))
    assert isinstance(found.input, torch.Tensor)
    assert found.rate == pytest.approx(capacity(channel).rate, abs=1e-12)


def test_inputs_stay_as_they_were():
    p, d = random_source(4, 4, 5)
    values = [p, d, np.array([1.0, 5.0]), np.full(4, 0.25)]
    before = [value.copy() for value in values]
    for value in values:
        value.setflags(write=False)
    rd_curve(*values[:3])
    rd_step(p, d, 1.0, values[3])
    dual_bound(p, d, 1.0, values[3])
    capacity(np.broadcast_to(values[3], (3, 4)))
    for value, old in zip(values, before, strict=True):
        np.testing.assert_array_equal(value, old)


def test_symbols_that_never_occur():
    assert rd_curve([1, 0], [[0, 1], [1, 0]], 3).rate == 0
    never = [[0, 1], [1, 0], [math.inf, math.inf]]
    curve = rd_curve([0.4, 0.6, 0], never, 2)
    assert curve.rate == pytest.approx(rd_curve([0.4, 0.6], hamming(2), 2).rate, abs=1e-12)
    assert np.all(np.isfinite(curve.dual))
    q = np.array([0.3, 0.7])
    np.testing.assert_allclose(rd_step([0.4, 0.6, 0], never, 2, q)[:2], rd_step([0.4, 0.6], hamming(2), 2, q))
    np.testing.assert_array_equal(rd_step([0.4, 0.6, 0], never, 2, q)[2], q)


def test_lists_of_whole_numbers():
    assert rd_curve([1], [[5]], [0, 1]).distortion.tolist() == [5, 5]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"p_x": [0.5, 0.4]}, "p_x sums to 0.9"),
        ({"p_x": [[0.5, 0.5]]}, r"shapes \(1, 2\) and \(2, 2\); expected \(X,\) and \(X, X̂\)"),
        ({"p_x": [0.5, 0.25, 0.25]}, r"shapes \(3,\) and \(2, 2\)"),
        ({"distortion": [0, 1]}, r"shapes \(2,\) and \(2,\)"),
        ({"distortion": np.ones((2, 0))}, r"shapes \(2,\) and \(2, 0\)"),
        ({"distortion": [[0, 1], [1, math.nan]]}, r"distortion\[1, 1\] is nan"),
        ({"distortion": [[0, -math.inf], [1, 1]]}, r"distortion\[0, 1\] is -inf"),
        ({"distortion": [[0, 1], [math.inf, math.inf]]}, r"distortion\[1\] is infinite for every letter"),
        ({"slopes": [1, -2]}, r"slopes\[1\] is -2; .* −dR/dD"),
        ({"slopes": math.inf}, "slopes is inf"),
        ({"slopes": []}, r"slopes has shape \(0,\); expected at least one slope"),
        ({"tol": 0}, "tol is 0"),
        ({"tol": math.nan}, "tol is nan"),
        ({"max_iterations": -1}, "max_iterations is -1"),
    ],
)
def test_messages(change, message):
    given = {"p_x": [0.5, 0.5], "distortion": hamming(2), "slopes": [1.0]} | change
    with pytest.raises(ValueError, match=message):
        rd_curve(**given)


def test_other_messages():
    p, d = [0.5, 0.5], hamming(2)
    with pytest.raises(ValueError, match=r"slope has shape \(2,\); expected one number"):
        rd_step(p, d, [1, 2], p)
    with pytest.raises(ValueError, match=r"output sums to 0\.5"):
        rd_step(p, d, 1, [0.5, 0])
    with pytest.raises(ValueError, match="same alphabet"):
        rd_step(p, d, 1, [0.5, 0.25, 0.25])
    with pytest.raises(ValueError, match="No letter of positive probability is allowed for symbol 1"):
        rd_step(p, [[0, 1], [math.inf, 0]], 1, [1, 0])
    with pytest.raises(ValueError, match=r"dual has shape \(3,\); expected \(2,\)"):
        dual_bound(p, d, 1, [1, 2, 3])
    with pytest.raises(ValueError, match="finite number for each symbol"):
        dual_bound(p, d, 1, [1, math.inf])
    with pytest.raises(ValueError, match="n is 0"):
        hamming(0)
    with pytest.raises(ValueError, match=r"shapes \(2,\) and \(2, 1\)"):
        squared_error([1, 2], [[1], [2]])
    with pytest.raises(ValueError, match=r"channel\[1\] sums to 1.1"):
        capacity([[0.5, 0.5], [0.5, 0.6]])
    with pytest.raises(ValueError, match=r"channel has shape \(2,\); expected two axes"):
        capacity([0.5, 0.5])
    with pytest.raises(ValueError, match="tol is -1"):
        capacity(np.eye(2), tol=-1)
