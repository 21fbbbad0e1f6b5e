"""The convex envelope: closed forms, the iteration, certificates on other points, laws and messages."""

import math

import numpy as np
import pytest
import scipy.optimize
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from ibcourse.bottleneck import cluster_divergences, envelope
from ibcourse.bottleneck.step import ib_step, lagrangian
from ibcourse.information import entropy, kl_divergence, mutual_information

WORKED = np.array([[0.05, 0.45], [0.4, 0.1]])
# Posteriors .9, .9, .3, .3 with p(x) = .1, .2, .3, .4; equal ones merged.
PAIRS = np.array([[0.27, 0.03], [0.21, 0.49]])
SEEDS = st.integers(0, 10_000)
ACCURATE = 1e-11


def random_table(seed, n, m=3, concentration=1.0):
    generator = np.random.default_rng(seed)
    rows = generator.dirichlet(np.full(m, concentration), n)
    return generator.dirichlet(np.full(n, 3.0))[:, None] * rows


def cluster_cost(p_xy, r, beta):
    cost, gain = cluster_divergences(p_xy, r)
    return cost - beta * gain


def binary_entropy(p):
    return entropy([p, 1 - p])


# ------------------------------------------------------------------------------------------ closed forms


@pytest.mark.parametrize("error", [0.02, 0.1, 0.3])
@pytest.mark.parametrize("beta", [1.1, 2.0, 7.0, 40.0])
def test_binary_symmetric_channel(error, beta):
    """T is X through a symmetric channel of error a; a by one search."""
    table = np.array([[1 - error, error], [error, 1 - error]]) / 2

    def objective(logit):
        a = 1 / (1 + math.exp(logit))
        b = a * (1 - error) + (1 - a) * error
        return math.log(2) - binary_entropy(a) - beta * (math.log(2) - binary_entropy(b))

    nearest = min(np.linspace(0, 40, 401), key=objective)
    around = (nearest - 0.1, nearest + 0.1)
    best = scipy.optimize.minimize_scalar(objective, bounds=around, options={"xatol": 1e-12})
    found = envelope(table, beta)
    assert found.lagrangian == pytest.approx(min(best.fun, 0), abs=ACCURATE)
    assert found.gap < ACCURATE


def test_cells_and_columns_of_zeros():
    table = np.array([[0.3, 0.0, 0.1], [0.0, 0.0, 0.2], [0.1, 0.0, 0.3]])
    found, same = envelope(table, 4), envelope(table[:, [0, 2]], 4)
    assert found.lagrangian == pytest.approx(same.lagrangian, abs=1e-14)
    assert found.gap < ACCURATE


@pytest.mark.parametrize("p_x", [[0.3, 0.7], [0.3, 0.5, 0.2]])
def test_identity(p_x):
    for beta, i_xt in [(0.5, 0), (0.99, 0), (1.01, entropy(p_x)), (20, entropy(p_x))]:
        found = envelope(np.diag(p_x), beta)
        assert found.lagrangian == pytest.approx((1 - beta) * i_xt, abs=ACCURATE)
        assert found.i_xt == pytest.approx(i_xt, abs=1e-6)
    assert envelope(np.diag(p_x), 1).lagrangian == pytest.approx(0, abs=1e-15)


@pytest.mark.source("E0.4", "E3.4")
def test_a_deterministic_target_is_learnt_at_once():
    table = np.array([0.3, 0.2, 0.5])[:, None] * np.eye(2)[[0, 0, 1]]
    assert envelope(table, 0.95).i_xt == pytest.approx(0, abs=1e-12)
    for beta in (1.05, 2, 10):
        found = envelope(table, beta)
        assert found.i_ty == pytest.approx(math.log(2), abs=1e-8)  # exactly sufficient at finite β
        assert found.lagrangian == pytest.approx((1 - beta) * math.log(2), abs=ACCURATE)


@pytest.mark.source("E0.3")
def test_the_window_of_the_worked_example():
    """The second dip wins from 2.0068 on; the constant encoder is a local optimum up to 2.0204."""
    for beta, optimum in [(2.0, 0.0), (2.0068, 0.0), (2.01, -3.8e-6), (2.015, -2.5e-5), (2.02, -6.4e-5)]:
        found = envelope(WORKED, beta)
        assert found.lagrangian == pytest.approx(optimum, abs=4e-7 if beta > 2.0068 else 1e-15)
        assert found.gap < 1e-13
        # It is a local optimum: the graph bends upwards at p_X.
        s = 0.5 + np.array([-1e-3, 0, 1e-3])
        assert np.diff(cluster_cost(WORKED, np.stack([s, 1 - s], 1), beta), 2) > 0
    assert len(envelope(WORKED, 2.0).weights) == 1
    # The iteration from the start of the source ends at the constant encoder, inside the window too.
    encoder = np.array([[0.8, 0.2], [0.3, 0.7]])
    for _ in range(4000):
        encoder = ib_step(WORKED, encoder, 2.015)
    assert lagrangian(WORKED, encoder, 2.015) > envelope(WORKED, 2.015).lagrangian + 2e-5


