"""Entropy bounds: closed forms, the order of the three, samples, the bias of a logarithm, torch, messages."""

import math

import numpy as np
import pytest
import scipy.stats
import torch
from hypothesis import given
from hypothesis import strategies as st

from ibcourse.differential_entropy import (
    ZERO_ENTROPY_SCALE,
    ZERO_ENTROPY_VARIANCE,
    conditional_log_variance,
    largest_second_moment,
    log_variance,
    log_variance_bias,
    maximum_entropy_bounds,
    second_moment,
    second_moment_bound,
)
from ibcourse.information import Gaussian, gaussian_entropy, gaussian_kl

SEEDS = st.integers(0, 10_000)


def random_cov(k, seed):
    generator = np.random.default_rng(seed)
    root = generator.normal(size=(k, k + 2))
    scale = 10 ** generator.uniform(-2, 2, size=k)
    return root @ root.T * scale * scale[:, None]


# ------------------------------------------------------------------------------------- zero-entropy noise


@pytest.mark.source("S1.6.1b")
def test_zero_entropy_noise():
    assert abs(ZERO_ENTROPY_VARIANCE * 2 * math.pi * math.e - 1) < 1e-15
    assert abs(ZERO_ENTROPY_VARIANCE - 0.0585498315) < 5e-11
    assert abs(ZERO_ENTROPY_SCALE - 0.2419707245) < 5e-11
    assert gaussian_entropy([[ZERO_ENTROPY_VARIANCE]]) == pytest.approx(0, abs=1e-15)


@pytest.mark.source("S1.Obs6", "S1.A5.Prop1")
def test_zero_entropy_noise_orders_the_entropies():
    for seed in range(20):  # Y, F(X) jointly Gaussian, Z = F(X) + ε
        y, _, *_ = np.random.default_rng(seed).normal(size=4)
        f = y**2 + 0.3  # F = yY + noise of variance .3
        cov = [[1, y, y], [y, f, f], [y, f, f + ZERO_ENTROPY_VARIANCE]]
        g = Gaussian(cov, "Y F Z")
        assert g("I(F;Z|Y) <= H(Z|Y)")
        assert g("H(Z|Y) <= H(Z)")
        small = np.array(cov) * 1e-4  # the same law in another unit: noise of negative entropy
        assert not Gaussian(small, "Y F Z")("I(F;Z|Y) <= H(Z|Y)")


@pytest.mark.source("E1.6", "S1.A5.Thm1")
def test_a_sum_has_less_entropy_only_if_the_terms_depend():
    b = 2.0
    assert Gaussian([[b / 4]], "S")("H(S)") == pytest.approx(gaussian_entropy([[b]]) - math.log(2))
    assert gaussian_entropy([[0.7 + b]]) >= gaussian_entropy([[b]])


@pytest.mark.source("E1.7")
def test_the_noise_must_be_independent_jointly():
    rho, v = 0.9, ZERO_ENTROPY_VARIANCE  # F = 0, Y constant: Z = ε, and X depends on ε
    g = Gaussian([[1, rho * math.sqrt(v)], [rho * math.sqrt(v), v]], "X Z")
    assert g("I(X;Z)") == pytest.approx(0.83037, abs=5e-6)
    assert g("H(Z)") == pytest.approx(0, abs=1e-15)


# ------------------------------------------------------------------------------------ maximum-entropy bounds


@pytest.mark.source("S1.A6.Thm2", "E1.10")
def test_the_three_bounds_of_an_example():
    bounds = maximum_entropy_bounds([[1, 0.6], [0.6, 2]])
    assert bounds.covariance == pytest.approx(3.0852251873, abs=5e-11)  # not 6.1704…: the factor ½
    assert bounds.variances == pytest.approx(3.1844506567, abs=5e-11)
    assert bounds.second_moment == pytest.approx(math.log(2 * math.pi * math.e * 3 / 2))


@given(SEEDS, st.integers(1, 5))
@pytest.mark.source("S1.A6.Thm2")
def test_the_bounds_are_in_order_and_their_gaps_are_divergences(seed, k):
    cov = random_cov(k, seed)
    mean = np.random.default_rng(seed).normal(size=k)
    bounds = maximum_entropy_bounds(cov, mean)
    assert bounds.covariance <= bounds.variances + 1e-9
    assert bounds.variances <= bounds.second_moment + 1e-9
    zero, variances = np.zeros(k), np.diag(np.diag(cov))
    assert bounds.variances - bounds.covariance == pytest.approx(
        gaussian_kl(zero, cov, zero, variances), abs=1e-8
    )
    sphere = (np.trace(cov) + mean @ mean) / k * np.eye(k)
    assert bounds.second_moment - bounds.covariance == pytest.approx(
        gaussian_kl(mean, cov, zero, sphere), abs=1e-8
    )


