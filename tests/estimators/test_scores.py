"""Bounds from scores: definitions, the true critic, limits, gradients; and neural critics."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import logsumexp

from ibcourse.estimators import critics, donsker_varadhan, info_nce, nwj, smile

TABLES = st.integers(0, 10**6).map(lambda seed: random_scores(seed))


def random_scores(seed):
    rng = np.random.default_rng(seed)
    n = rng.integers(2, 9)
    return rng.normal(size=(n, n)) * 10 ** rng.uniform(-1, 2)


def true_scores(n, rho, seed):
    """ln p(x, y) / p(x) p(y) of Gaussians, all pairs."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 1))
    y = (rho * x + math.sqrt(1 - rho**2) * rng.normal(size=(n, 1))).T
    return -0.5 * math.log(1 - rho**2) - (rho**2 * (x**2 + y**2) - 2 * rho * x * y) / (2 * (1 - rho**2))


@given(TABLES)
def test_definitions(f):
    n = len(f)
    own, others = np.diag(f), f[~np.eye(n, dtype=bool)]
    log_mean = logsumexp(others) - math.log(len(others))
    assert donsker_varadhan(f) == pytest.approx(own.mean() - log_mean)
    assert info_nce(f) == pytest.approx(math.log(n) + np.mean(own - logsumexp(f, axis=1)))
    assert smile(f, 2.0) == pytest.approx(own.mean() - math.log(np.exp(np.clip(others, -2, 2)).mean()))
    if others.max() < 600:
        assert nwj(f) == pytest.approx(1 + own.mean() - np.exp(others).mean())


@given(TABLES)
def test_limits(f):
    n = len(f)
    assert info_nce(f) <= math.log(n) + 1e-12
    assert nwj(np.clip(f, -50, 50)) <= donsker_varadhan(np.clip(f, -50, 50)) + 1e-9
    assert smile(f, 1e4) == pytest.approx(donsker_varadhan(f))
    assert np.diag(f).mean() - 3 - 1e-9 <= smile(f, 3.0) <= np.diag(f).mean() + 3 + 1e-9
    assert donsker_varadhan(f + 7) == pytest.approx(donsker_varadhan(f))  # any constant is as good
    assert info_nce(f + np.arange(n)[:, None]) == pytest.approx(info_nce(f))  # any function of x


def test_info_nce_reaches_ln_n_exactly():
    assert info_nce(np.eye(64) * 1e6) == math.log(64)


@pytest.mark.parametrize("rho", [0.0, 0.5, 0.8])
def test_the_true_log_ratio_gives_the_truth(rho):
    truth = -0.5 * math.log(1 - rho**2)
    tables = [true_scores(500, rho, seed) for seed in range(20)]
    for bound in (donsker_varadhan, nwj, lambda f: smile(f, 20)):
        assert np.mean([bound(f) for f in tables]) == pytest.approx(truth, abs=0.05)
    assert np.mean([info_nce(f) for f in tables]) == pytest.approx(truth, abs=0.05)


def test_smile_is_no_bound():
    """A critic may promise anything: clipping keeps it from paying for it."""
    assert smile(np.full((8, 8), 1e6), 5.0) > 1e5
    assert donsker_varadhan(np.full((8, 8), 1e6)) == pytest.approx(0)


@pytest.mark.parametrize("bound", [donsker_varadhan, nwj, info_nce, smile])
def test_torch_and_its_gradients(bound):
    f = np.random.default_rng(0).normal(size=(4, 4))
    tensor = torch.tensor(f, requires_grad=True)
    assert float(bound(tensor).detach()) == pytest.approx(float(bound(f)))
    assert torch.autograd.gradcheck(bound, (tensor,))


def test_no_overflow():
    f = np.random.default_rng(0).normal(size=(5, 5)) * 1e5
    assert all(np.isfinite(bound(f)) for bound in (donsker_varadhan, info_nce, smile))


@pytest.mark.parametrize("f", [[1.0, 2.0], [[1.0]], np.zeros((2, 3))])
def test_bad_scores(f):
    with pytest.raises(ValueError, match="expected \\(n, n\\)"):
        info_nce(f)


def test_bad_clip():
    with pytest.raises(ValueError, match="positive number of nats"):
        smile(np.eye(2), 0)


