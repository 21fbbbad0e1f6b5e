"""Estimates from samples of the code: the dropout toy, brute force, laws and Monte Carlo."""

import itertools
import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ibcourse.decoder_uncertainty import (
    multi_sample_bound,
    multi_sample_loss,
    sample_losses,
    sampled_multi_sample_bound,
    uncertainties,
)

# A dropout net with three masks: their probabilities, and what each gives the right label.
WEIGHTS, PROBABILITIES = np.array([0.3, 0.5, 0.2]), np.array([0.9, 0.2, 0.6])
MODEL = ([[0.5, 0.1], [0.1, 0.3]], [[0.7, 0.2, 0.1], [0.1, 0.3, 0.6]], [[0.9, 0.1], [0.5, 0.5], [0.2, 0.8]])


def rows(rng, *shape):
    return rng.dirichlet(np.ones(shape[-1]), size=shape[:-1])


@pytest.mark.source("S1.Obs5b")
@pytest.mark.parametrize(
    ("n", "expected"),
    [(1, 0.9384922357), (2, 0.8294060448), (3, 0.7886520960), (6, 0.7489023290)],
)
def test_dropout_toy(n, expected):
    assert multi_sample_loss(WEIGHTS, PROBABILITIES, n) == pytest.approx(expected, abs=5e-11)


@pytest.mark.source("S1.Obs5", "S1.Obs5b")
@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_what_is_unbiased_for_what_by_enumeration(n):
    """All sequences of n masks, each with its probability."""
    mean_loss = loss_of_mean = 0.0
    for masks in itertools.product(range(3), repeat=n):
        weight = math.prod(WEIGHTS[list(masks)])
        one = sample_losses(PROBABILITIES[list(masks)])
        mean_loss += weight * one.mean_loss
        loss_of_mean += weight * one.loss_of_mean
    decoder_loss = -(WEIGHTS * np.log(PROBABILITIES)).sum()
    prediction_loss = -math.log(WEIGHTS @ PROBABILITIES)
    assert prediction_loss == pytest.approx(0.7133498879, abs=5e-11)
    assert decoder_loss == pytest.approx(0.9384922357, abs=5e-11)
    assert mean_loss == pytest.approx(decoder_loss, rel=1e-13)
    assert loss_of_mean == pytest.approx(multi_sample_loss(WEIGHTS, PROBABILITIES, n), rel=1e-13)
    assert loss_of_mean > prediction_loss + 0.03


@pytest.mark.source("S1.Obs5")
def test_the_bias_falls_like_one_over_n():
    limit = -math.log(WEIGHTS @ PROBABILITIES)
    mean = WEIGHTS @ PROBABILITIES
    leading = (WEIGHTS @ PROBABILITIES**2 - mean**2) / (2 * mean**2)
    for n, tolerance in [(25, 0.05), (200, 0.006)]:
        bias = multi_sample_loss(WEIGHTS, PROBABILITIES, n) - limit
        assert n * bias == pytest.approx(leading, rel=tolerance)


@pytest.mark.source("S1.Obs5b")
@given(st.integers(0, 10**6), st.integers(1, 3), st.integers(1, 3), st.integers(1, 4))
def test_the_bound_falls_from_one_cross_entropy_to_the_other(seed, x, y, z):
    rng = np.random.default_rng(seed)
    p, e, d = rows(rng, x * y).reshape(x, y), rows(rng, x, z), rows(rng, z, y)
    u = uncertainties(p, e, d)
    bounds = [multi_sample_bound(p, e, d, n) for n in (1, 2, 3, 4, 8, 16)]
    assert bounds[0] == pytest.approx(u.decoder_cross_entropy, rel=1e-12, abs=1e-12)
    assert (np.diff(bounds) <= 1e-12).all()
    assert bounds[-1] >= u.prediction_cross_entropy - 1e-12


def test_the_bound_tends_to_the_prediction_cross_entropy():
    limit = uncertainties(*MODEL).prediction_cross_entropy
    gaps = [multi_sample_bound(*MODEL, n) - limit for n in (25, 50, 100)]
    assert gaps[0] / gaps[1] == pytest.approx(2, abs=0.15)
    assert gaps[1] / gaps[2] == pytest.approx(2, abs=0.08)
    assert gaps[2] < 0.004