@pytest.mark.parametrize(
    ("law", "k"),
    [
        (scipy.stats.uniform(-1, 2), 1),
        (scipy.stats.laplace(), 1),
        (scipy.stats.t(5), 1),
        (scipy.stats.expon(), 1),
        (scipy.stats.dirichlet([3, 3, 3]), None),
    ],
)
def test_other_laws_lie_below(law, k):
    if k is None:  # two free coordinates of a Dirichlet law
        cov, mean = law.cov()[:2, :2], law.mean()[:2]
    else:
        cov, mean = [[law.var()]], [law.mean()]
    bounds = maximum_entropy_bounds(cov, mean)
    assert law.entropy() < bounds.covariance - 0.01
    assert bounds.covariance <= bounds.second_moment + 1e-12


@pytest.mark.source("S1.C'", "E1.9")
def test_the_constant_of_the_second_moment():
    assert largest_second_moment(1.0, k=2) == pytest.approx(0.3183098862, abs=5e-11)
    printed = math.exp(2 * 1.0) / (2 * math.pi * math.e)
    assert printed == pytest.approx(0.4326279897, abs=5e-11)
    assert second_moment_bound(printed, k=2) == pytest.approx(1.3068528194, abs=5e-11)
    assert second_moment_bound(math.exp(2 * 5) / (2 * math.pi * math.e), k=100) == pytest.approx(
        269.74, abs=5e-3
    )
    assert largest_second_moment(1.0, k=1) == pytest.approx(printed)


@given(st.floats(-50, 50), st.integers(1, 200))
def test_the_second_moment_and_its_bound_are_inverse(entropy, k):
    largest = largest_second_moment(entropy, k)
    assert second_moment_bound(largest, k) == pytest.approx(entropy, abs=1e-9)
    sphere = gaussian_entropy(largest / k * np.eye(min(k, 5)))
    assert sphere * k / min(k, 5) == pytest.approx(entropy, abs=1e-9)  # and the sphere reaches it


# --------------------------------------------------------------------------------------------- from samples


@pytest.mark.source("S1.Reg2", "S1.Reg3")
def test_surrogates_of_a_sample_are_what_numpy_computes():
    z = np.random.default_rng(0).normal(size=(50, 3)) * [1, 10, 0.1]
    for ddof in (0, 1):
        expected = np.sum(np.log(2 * np.pi * np.e * z.var(axis=0, ddof=ddof))) / 2
        assert log_variance(z, ddof=ddof) == pytest.approx(expected, rel=1e-12)
    assert second_moment(z) == pytest.approx(np.mean(np.linalg.norm(z, axis=1) ** 2))
    cov = np.cov(z.T, bias=True)
    assert maximum_entropy_bounds(cov, z.mean(axis=0)).second_moment == pytest.approx(
        second_moment_bound(second_moment(z), 3)
    )


@given(SEEDS)
@pytest.mark.source("S1.Obs7", "S1.Reg1")
def test_conditional_log_variance_is_a_mean_over_classes(seed):
    generator = np.random.default_rng(seed)
    z, y = generator.normal(size=(40, 2)), generator.integers(-1, 4, size=40)
    y[:10] = np.repeat(np.arange(-1, 4), 2)
    for ddof in (0, 1):
        expected = sum(np.mean(y == c) * log_variance(z[y == c], ddof=ddof) for c in np.unique(y))
        assert conditional_log_variance(z, y, ddof=ddof) == pytest.approx(expected, abs=1e-10)


def test_a_class_of_one_sample_is_left_out():
    z, y = np.array([[0.0], [2.0], [50.0], [5.0], [9.0], [7.0]]), [0, 0, 1, 2, 2, 2]
    expected = 2 / 5 * log_variance(z[:2]) + 3 / 5 * log_variance(z[3:])
    assert conditional_log_variance(z, y) == pytest.approx(expected)


def test_a_constant_component_has_no_entropy():
    z = np.array([[1.0, 2.0], [1.0, 3.0]])
    assert log_variance(z) == -math.inf
    assert conditional_log_variance(z, [0, 0]) == -math.inf


@pytest.mark.source("E1.11", "S1.Obs7")
def test_the_bias_of_the_logarithm():
    expected = [-0.6351814227, -0.1351814227, -0.0576032352, -0.0050675094]
    assert log_variance_bias([2, 5, 10, 100]) == pytest.approx(expected, abs=5e-11)
    assert log_variance_bias(5, ddof=0) == pytest.approx(-0.247, abs=5e-4)
    for n in (2, 3, 5, 17):  # E ½ ln of a χ² variable, by SciPy's quadrature
        law = scipy.stats.chi2(n - 1)
        for ddof in (0, 1):
            mean = law.expect(lambda s, n=n, ddof=ddof: 0.5 * np.log(s / (n - ddof)))
            assert log_variance_bias(n, ddof=ddof) == pytest.approx(mean, abs=1e-6)