# Critics


def gaussians(n, d, rho):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(n, d))
    return x, (rho * x + math.sqrt(1 - rho**2) * rng.normal(size=(n, d)))


@pytest.mark.parametrize(
    ("bound", "critic"),
    [("info-nce", "separable"), ("nwj", "separable"), ("mine", "concatenated"), ("smile", "separable")],
)
def test_a_critic_finds_the_information_of_gaussians(bound, critic):
    x, y = gaussians(3000, 1, 0.9)
    estimate = critics.neural_information(x, y, bound, critic=critic, steps=150, batch=64, learning_rate=5e-3)
    assert 0.55 < estimate.value < 0.95  # the truth is 0.83
    assert 0 < estimate.error < 0.1
    assert estimate.warning == ""


@pytest.mark.parametrize(
    ("scale", "shift", "digits"),
    [(1, 0, 12), (1, 1e8, 6), (1e-20, 0, 12), (1e-300, 0, 12), (1e40, 1e40, 12), (1e300, 0, 12)],
)
def test_a_critic_sees_no_units(scale, shift, digits):
    x, _ = gaussians(400, 2, 0.9)
    expected = (x - x.mean(axis=0)) / x.std(axis=0, ddof=1)
    np.testing.assert_allclose(critics._standard(scale * x + shift), expected, atol=10.0**-digits)
    assert not critics._standard(np.full((3, 1), 0.1 * scale + shift)).any()


def test_a_critic_takes_views():
    x, y = gaussians(64, 2, 0.9)
    backwards = critics.neural_information(x[::-1], y[::-1, ::-1], steps=1, batch=8)
    assert backwards == critics.neural_information(x[::-1].copy(), y[::-1, ::-1].copy(), steps=1, batch=8)


def test_a_critic_that_diverged_says_so():
    x, y = gaussians(200, 1, 0.9)
    estimate = critics.neural_information(x, y, batch=64, steps=9, learning_rate=1e9)
    assert math.isnan(estimate.value)
    assert "take a smaller learning_rate" in estimate.warning


def test_no_information_is_not_found_on_the_other_half():
    """On the half that it was trained on, a critic finds some."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(256, 5)), rng.normal(size=(256, 3))  # the dimensions may differ
    estimate = critics.neural_information(x, y, steps=150, batch=64)
    assert estimate.value < 0.05
    assert estimate == critics.neural_information(x, y, steps=150, batch=64)
    assert estimate != critics.neural_information(x, y, steps=150, batch=64, seed=1)


def test_global_random_numbers_are_left_alone():
    torch.manual_seed(0)
    before = torch.random.get_rng_state()
    critics.neural_information(*gaussians(64, 1, 0.5), steps=1, batch=8)
    assert torch.equal(before, torch.random.get_rng_state())


def test_the_ceiling_of_info_nce_is_warned_about():
    x, y = gaussians(400, 5, 0.999)
    estimate = critics.neural_information(x, y, batch=8, steps=300, learning_rate=3e-3)
    assert estimate.value <= math.log(8)
    assert "ln 8" in estimate.warning


def test_mine_has_the_gradient_of_the_bound_at_its_average():
    scores = torch.randn(
        6, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(0), requires_grad=True
    )
    loss, average = critics._mine_loss(scores, None)
    (found,) = torch.autograd.grad(loss, scores)
    (expected,) = torch.autograd.grad(-donsker_varadhan(scores), scores)
    assert torch.allclose(found, expected)  # the average is the mean itself at the first step
    _, later = critics._mine_loss(scores.detach() + 1, average)
    assert float(later) == pytest.approx(float(average) + math.log(0.99 + 0.01 * math.e))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"bound": "club"}, "expected one of info-nce"),
        ({"critic": "deep"}, "expected one of separable"),
        ({"batch": 300}, "two batches"),
        ({"batch": 1}, "batch is 1; expected a whole number, at least 2"),
        ({"batch": 8, "width": 1}, "width is 1"),
        ({"batch": 8, "steps": 0}, "steps is 0"),
        ({"batch": 8, "seed": -1}, "seed is -1"),
    ],
)
def test_bad_critics(arguments, words):
    with pytest.raises(ValueError, match=words):
        critics.neural_information(*gaussians(100, 1, 0.5), **arguments)
