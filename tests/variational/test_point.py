"""The loss of one point: the worked example, and its exact expectation."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import minimize
from scipy.special import log_expit

from ibcourse.information import gaussian_kl
from ibcourse.variational import point_loss


@pytest.mark.source("S0.WE2", "E0.2")
def test_the_worked_example_at_the_mean():
    loss, nll, rate = point_loss(1, 0.5, weight=2, y=1, beta=0.1, noise=0)
    assert (nll, rate, loss) == pytest.approx((0.1269280110, 0.8181471806, 0.2087427291), abs=1e-10)


@pytest.mark.source("S0.WE2", "E0.11")
def test_the_worked_example_in_expectation():
    exact = point_loss(1, 0.5, weight=2, y=1, beta=0.1)
    assert (exact.nll, exact.loss) == pytest.approx((0.1827369721, 0.2645516902), abs=1e-10)
    noise = np.random.default_rng(0).standard_normal(200_000)
    sampled = point_loss(1, 0.5, weight=2, y=1, beta=0.1, noise=noise)
    assert sampled.nll == pytest.approx(exact.nll, abs=0.002)  # 4 standard errors


@pytest.mark.parametrize("weight", [0.5, -3, 20, 50])
@pytest.mark.parametrize("y", [0, 1])
def test_the_quadrature(weight, y):
    def term(e):
        return -log_expit((2 * y - 1) * (weight * (0.3 + 0.8 * e) - 0.5)) * np.exp(-e * e / 2)

    kink = (0.5 / weight - 0.3) / 0.8
    expected = quad(term, -12, 12, points=[kink], epsabs=1e-13, limit=300)[0] / np.sqrt(2 * np.pi)
    assert point_loss(0.3, 0.8, weight, y, 0.0, bias=-0.5).nll == pytest.approx(expected, abs=1e-11)


@pytest.mark.parametrize(
    ("beta", "mean", "scale", "loss"),
    [
        (0.1, 1.48540194, 0.53367484, 0.21874823),
        (1, 0.60349654, 0.79144167, 0.69551815),
        (10, 0.09419775, 0.97060716, 1.01164564),
    ],
)
@pytest.mark.source("S0.V10")
def test_a_higher_price_pulls_the_best_code_onto_the_marginal(beta, mean, scale, loss):
    best = minimize(
        lambda v: float(point_loss(v[0], np.exp(v[1]), 2, 1, beta).loss),
        [1.0, 0.0],
        method="Nelder-Mead",
        options={"xatol": 1e-7, "fatol": 1e-12},
    )
    assert (best.x[0], np.exp(best.x[1]), best.fun) == pytest.approx((mean, scale, loss), abs=1e-5)


@pytest.mark.source("S0.PrM")
def test_the_divergence_of_the_medium_exercise():
    assert point_loss(0.2, 2, 1, 1, 1).rate == pytest.approx(0.8268528194, abs=1e-10)
    variance_for_scale = gaussian_kl([0.2], [[2]], [0], [[1]])
    assert variance_for_scale == pytest.approx(0.1734264097, abs=1e-10)


def test_shapes_and_bad_input():
    assert point_loss(np.zeros((2, 1)), np.ones(3), 2, 1, 0.1).loss.shape == (2, 3)
    with pytest.raises(ValueError, match="above 0"):
        point_loss(0, 0, 2, 1, 0.1)
    with pytest.raises(ValueError, match="label 0 or 1"):
        point_loss(0, 1, 2, 2, 0.1)
    for beta in (-1, np.inf, np.nan):
        with pytest.raises(ValueError, match=r"beta is .*; expected finite numbers that are not negative"):
            point_loss(0, 1, 2, 1, beta)
    with pytest.raises(ValueError, match="noise is empty"):
        point_loss(0, 1, 2, 1, 0.1, noise=[])