@pytest.mark.parametrize("n", [1, 3, 10])
def test_monte_carlo_agrees_with_enumeration(n):
    value, error = sampled_multi_sample_bound(*MODEL, n, draws=40_000, seed=1)
    assert 0 < error < 0.005
    assert abs(value - multi_sample_bound(*MODEL, n)) < 4 * error
    tensors = [torch.tensor(table, dtype=torch.float64) for table in MODEL]
    assert sampled_multi_sample_bound(*tensors, n, draws=40_000, seed=1) == (value, error)


def test_the_stated_error_is_the_spread_of_the_estimates():
    runs = [sampled_multi_sample_bound(*MODEL, 2, draws=200, seed=seed) for seed in range(300)]
    values, stated = np.array(runs).T
    assert values.std() == pytest.approx(stated.mean(), rel=0.15)
    assert abs(values.mean() - multi_sample_bound(*MODEL, 2)) < 4 * values.std() / math.sqrt(300)


def test_sample_losses_on_arrays():
    p = np.random.default_rng(0).uniform(size=(4, 5, 7))
    both = sample_losses(p)
    assert both.mean_loss.shape == both.loss_of_mean.shape == (4, 5)
    assert (both.mean_loss >= both.loss_of_mean).all()
    np.testing.assert_allclose(sample_losses(torch.tensor(p))[1], both.loss_of_mean)
    assert sample_losses([1.0, 0.0]) == (math.inf, pytest.approx(math.log(2)))


def test_impossible_masks_and_labels_make_no_nan():
    assert multi_sample_loss([0.5, 0.5, 0.0], [0.5, 0.25, 0.0], 3) == pytest.approx(
        multi_sample_loss([0.5, 0.5], [0.5, 0.25], 3)
    )
    assert multi_sample_loss([0.5, 0.5], [1.0, 0.0], 2) == math.inf
    assert multi_sample_bound([[1.0, 0.0]], [[0.5, 0.5]], [[1.0, 0.0], [1.0, 0.0]], 2) == 0


def test_gradient_of_the_bound():
    logits = torch.tensor([[0.3, -0.2, 0.1], [0.0, 0.5, -0.4]], dtype=torch.float64, requires_grad=True)
    p, _, d = (torch.tensor(table, dtype=torch.float64) for table in MODEL)
    assert torch.autograd.gradcheck(lambda logits: multi_sample_bound(p, logits.softmax(-1), d, 3), logits)
    sparse = torch.tensor(WEIGHTS * [1, 0, 1] / 0.5, requires_grad=True)
    (slope,) = torch.autograd.grad(multi_sample_loss(sparse, PROBABILITIES, 3), sparse)
    assert slope.isfinite().all()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (([0.5, 0.5], [0.1, 0.2], 0), "samples is 0; expected a whole number, at least 1"),
        (([0.5, 0.5], [0.1, 0.2], 1.5), "samples is 1.5"),
        (([0.5, 0.5], [0.1, 0.2, 0.3], 1), "the codes on the last axis of both"),
        (([0.5, 0.4], [0.1, 0.2], 1), "weights sums to 0.9"),
        (([0.5, 0.5], [0.1, 1.2], 1), "a probability is at most 1"),
        ((np.full(20, 0.05), np.full(20, 0.5), 20), "Use sampled_multi_sample_bound"),
    ],
)
def test_bad_input_is_refused(arguments, words):
    with pytest.raises(ValueError, match=words):
        multi_sample_loss(*arguments)


def test_other_bad_input_is_refused():
    with pytest.raises(ValueError, match="more than a float holds"):
        multi_sample_loss([0.5, 0.5], [0.2, 0.9], samples=2000)
    with pytest.raises(ValueError, match="expected samples on the last axis"):
        sample_losses(0.5)
    with pytest.raises(ValueError, match="without a batch"):
        sampled_multi_sample_bound(MODEL[0], [MODEL[1]], MODEL[2], 2)
    with pytest.raises(ValueError, match="seed is -1"):
        sampled_multi_sample_bound(*MODEL, 2, seed=-1)
    with pytest.raises(ValueError, match="draws is 1; expected a whole number, at least 2"):
        sampled_multi_sample_bound(*MODEL, 2, draws=1)
    with pytest.raises(ValueError, match="samples is -1"):
        sampled_multi_sample_bound(*MODEL, -1)