@pytest.mark.source("E3.4")
def test_the_limit_of_large_beta_is_the_minimal_sufficient_statistic():
    for beta, i_xt in [(4, 0.41545), (8, 0.60098), (16, 0.61083), (32, 0.6108643)]:
        assert envelope(PAIRS, beta).i_xt == pytest.approx(i_xt, abs=6e-6)
    # At a finite β nothing of full support is exactly sufficient.
    losses = [mutual_information(PAIRS) - envelope(PAIRS, beta).i_ty for beta in (4, 8, 16)]
    assert losses[0] > losses[1] > losses[2] > 1e-8


# ----------------------------------------------------------------------------------------- certificates


@given(SEEDS, st.sampled_from([0.3, 1.0]))
@settings(max_examples=6)
def test_two_inputs_and_the_iteration(seed, concentration):
    """No encoder found by iteration is better, and the best of some is as good."""
    check_against_iteration(random_table(seed, 2, concentration=concentration), seed)


@pytest.mark.parametrize("seed", range(3))
def test_three_inputs_and_the_iteration(seed):
    check_against_iteration(random_table(seed, 3), seed)


def check_against_iteration(table, seed):
    generator = np.random.default_rng(seed)
    n = len(table)
    beta = generator.uniform(2, 30)
    found = envelope(table, beta)
    starts = generator.dirichlet(np.full(n, 0.3), (10, n))
    starts[0] = 0.98 * np.eye(n) + 0.02 / n
    encoders = starts
    for _ in range(1000):
        encoders = ib_step(table, encoders, beta)
    reached = lagrangian(table, encoders, beta)
    assert reached.min() >= found.lagrangian - ACCURATE
    assert reached.min() <= found.lagrangian + 1e-6
    # Its own encoder has the value that it reports.
    np.testing.assert_allclose(found.encoder.sum(1), 1)
    assert lagrangian(table, found.encoder, beta) == pytest.approx(found.lagrangian, abs=1e-11)
    np.testing.assert_allclose(found.weights @ found.atoms, table.sum(1), atol=1e-9)
    assert len(found.weights) <= n
    assert (np.diff(found.weights) <= 0).all()
    # The line lies below the graph at points of no grid, and touches it at the clusters.
    r = np.concatenate([generator.dirichlet(np.full(n, c), 5000) for c in (0.1, 1)])
    assert (cluster_cost(table, r, beta) - r @ found.support).min() > -ACCURATE
    np.testing.assert_allclose(cluster_cost(table, found.atoms, beta), found.atoms @ found.support, atol=1e-8)
    assert found.support @ table.sum(1) == pytest.approx(found.lagrangian, abs=ACCURATE)
    assert found.gap < ACCURATE


@given(SEEDS)
@settings(max_examples=3)
def test_laws_in_beta(seed):
    """L* is concave with slope −I(T;Y); both informations rise; 0 up to β = 1."""
    table = random_table(seed, 2)
    betas = np.linspace(0, 12, 13)
    found = [envelope(table, beta) for beta in betas]
    values = np.array([e.lagrangian for e in found])
    assert (values <= 1e-15).all()
    assert (abs(values[betas <= 1]) < 1e-15).all()
    assert (np.diff(values, 2) <= ACCURATE).all()
    assert (np.diff([e.i_xt for e in found]) >= -1e-6).all()
    assert (np.diff([e.i_ty for e in found]) >= -1e-7).all()
    above, below = (envelope(table, 9 + step).lagrangian for step in (1e-3, -1e-3))
    assert (above - below) / 2e-3 == pytest.approx(-envelope(table, 9).i_ty, abs=1e-5)


# ------------------------------------------------------------------------------------------ the drawing


def test_what_is_drawn():
    found = envelope(WORKED, 3)
    assert found.points.shape == (len(found.values), 2)
    assert (np.diff(found.points[:, 0]) > 0).all()
    assert (found.points.min(), found.points.max()) == (0, 1)
    np.testing.assert_allclose(found.values, cluster_cost(WORKED, found.points, 3))
    at_vertex = math.log(2) - 3 * kl_divergence([0.8, 0.2], [0.45, 0.55])
    assert found.values[0] == pytest.approx(at_vertex)
    assert len(envelope(WORKED, 3, resolution=1000).points) > 3 * len(found.points)


def test_inputs_that_never_occur_and_one_input():
    found = envelope(np.array([[0.05, 0.45], [0, 0], [0.4, 0.1]]), 3)
    same = envelope(WORKED, 3)
    assert found.lagrangian == pytest.approx(same.lagrangian, abs=1e-12)
    np.testing.assert_array_equal(found.atoms[:, 1], 0)
    np.testing.assert_allclose(found.encoder[[0, 2]], same.encoder)
    np.testing.assert_array_equal(found.encoder[1], [1, 0])
    assert envelope([[0.3, 0.7]], 10).lagrangian == pytest.approx(0, abs=1e-15)
    independent = envelope(np.outer([0.2, 0.8], [0.5, 0.5]), 100)
    assert independent.lagrangian == pytest.approx(0, abs=1e-12)
    assert envelope(torch.tensor(WORKED), 3).lagrangian == same.lagrangian


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: envelope(np.full((4, 2), 0.125), 2),
            "4 inputs occur; the envelope is computed for two or three",
        ),
        (lambda: envelope(WORKED, -1), "beta is -1"),
        (lambda: envelope(WORKED, math.inf), "beta is inf"),
        (lambda: envelope(WORKED, [1, 2]), "expected one number"),
        (lambda: envelope(WORKED, 1, resolution=5), "resolution 5"),
        (lambda: envelope(WORKED * 2, 1), "p_xy sums to 2"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
