"""Noisy embeddings: quadrature, finite differences, the two forces; moments of mixtures."""

import math

import numpy as np
import pytest
import scipy.integrate
import scipy.stats
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from ibcourse.differential_entropy import log_variance, log_variance_bias, mixture_shape, soft_clustering
from ibcourse.information import entropy, gaussian_entropy


def log_density(z, means, scale):
    return np.log(np.mean(scipy.stats.norm.pdf(z, means, scale)))


def entropy_by_quadrature(means, scale):
    """h of a one-dimensional mixture by SciPy's adaptive quadrature."""

    def integrand(z):
        log_p = log_density(z, means, scale)
        return -math.exp(log_p) * log_p

    low, high = min(means) - 12 * scale, max(means) + 12 * scale
    return scipy.integrate.quad(integrand, low, high, points=sorted(means), limit=400, epsabs=1e-11)[0]


def conditional_by_quadrature(means, labels, scale):
    means, labels = np.asarray(means, float), np.asarray(labels)
    return sum(
        np.mean(labels == c) * entropy_by_quadrature(means[labels == c], scale) for c in np.unique(labels)
    )


@st.composite
def embeddings(draw):
    generator = np.random.default_rng(draw(st.integers(0, 10_000)))
    n = draw(st.integers(2, 5))
    return generator.normal(size=n) * 2, generator.integers(2, size=n), generator.uniform(0.3, 1.5)


@given(embeddings())
@settings(max_examples=15)
@pytest.mark.source("S1.A8a", "S1.A8b", "S1.A8d", "E1.17")
def test_entropies_are_those_of_quadrature(case):
    means, labels, scale = case
    result = soft_clustering(means, labels, scale)
    assert result.h_z == pytest.approx(entropy_by_quadrature(means, scale), abs=1e-8)
    assert result.h_z_given_y == pytest.approx(conditional_by_quadrature(means, labels, scale), abs=1e-8)
    assert result.h_z_given_x == pytest.approx(gaussian_entropy([[scale**2]]))
    shares = np.bincount(labels) / len(labels)
    assert result.h_y_given_z == pytest.approx(result.h_z_given_y - result.h_z + entropy(shares), abs=1e-10)
    assert -1e-9 <= result.h_y_given_z <= entropy(shares) + 1e-9
    assert result.h_z_given_x - 1e-9 <= result.h_z_given_y <= result.h_z + 1e-9