@pytest.mark.source("E1.11")
def test_the_bias_is_what_samples_show():
    z = np.random.default_rng(1).normal(size=(20_000, 5))
    truth = gaussian_entropy([[1.0]])
    for ddof in (0, 1):
        values = np.log(2 * np.pi * np.e * z.var(axis=1, ddof=ddof)) / 2
        error = values.std() / math.sqrt(len(values))
        assert np.mean(values) - truth == pytest.approx(log_variance_bias(5, ddof=ddof), abs=5 * error)
    assert log_variance_bias(5) < 0  # the estimated bound lies below the entropy of the Gaussian


# ---------------------------------------------------------------------------------------- torch and messages


def test_torch_agrees_and_has_gradients():
    generator = np.random.default_rng(0)
    z, y = generator.normal(size=(30, 4)), generator.integers(3, size=30)
    tensor = torch.tensor(z, requires_grad=True)
    for ours, its in (
        (log_variance(z), log_variance(tensor)),
        (conditional_log_variance(z, y), conditional_log_variance(tensor, torch.tensor(y))),
        (conditional_log_variance(z, y), conditional_log_variance(tensor, y)),
        (second_moment(z), second_moment(tensor)),
        (second_moment_bound(3.0, 2), second_moment_bound(torch.tensor(3.0), 2)),
        (largest_second_moment(3.0, 2), largest_second_moment(torch.tensor(3.0), 2)),
    ):
        assert its.detach().numpy() == pytest.approx(float(ours), rel=1e-12)
    cov = torch.tensor(np.cov(z.T))
    for ours, its in zip(maximum_entropy_bounds(cov.numpy()), maximum_entropy_bounds(cov), strict=True):
        assert its.detach().numpy() == pytest.approx(float(ours), rel=1e-12)
    (gradient,) = torch.autograd.grad(log_variance(tensor), tensor)
    step = 1e-6 * generator.normal(size=z.shape)
    change = log_variance(z + step) - log_variance(z - step)
    assert float((gradient.numpy() * step).sum() * 2) == pytest.approx(change, rel=1e-6)


@pytest.mark.parametrize("as_array", [np.array, torch.tensor])
def test_a_constant_has_no_variance_whatever_rounding_says(as_array):
    assert np.full(3, 0.1).var() > 0  # of its mean, which is not 0.1
    assert log_variance(as_array([[0.1, 1.0], [0.1, 2.0], [0.1, 4.0]])) == -math.inf
    z, y = as_array([[0.1], [0.7]] * 3), as_array([0, 1] * 3)
    assert conditional_log_variance(z, y) == -math.inf
    mixed = as_array([[0.1], [0.7], [0.1], [0.8], [0.1], [0.9]])
    assert conditional_log_variance(mixed, y) == -math.inf
    assert log_variance(z) > -10


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: log_variance([[1.0, 2.0]]), "at least 2 samples"),
        (lambda: log_variance([1.0, 2.0]), "expected \\(n, k\\)"),
        (lambda: second_moment(np.zeros((3, 0))), "expected \\(n, k\\)"),
        (lambda: conditional_log_variance([[1.0], [2.0]], [0, 1]), "no class of y has two samples"),
        (lambda: conditional_log_variance([[1.0], [2.0]], [0.5, 1.0]), "expected integer labels"),
        (lambda: conditional_log_variance([[1.0], [2.0]], [0, 0, 1]), "labels of shape \\(2,\\)"),
        (lambda: log_variance_bias([5, 1]), "at least 2 samples"),
        (lambda: second_moment_bound([1.0, 0.0], 2), "second_moment\\[1\\] is 0"),
        (lambda: second_moment_bound(1.0, 0), "expected a dimension"),
        (lambda: largest_second_moment(1.0, 0), "expected a dimension"),
        (lambda: largest_second_moment(math.nan, 1), "entropy is nan"),
        (lambda: maximum_entropy_bounds([[0.0]]), "variance must be positive"),
        (lambda: maximum_entropy_bounds([[1.0]], [0.0] * 5), "mean has shape \\(5,\\); expected .*1\\)"),
        (lambda: maximum_entropy_bounds(np.eye(3), [1.0]), "mean has shape \\(1,\\); expected .*3\\)"),
        (lambda: maximum_entropy_bounds([np.eye(2)] * 2, np.ones((3, 2))), "expected batch axes"),
        (lambda: maximum_entropy_bounds(np.eye(2), [0.0, math.nan]), "mean\\[1\\] is nan"),
        (lambda: second_moment([[0.0], [math.nan]]), "z\\[1, 0\\] is nan"),
        (lambda: log_variance([[0.0], [math.inf]]), "z\\[1, 0\\] is inf"),
        (lambda: conditional_log_variance([[0.0], [math.nan]], [0, 0]), "z\\[1, 0\\] is nan"),
    ],
)
def test_messages(call, words):
    with pytest.raises(ValueError, match=words):
        call()
