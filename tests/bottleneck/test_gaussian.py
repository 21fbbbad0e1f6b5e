"""The Gaussian bottleneck: known values, recomputation from the projection, random search, laws."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from ibcourse.bottleneck.gaussian import ar1_covariances, gaussian_ib, gaussian_ib_at_rate
from ibcourse.information import gaussian_mutual_information

SEEDS = st.integers(0, 10_000)


def random_blocks(seed, n=3, m=2):
    root = np.random.default_rng(seed).normal(size=(n + m, n + m + 2))
    cov = root @ root.T
    return cov[:n, :n], cov[n:, n:], cov[:n, n:]


def informations(blocks, projection):
    """I(X;T) and I(T;Y) of T = A X + unit noise, from the covariance of all three."""
    cov_x, cov_y, cov_xy = (np.atleast_2d(block) for block in blocks)
    k, n, m = len(projection), len(cov_x), len(cov_y)
    cov_t = projection @ cov_x @ projection.T + np.eye(k)
    cov = np.block([
        [cov_x, cov_xy, cov_x @ projection.T],
        [cov_xy.T, cov_y, cov_xy.T @ projection.T],
        [projection @ cov_x, projection @ cov_xy, cov_t],
    ])  # fmt: skip
    x, y, t = slice(0, n), slice(n, n + m), slice(n + m, None)

    def of(a, b):
        places = np.r_[np.arange(len(cov))[a], np.arange(len(cov))[b]]
        size = len(np.arange(len(cov))[a])
        return gaussian_mutual_information(cov[np.ix_(places, places)], slice(0, size), slice(size, None))

    return of(x, t), of(t, y)


@pytest.mark.source("S3.Ex2")
def test_known_values_of_the_scalar_curve():
    """ρ = 0.8: the table of the audit."""
    for rate, i_ty in [(0.1, 0.0616560754), (0.5, 0.2592249387), (1, 0.4030296453), (2, 0.4948044960)]:
        g = gaussian_ib_at_rate(1, 1, 0.8, rate)
        assert g.i_ty[0] == pytest.approx(i_ty, abs=5e-11)
        assert g.i_xt[0] == pytest.approx(rate, abs=1e-14)
        assert g.i_ty[0] == pytest.approx(-0.5 * math.log(1 - 0.64 * (1 - math.exp(-2 * rate))))
        again = gaussian_ib(1, 1, 0.8, g.beta)
        assert again.i_xt[0] == pytest.approx(rate, abs=1e-13)
    g = gaussian_ib(1, 1, 0.8, 2)
    assert g.critical_betas[0] == pytest.approx(1.5625)
    assert g.i_xt[0] == pytest.approx(0.5 * math.log(0.64 / 0.36))
    assert gaussian_ib(4, 9, 0.8 * 6, 1e9).i_ty[0] == pytest.approx(0.5108256238, abs=1e-9)


def test_nothing_is_kept_up_to_the_critical_beta():
    g = gaussian_ib(1, 1, 0.8, [0, 0.5, 1, 1.5, 1.5625, 1.5626])
    np.testing.assert_array_equal(g.i_xt[:4], 0)
    np.testing.assert_array_equal(g.lagrangian[:4], 0)
    assert g.i_xt[4] < 1e-14
    assert g.i_xt[5] > 0
    assert g.lagrangian[5] < 0


def test_independent_vectors_have_no_onset():
    g = gaussian_ib(np.eye(2), 1, np.zeros((2, 1)), [1, 100])
    assert g.critical_betas.tolist() == [math.inf]
    np.testing.assert_array_equal(g.i_xt, 0)
    with pytest.raises(ValueError, match="independent"):
        gaussian_ib_at_rate(np.eye(2), 1, np.zeros((2, 1)), 1)


@given(SEEDS, st.sampled_from([(3, 2), (2, 3), (1, 4), (3, 1)]))
@settings(max_examples=25)
def test_the_projection_has_the_informations(seed, sizes):
    blocks = random_blocks(seed, *sizes)
    betas = np.geomspace(0.5, 300, 7)
    g = gaussian_ib(*blocks, betas)
    assert g.projection.shape == (7, min(sizes), sizes[0])
    for i in range(7):
        i_xt, i_ty = informations(blocks, g.projection[i])
        assert g.i_xt[i] == pytest.approx(i_xt, rel=1e-9, abs=1e-12)
        assert g.i_ty[i] == pytest.approx(i_ty, rel=1e-9, abs=1e-12)


@given(SEEDS)
@settings(max_examples=25)
def test_the_critical_betas_are_those_of_the_eigenvalues(seed):
    """1/(1 − λ), λ the eigenvalues of Σ_{X|Y} Σ_X⁻¹, as Chechik et al. have them."""
    cov_x, cov_y, cov_xy = random_blocks(seed, 2, 3)
    given_y = cov_x - cov_xy @ np.linalg.solve(cov_y, cov_xy.T)
    eigenvalues = np.sort(np.linalg.eigvals(given_y @ np.linalg.inv(cov_x)).real)
    g = gaussian_ib(cov_x, cov_y, cov_xy, 1)
    np.testing.assert_allclose(g.critical_betas, 1 / (1 - eigenvalues), rtol=1e-8)
    assert gaussian_ib(cov_x, cov_y, cov_xy, g.critical_betas[0] * 0.999).i_xt[0] == 0
    assert gaussian_ib(cov_x, cov_y, cov_xy, g.critical_betas[0] * 1.001).i_xt[0] > 0


@given(SEEDS)
@settings(max_examples=20)
def test_no_other_projection_is_better(seed):
    """Random ones, and small changes of the optimal one."""
    blocks = random_blocks(seed)
    generator = np.random.default_rng(seed)
    beta = generator.uniform(1, 20)
    g = gaussian_ib(*blocks, beta)
    for size in (1e-3, 1e-2, 0.1, 1):
        for _ in range(5):
            i_xt, i_ty = informations(blocks, g.projection[0] + size * generator.normal(size=(2, 3)))
            assert i_xt - beta * i_ty >= g.lagrangian[0] - 1e-11


@given(SEEDS)
@settings(max_examples=20)
def test_the_slope_of_the_curve_is_the_inverse_of_beta(seed):
    blocks = random_blocks(seed)
    rates = np.linspace(0.05, 4, 9)
    g = gaussian_ib_at_rate(*blocks, rates)
    step = 1e-6
    above, below = (gaussian_ib_at_rate(*blocks, rates + s).i_ty for s in (step, -step))
    np.testing.assert_allclose((above - below) / (2 * step), 1 / g.beta, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(g.i_xt, rates, rtol=1e-11)
    # The curve of Chechik et al., with n coordinates in use.
    for rate, i_ty, beta in zip(rates, g.i_ty, g.beta, strict=True):
        kept = 1 - g.correlations[g.critical_betas < beta] ** 2
        n = len(kept)
        inner = np.prod(1 - kept) ** (1 / n) + math.exp(2 * rate / n) * np.prod(kept) ** (1 / n)
        assert i_ty == pytest.approx(rate - n / 2 * math.log(inner), abs=1e-11)


@given(SEEDS)
@settings(max_examples=20)
def test_laws(seed):
    """Monotone, under both bounds of data processing, L concave in β, and free of the choice of units."""
    cov_x, cov_y, cov_xy = blocks = random_blocks(seed)
    betas = np.linspace(0, 50, 101)
    g = gaussian_ib(*blocks, betas)
    cov = np.block([[cov_x, cov_xy], [cov_xy.T, cov_y]])
    assert (np.diff(g.i_xt) >= 0).all()
    assert (np.diff(g.i_ty) >= 0).all()
    assert (g.i_ty <= g.i_xt).all()
    assert g.i_ty[-1] <= gaussian_mutual_information(cov, slice(0, 3), slice(3, None)) + 1e-12
    assert (g.lagrangian <= 0).all()
    assert (np.diff(g.lagrangian, 2) <= 1e-9).all()
    generator = np.random.default_rng(seed)
    a, b = generator.normal(size=(3, 3)), generator.normal(size=(2, 2))
    moved = gaussian_ib(a @ cov_x @ a.T, b @ cov_y @ b.T, a @ cov_xy @ b.T, betas)
    np.testing.assert_allclose(moved.i_ty, g.i_ty, atol=1e-7)


def test_the_limit_of_large_beta_is_all_information():
    blocks = random_blocks(5)
    cov_x, cov_y, cov_xy = blocks
    cov = np.block([[cov_x, cov_xy], [cov_xy.T, cov_y]])
    total = gaussian_mutual_information(cov, slice(0, 3), slice(3, None))
    assert gaussian_ib(*blocks, 1e10).i_ty[0] == pytest.approx(total, abs=1e-9)


# ------------------------------------------------------------------------------------------ prediction


@pytest.mark.parametrize("a", [0.9, -0.5])
@pytest.mark.parametrize(("past", "future"), [(1, 1), (4, 1), (3, 5)])
def test_the_present_is_all_that_the_past_tells_about_the_future(a, past, future):
    g = gaussian_ib(*ar1_covariances(a, past, future), 1e9)
    assert g.i_ty[0] == pytest.approx(-0.5 * math.log(1 - a * a), abs=1e-8)
    assert g.correlations[0] == pytest.approx(abs(a))
    np.testing.assert_allclose(g.correlations[1:], 0, atol=1e-12)
    g = gaussian_ib(*ar1_covariances(a, past, future), 10)
    np.testing.assert_allclose(g.projection[0, 0, :-1], 0, atol=1e-12)
    assert abs(g.projection[0, 0, -1]) > 0.1


def test_under_noise_the_weights_are_those_of_the_kalman_filter():
    a, noise, past = 0.9, 0.5, 60
    g = gaussian_ib(*ar1_covariances(a, past, 3, noise), 100)
    variance = 1.0  # of the predicted state; Riccati's equation, by iteration
    for _ in range(200):
        kept = variance / (variance + noise)
        variance = a * a * (1 - kept) * variance + 1 - a * a
    weights = g.projection[0, 0, ::-1]
    np.testing.assert_allclose(
        weights[:20] / weights[0], (a * (1 - kept)) ** np.arange(20), rtol=1e-6, atol=1e-12
    )
    np.testing.assert_allclose(g.correlations[1:], 0, atol=1e-10)
    by_length = [gaussian_ib(*ar1_covariances(a, p, 3, noise), 1e9).i_ty[0] for p in (1, 2, 4, 8)]
    assert (np.diff(by_length) > 1e-4).all()  # a longer past predicts better


# ------------------------------------------------------------------------------------- torch, messages


def test_torch_gives_what_numpy_gives():
    blocks = random_blocks(1)
    betas = [0.0, 2.0, 40.0]
    g, t = gaussian_ib(*blocks, betas), gaussian_ib(*map(torch.tensor, blocks), betas)
    for name in ("correlations", "critical_betas", "beta", "i_xt", "i_ty", "lagrangian"):
        assert isinstance(getattr(t, name), torch.Tensor)
        np.testing.assert_allclose(getattr(t, name), getattr(g, name), atol=1e-12)
    np.testing.assert_allclose(abs(t.projection), abs(g.projection), atol=1e-10)
    rates = torch.tensor([0.2, 1.0], dtype=torch.float64)
    np.testing.assert_allclose(
        gaussian_ib_at_rate(*blocks, rates).i_ty, gaussian_ib_at_rate(*blocks, rates.numpy()).i_ty
    )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: gaussian_ib(1, 1, 1, 2), "singular"),
        (lambda: gaussian_ib(1, 1, 1.5, 2), "no variables have these covariances"),
        (lambda: gaussian_ib(np.eye(2), 1, [0.1, 0.1], 2), r"shapes \(2, 2\), \(1, 1\), \(2,\); expected"),
        (lambda: gaussian_ib(1, 1, 0.5, -1), "betas is -1"),
        (lambda: gaussian_ib(1, 1, 0.5, [1, math.inf]), "betas is"),
        (lambda: gaussian_ib_at_rate(1, 1, 0.5, -1), "rates is -1"),
        (lambda: ar1_covariances(1.0), "coefficient is 1.0"),
        (lambda: ar1_covariances(0.5, past=0), "past 0"),
        (lambda: ar1_covariances(0.5, noise=-1), "noise -1"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