@given(embeddings())
@settings(max_examples=15)
@pytest.mark.source("S1.A8f", "E1.18")
def test_the_gradient_is_that_of_finite_differences(case):
    means, labels, scale = case
    gradient = soft_clustering(means, labels, scale).gradient[:, 0]
    for k in range(len(means)):
        step = np.zeros(len(means))
        step[k] = 1e-3

        def at(times, step=step):
            return soft_clustering(means + times * step, labels, scale).h_z_given_y

        change = (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / 12e-3
        assert gradient[k] == pytest.approx(change, abs=1e-8)


@pytest.mark.source("S1.A8f", "E1.18")
def test_the_factor_is_the_share_of_the_class():
    labels, scale = [0, 0, 0, 1], 0.6
    means = np.array([-1, 0.2, 1.5, 4.0])
    step = 1e-4
    up, down = means.copy(), means.copy()
    up[1] += step
    down[1] -= step
    within = (entropy_by_quadrature(up[:3], scale) - entropy_by_quadrature(down[:3], scale)) / (2 * step)
    assert soft_clustering(means, labels, scale).gradient[1, 0] == pytest.approx(0.75 * within, abs=1e-6)


@pytest.mark.source("S1.A8f")
def test_each_part_is_the_derivative_of_its_divergences():
    means, scale, k, step = np.array([-1, 0.2, 1.5]), 0.6, 1, 1e-4
    n = len(means)

    def divergence(i, moved):
        """D(p_i ‖ p) with the mean k moved."""
        points = means + moved * np.eye(n)[k]

        def integrand(z):
            own = scipy.stats.norm.logpdf(z, points[i], scale)
            return math.exp(own) * (own - log_density(z, points, scale))

        return scipy.integrate.quad(integrand, points[i] - 9, points[i] + 9, epsabs=1e-12, limit=200)[0]

    parts = [(divergence(i, step) - divergence(i, -step)) / (2 * step) / n for i in range(n)]
    result = soft_clustering(means, [0] * n, scale)
    assert result.own[k, 0] == pytest.approx(parts[k], abs=1e-7)
    assert result.others[k, 0] == pytest.approx(sum(parts) - parts[k], abs=1e-7)


@pytest.mark.source("E1.20")
def test_the_force_of_the_others_comes_from_the_nearer_point():
    means, scale = np.array([-1, 0.2, 1.5]), 0.6
    result = soft_clustering(means, [0, 0, 0], scale)
    centroid = (means[0] + means[2]) / 2
    assert centroid > means[1]  # yet the force points away from it, to the nearer point
    assert -result.others[1, 0] == pytest.approx(-0.00566, abs=5e-6)


@pytest.mark.source("E1.20")
def test_the_force_of_a_far_point_vanishes_exponentially():
    forces = [abs(soft_clustering([0, gap], [0, 0], 0.6).others[0, 0]) for gap in (2, 4, 6)]
    assert forces[0] > 20 * forces[1] > 20 * 20 * forces[2] > 0
    assert abs(soft_clustering([0, 40], [0, 0], 0.6).others[0, 0]) < 1e-100


@pytest.mark.source("S1.A8c", "S1.A8e")
def test_only_classes_of_one_point_reach_the_entropy_of_the_noise():
    point = soft_clustering([1.0, 1.0, 5.0], [0, 0, 1], 0.4)
    assert point.h_z_given_y == pytest.approx(point.h_z_given_x, abs=1e-12)
    assert point.gradient == pytest.approx(np.zeros((3, 1)), abs=1e-12)
    assert soft_clustering([1.0, 1.3, 5.0], [0, 0, 1], 0.4).h_z_given_y > point.h_z_given_y + 0.01


@pytest.mark.source("S1.A8d")
def test_classes_far_apart_leave_no_doubt():
    doubts = [soft_clustering([0, gap], [0, 1], 0.5).h_y_given_z for gap in (0, 1, 2, 4, 100)]
    assert doubts[0] == pytest.approx(math.log(2))
    assert sorted(doubts, reverse=True) == doubts
    assert doubts[-1] == pytest.approx(0, abs=1e-12)


@pytest.mark.source("E1.14")
def test_a_finite_data_set_with_noise_has_finite_information():
    for scale in (1e-6, 0.1, 10):
        result = soft_clustering([0.0, 0.3, 1.0, 1.1], [0, 0, 0, 0], scale)
        assert -1e-12 <= result.h_z - result.h_z_given_x <= math.log(4) + 1e-12


def test_two_dimensions():
    line = soft_clustering([0.0, 1.0, 2.5], [0, 0, 1], 0.5)
    turn = np.array([[0.6, 0.8]])
    plane = soft_clustering(np.array([[0.0], [1.0], [2.5]]) * turn, [0, 0, 1], 0.5)
    more = gaussian_entropy([[0.25]])  # the noise across the line
    assert plane.h_z == pytest.approx(line.h_z + more, abs=1e-9)
    assert plane.h_z_given_y == pytest.approx(line.h_z_given_y + more, abs=1e-9)
    assert plane.h_y_given_z == pytest.approx(line.h_y_given_z, abs=1e-9)
    assert plane.others == pytest.approx(line.others * turn, abs=1e-9)
    assert plane.own == pytest.approx(line.own * turn, abs=1e-9)


def test_torch_agrees_and_its_gradient_is_ours():
    means, labels = np.array([-1, 0.2, 1.5, 4.0]), np.array([0, 0, 0, 1])
    ours = soft_clustering(means, labels, 0.6)
    tensor = torch.tensor(means, requires_grad=True)
    its = soft_clustering(tensor, torch.tensor(labels), 0.6)
    for a, b in zip(ours, its, strict=True):
        assert b.detach().numpy() == pytest.approx(a, abs=1e-12)
    (gradient,) = torch.autograd.grad(its.h_z_given_y, tensor)
    assert gradient.numpy() == pytest.approx(ours.gradient[:, 0], abs=1e-9)


@pytest.mark.source("S3.App.Kurt", "S3.App.Skew", "E3.23")
def test_shape():
    normal = scipy.stats.norm(3, 2)
    assert mixture_shape([1.0], [normal]) == pytest.approx((3, 4, 0, 0), abs=1e-10)
    far = scipy.stats.norm(1e4, 1)
    assert mixture_shape([0.5, 0.5], [far, far]) == pytest.approx((1e4, 1, 0, 0), abs=1e-10)
    flat = mixture_shape([0.99, 0.01], [scipy.stats.uniform(-1, 2), scipy.stats.uniform(-10, 20)])
    assert flat.excess_kurtosis == pytest.approx(42.90, abs=5e-3)
    points = [scipy.stats.rv_discrete(values=([x], [1.0])) for x in (-4, -1, 2, 5)]
    skewless = mixture_shape([0.05704, 0.56259, 0.37037, 0.01], points)
    assert skewless.skewness == pytest.approx(0, abs=1e-4)  # and no symmetric law
    sample = np.concatenate([np.full(3, -1.0), [4.0, 7.0]])
    weights, values = [0.6, 0.2, 0.2], (-1, 4, 7)
    shape = mixture_shape(weights, [scipy.stats.rv_discrete(values=([x], [1.0])) for x in values])
    assert shape.skewness == pytest.approx(scipy.stats.skew(sample))
    assert shape.excess_kurtosis == pytest.approx(scipy.stats.kurtosis(sample))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: soft_clustering(np.zeros((2, 3)), [0, 1], 1.0), "one or two dimensions"),
        (lambda: soft_clustering([], [], 1.0), "expected \\(n,\\)"),
        (lambda: soft_clustering([0.0, 1.0], [0, 1], 0.0), "expected a positive number"),
        (lambda: soft_clustering([0.0, 1.0], [0.0, 1.0], 1.0), "expected integer labels"),
        (lambda: mixture_shape([0.5, 0.5], [scipy.stats.norm()]), "one for each component"),
        (lambda: mixture_shape([0.5], [scipy.stats.norm()]), "sums to 0.5"),
        (lambda: mixture_shape([1], [scipy.stats.rv_discrete(values=([2], [1.0]))]), "variance 0"),
        (lambda: soft_clustering([0.0, np.nan], [0, 1], scale=1.0), "means\\[1, 0\\] is nan"),
        (lambda: soft_clustering([0.0, 1.0], [0, 1], -1), "scale is -1; expected a positive number"),
        (
            lambda: soft_clustering([0.0, 1.0], [0, 1], [1.0]),
            "scale is \\[1.0\\]; expected a positive number",
        ),
        (lambda: soft_clustering([0.0, 1.0], [0, 1], scale=1e-170), "whose square"),
        (lambda: log_variance([[0.0], [1.0]], ddof=2), "ddof is 2"),
        (lambda: log_variance_bias(2, ddof=2), "ddof is 2"),
    ],
)
def test_messages(call, words):
    with pytest.raises(ValueError, match=words):
        call()
