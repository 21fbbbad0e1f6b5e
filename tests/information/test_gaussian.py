"""Gaussian closed forms: known values, determinants, samples and quadrature, laws, gradients, messages."""

import math

import numpy as np
import pytest
import scipy.stats
import torch
from hypothesis import given
from hypothesis import strategies as st

from ibcourse.information import (
    ExpressionError,
    Gaussian,
    gaussian_entropy,
    gaussian_kl,
    gaussian_mutual_information,
)

UNIT_ENTROPY = 0.5 * math.log(2 * math.pi * math.e)


def random_cov(*shape, seed=0):
    """Covariances of shape (..., d, d), well conditioned, with variances of very different sizes."""
    generator = np.random.default_rng(seed)
    d = shape[-1]
    root = generator.normal(size=(*shape[:-1], d + 3))
    cov = root @ np.swapaxes(root, -1, -2)
    scale = 10 ** generator.uniform(-3, 3, size=d)
    return cov * scale * scale[:, None]


COVS = st.integers(0, 10_000).map(lambda seed: random_cov(4, 4, seed=seed))


def correlated(rho):
    return np.array([[1, rho], [rho, 1]])


def markov(a, b, noise=1.0):
    """The covariance of X, Y = aX + noise, Z = bY + noise."""
    y = a * a + noise
    return np.array([[1, a, a * b], [a, y, b * y], [a * b, b * y, b * b * y + noise]])


# -------------------------------------------------------------------------------------------- closed forms


@pytest.mark.source("S3.Def1.2")
def test_entropy():
    assert gaussian_entropy([[1.0]]) == pytest.approx(UNIT_ENTROPY, rel=1e-15)
    assert gaussian_entropy([[1 / (2 * math.pi * math.e)]]) == pytest.approx(0, abs=1e-15)
    assert gaussian_entropy([[1, 0.6], [0.6, 2]]) == pytest.approx(3.0852251873, abs=5e-11)
    for d in (1, 2, 5):
        cov = random_cov(d, d, seed=d)
        expected = scipy.stats.multivariate_normal(cov=cov).entropy()
        assert gaussian_entropy(cov) == pytest.approx(expected, rel=1e-9)
    grid = np.linspace(-40, 40, 4001)  # E −ln p(x), by a grid
    log_p = scipy.stats.norm.logpdf(grid, scale=3)
    mean = -np.sum(np.exp(log_p) * log_p) * (grid[1] - grid[0])
    assert gaussian_entropy([[9]]) == pytest.approx(mean, rel=1e-12)


@pytest.mark.parametrize("rho", [0.0, 0.3, -0.8, 0.999999])
def test_information_of_two_correlated_variables(rho):
    expected = -0.5 * math.log1p(-rho * rho)
    assert gaussian_mutual_information(correlated(rho), 0, 1) == pytest.approx(expected, rel=1e-9, abs=1e-16)
    assert Gaussian(correlated(rho), "X Y")("I(X;Y)") == pytest.approx(expected, rel=1e-9, abs=1e-16)


def test_information_is_the_mean_of_its_density():
    """E ln p(x,y) / (p(x) p(y)), by a grid."""
    grid = np.linspace(-8, 8, 401)
    x, y = np.meshgrid(grid, grid, indexing="ij")
    normal = scipy.stats.multivariate_normal
    log_p = normal(cov=correlated(0.8)).logpdf(np.stack([x, y], -1))
    log_product = scipy.stats.norm.logpdf(x) + scipy.stats.norm.logpdf(y)
    mean = np.sum(np.exp(log_p) * (log_p - log_product)) * (grid[1] - grid[0]) ** 2
    assert gaussian_mutual_information(correlated(0.8), 0, 1) == pytest.approx(mean, abs=1e-8)


def test_divergence():
    def one(mean_p, var_p, mean_q, var_q):
        return (var_p / var_q - 1 - math.log(var_p / var_q) + (mean_p - mean_q) ** 2 / var_q) / 2

    for values in [(1, 1, 0, 1), (0, 2, 0, 0.5), (-1, 0.3, 2, 7)]:
        mean_p, var_p, mean_q, var_q = values
        assert gaussian_kl([mean_p], [[var_p]], [mean_q], [[var_q]]) == pytest.approx(one(*values), rel=1e-14)
    # The divergence of N(mu, sigma²) from the standard normal with mu = 0.5 and sigma = 0.5.
    assert gaussian_kl([0.5], [[0.25]], [0], [[1]]) == pytest.approx(0.5 * (0.25 + 0.25 - 1 + math.log(4)))


@given(COVS, COVS)
def test_divergence_from_determinants(cov_p, cov_q):
    mean_p, mean_q = np.diag(cov_p), np.diag(cov_q)
    solved = np.linalg.solve(cov_q, cov_p)
    shift = mean_p - mean_q
    expected = 0.5 * (np.trace(solved) - 4 - np.linalg.slogdet(solved)[1])
    expected += 0.5 * shift @ np.linalg.solve(cov_q, shift)
    assert gaussian_kl(mean_p, cov_p, mean_q, cov_q) == pytest.approx(expected, rel=1e-6)
    assert gaussian_kl(mean_p, cov_p, mean_p, cov_q) >= 0
    assert 0 <= gaussian_kl(mean_p, cov_p, mean_p, cov_p) < 1e-20


@given(COVS)
def test_information_is_the_divergence_from_the_product_of_the_marginals(cov):
    product = cov.copy()
    product[:2, 2:] = product[2:, :2] = 0
    divergence = gaussian_kl(np.zeros(4), cov, np.zeros(4), product)
    assert gaussian_mutual_information(cov, [0, 1], [2, 3]) == pytest.approx(divergence, rel=1e-6, abs=1e-12)


@given(COVS)
def test_information_from_determinants(cov):
    def logdet(*places):
        return np.linalg.slogdet(cov[np.ix_(places, places)])[1]

    expected = 0.5 * (logdet(0, 3) + logdet(1, 2, 3) - logdet(0, 1, 2, 3) - logdet(3))
    for given_ in (3, [3], slice(3, None), (-1,)):
        found = gaussian_mutual_information(cov, 0, slice(1, 3), given_)
        assert found == pytest.approx(expected, rel=1e-6, abs=1e-10)
    assert Gaussian(cov, "X Y Z", [1, 2, 1])("I(Y;X|Z)") == pytest.approx(expected, rel=1e-6, abs=1e-10)


# -------------------------------------------------------------------------------------------- the language


@given(COVS)
def test_laws(cov):
    g = Gaussian(cov, "W X Y Z")
    for text in (
        "I(X;Y,Z) = I(X;Z) + I(X;Y|Z)",
        "I(X;Y|Z) = H(X|Z) - H(X|Y,Z)",
        "I(X;Y;Z) = I(X;Y) - I(X;Y|Z)",
        "H(W,X,Y,Z) <= H(W) + H(X) + H(Y) + H(Z)",
        "I(X;Y|W,Z) >= 0",
        "H(X|Y) <= H(X)",
        "2 H(X,Y,Z) <= H(X,Y) + H(X,Z) + H(Y,Z)",
        "0 = H(X) - H(X)",
    ):
        assert g(text), text
    assert g("H(X,Y)") == pytest.approx(gaussian_entropy(cov[1:3, 1:3]), rel=1e-12)
    assert g("H(W,X|Z)") == pytest.approx(g("H(W,X,Z)") - g("H(Z)"), rel=1e-9)
    assert g("2 H(X) - 0.5 H(Y)") == pytest.approx(2 * g("H(X)") - 0.5 * g("H(Y)"))


@pytest.mark.source("S3.Ex5")
@pytest.mark.parametrize(("a", "b"), [(1.0, 2.0), (-0.1, 30.0), (0.0, 1.0)])
def test_a_chain(a, b):
    g = Gaussian(markov(a, b), "X Y Z")
    assert g("X -> Y -> Z")
    assert g("I(X;Z) <= I(X;Y)")
    assert g("I(X;Z) = I(X;Y) - I(X;Y|Z)")
    assert g("X -> Z -> Y") == (a == 0)


@pytest.mark.source("E1.15")
def test_the_entropy_distance_of_continuous_variables_is_no_distance():
    """Where it vanishes there is no bijection, and beyond it is negative."""
    rho = math.sqrt(1 - 1 / (2 * math.pi * math.e))
    assert rho == pytest.approx(0.9702835506, abs=5e-11)
    g = Gaussian(correlated(rho), "Y Z")
    assert g("H(Y|Z) + H(Z|Y) = 0")
    assert g("I(Y;Z)") == pytest.approx(UNIT_ENTROPY)
    assert g("I(Y;Z)") == pytest.approx(1.4189385332, abs=5e-11)
    assert Gaussian(correlated(0.99), "Y Z")("H(Y|Z) + H(Z|Y)") == pytest.approx(-1.0792, abs=5e-5)


def test_discrete_truths_that_fail():
    g = Gaussian(correlated(0.99), "X Y")
    assert not g("H(X|Y) >= 0")
    assert not g("I(X;Y) <= H(X)")
    assert not g("H(X,Y) >= H(X)")


def test_marginal_and_conditional_covariances():
    cov = random_cov(4, 4, seed=7)
    g = Gaussian(cov, "X Y Z", sizes=(1, 2, 1))
    np.testing.assert_allclose(g.marginal("Z Y"), cov[np.ix_([3, 1, 2], [3, 1, 2])])
    known, unknown = [0, 3], [1, 2]
    cross = cov[np.ix_(unknown, known)]
    expected = cov[1:3, 1:3] - cross @ np.linalg.solve(cov[np.ix_(known, known)], cross.T)
    np.testing.assert_allclose(g.conditional("Y | Z,X"), expected, rtol=1e-8)
    assert g("H(Y|X,Z)") == pytest.approx(gaussian_entropy(g.conditional("Y | X,Z")), rel=1e-9)
    assert repr(g) == '<Gaussian "X Y Z" with cov of shape (4, 4)>'


# ---------------------------------------------------------------------------------- batches, torch, gradients

TEXTS = ("H(X)", "H(X,Z|Y)", "I(X;Y|Z)", "I(X,Y;Z)", "I(X;Y) - 2 I(Y;Z)", "0")


def test_a_batch_is_many_single_calls():
    covs, means = random_cov(5, 2, 3, 3), np.random.default_rng(1).normal(size=(5, 1, 3))
    g = Gaussian(covs, "X Y Z")
    for text in (*TEXTS, "I(X;Y|Z) <= I(X;Y)", "X -> Y -> Z"):
        expected = [Gaussian(covs[i], "X Y Z")(text) for i in np.ndindex(5, 2)]
        assert g(text).shape == (5, 2)
        np.testing.assert_allclose(g(text).reshape(-1), expected, rtol=1e-12)
    assert g.conditional("Y,X|Z").shape == (5, 2, 2, 2)
    result = gaussian_kl(means, covs, np.zeros(3), covs[0, 0])
    expected = [gaussian_kl(means[i, 0], covs[i, j], np.zeros(3), covs[0, 0]) for i, j in np.ndindex(5, 2)]
    np.testing.assert_allclose(result.reshape(-1), expected, rtol=1e-12)


def test_torch_agrees_with_numpy_and_inputs_stay():
    cov, mean = random_cov(3, 3), np.arange(3.0)
    copy, tensor = cov.copy(), torch.tensor(cov)
    for text in TEXTS:
        result = Gaussian(tensor, "X Y Z")(text)
        assert isinstance(result, torch.Tensor)
        np.testing.assert_allclose(result.numpy(), Gaussian(cov, "X Y Z")(text), rtol=1e-10)
    found = gaussian_kl(torch.tensor(mean), cov, mean - 1, np.eye(3))
    np.testing.assert_allclose(found.numpy(), gaussian_kl(mean, cov, mean - 1, np.eye(3)))
    np.testing.assert_array_equal(cov, copy)
    np.testing.assert_array_equal(tensor.numpy(), copy)
    single = gaussian_entropy(tensor.float())
    assert single.dtype == torch.float64
    np.testing.assert_allclose(single.numpy(), gaussian_entropy(cov), rtol=1e-5)


def test_scalars_are_numpy_floats():
    g = Gaussian(random_cov(3, 3), "X Y Z")
    assert all(isinstance(g(text), np.float64) for text in TEXTS)
    assert isinstance(gaussian_kl([0], [[1]], [0], [[2]]), np.float64)
    assert isinstance(g("H(X) >= 0"), np.bool_)


@pytest.mark.parametrize("text", TEXTS[:-1])
def test_gradients_agree_with_finite_differences(text):
    generator = torch.Generator().manual_seed(0)
    root = torch.randn((3, 4), dtype=torch.float64, generator=generator).requires_grad_()
    assert torch.autograd.gradcheck(lambda root: Gaussian(root @ root.T, "X Y Z")(text), root)


def test_gradients_of_the_divergence():
    generator = torch.Generator().manual_seed(0)
    roots = [torch.randn((3, 4), dtype=torch.float64, generator=generator).requires_grad_() for _ in range(2)]
    means = [torch.randn(3, dtype=torch.float64, generator=generator).requires_grad_() for _ in range(2)]

    def value(mean_p, root_p, mean_q, root_q):
        return gaussian_kl(mean_p, root_p @ root_p.T, mean_q, root_q @ root_q.T)

    assert torch.autograd.gradcheck(value, (means[0], roots[0], means[1], roots[1]))
    # At p = q all singular values are 1, and at independence all are 0: their derivatives must not be nan.
    cov = torch.eye(3, dtype=torch.float64, requires_grad=True)
    zero = torch.zeros(3, dtype=torch.float64)
    total = gaussian_kl(zero, cov, zero, torch.eye(3)) + gaussian_mutual_information(cov, 0, [1, 2])
    (gradient,) = torch.autograd.grad(total, cov)
    torch.testing.assert_close(gradient, torch.zeros(3, 3, dtype=torch.float64))


def test_a_small_information_keeps_its_digits():
    for rho in (1e-5, 1e-9):
        expected = -0.5 * math.log1p(-rho * rho)
        assert gaussian_mutual_information(correlated(rho), 0, 1) == pytest.approx(expected, rel=1e-12, abs=0)
    assert gaussian_mutual_information(np.eye(4), [0, 1], [2], [3]) == 0
    # Units do not matter.
    cov = correlated(0.5) * np.outer([1e-12, 1e9], [1e-12, 1e9])
    assert gaussian_mutual_information(cov, 0, 1) == pytest.approx(-0.5 * math.log(0.75), rel=1e-12)


# --------------------------------------------------------------------------------------------------- messages

G = Gaussian(np.eye(2), "X Y")
SUM = np.array([[1, 0, 1], [0, 1, 1], [1, 1, 2]])  # the third is the sum of the others


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: gaussian_entropy(2.0), r"^cov has shape \(\); expected \(\.\.\., d, d\).* is \[\[v\]\]"),
        (lambda: gaussian_entropy([[1, 2, 3]]), r"^cov has shape \(1, 3\)"),
        (lambda: gaussian_entropy(np.ones((0, 0))), r"^cov has shape \(0, 0\)"),
        (lambda: gaussian_entropy([[math.inf]]), r"^cov\[0, 0\] is inf; expected a finite number"),
        (lambda: gaussian_entropy([[1, 0], [0, 0]]), r"^cov\[1, 1\] is 0; a variance must be positive"),
        (lambda: gaussian_entropy([[1, 0], [0, -1]]), r"^cov\[1, 1\] is -1; a variance must be positive"),
        (lambda: gaussian_entropy([[1, 0.5], [0.4, 1]]), r"^cov\[0, 1\] is 0\.5 and cov\[1, 0\] is 0\.4"),
        (
            lambda: gaussian_entropy(correlated(2)),
            r"^cov has the smallest eigenvalue -1; a covariance matrix",
        ),
        (
            lambda: Gaussian(correlated(1), "X Y"),
            r"^cov has the smallest eigenvalue .* is singular: .* infinite",
        ),
        (lambda: gaussian_entropy(SUM), r"is singular"),
        (lambda: gaussian_entropy(torch.tensor([[1.0, 1.0], [1.0, 1.0 + 1e-7]])), r"is singular"),
        (lambda: gaussian_entropy([[1e-12, 5e-13], [4e-13, 1e-12]]), r"^cov\[0, 1\] is 5e-13 and"),
        (lambda: gaussian_entropy([np.eye(2), correlated(3)]), r"^cov\[1\] has the smallest eigenvalue -2"),
        (lambda: gaussian_kl([0], [[1]], [0], [[-1]]), r"^cov_q\[0, 0\] is -1"),
        (lambda: gaussian_kl([0, 1], [[1]], [0], [[1]]), r"mean_p \(2,\), cov_p \(1,\), mean_q \(1,\)"),
        (lambda: gaussian_kl(0, [[1]], 0, [[1]]), r"mean_p \(\)"),
        (lambda: gaussian_kl([math.nan], [[1]], [0], [[1]]), r"^mean_p\[0\] is nan"),
        (lambda: gaussian_mutual_information(np.eye(2), 0, 0), r"x = \[0\], y = \[0\].* none twice"),
        (lambda: gaussian_mutual_information(np.eye(2), 0, -2), r"none twice"),
        (lambda: gaussian_mutual_information(np.eye(2), 0, ()), r"at least one in x and in y"),
        (lambda: gaussian_mutual_information(np.eye(2), 0, 2), r"^y is 2; expected coordinates from 0 to 1"),
        (lambda: Gaussian(np.eye(3), "X Y"), r'^names is "X Y" and sizes is \[1, 1\]; expected .* 3 in all'),
        (lambda: Gaussian(np.eye(3), "X Y", [1, 1, 1]), r"sizes is \[1, 1, 1\]"),
        (lambda: Gaussian(np.eye(3), "X Y", [3, 0]), r"expected a positive size"),
        (lambda: Gaussian(np.eye(2), "X X"), r'^"X X" names X twice'),
        (lambda: G.marginal("Z"), r'^unknown variable "Z"'),
        (lambda: G.conditional("X"), r'^names is "X"; expected one bar'),
        (lambda: G.conditional("X | X"), r'^"X X" names X twice'),
    ],
)
def test_messages(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("text", ["I(X;X)", "H(X) + H(Y|Y)", "I(X;Y|X) = 0", "H(X,X)", "I(X;W)"])
def test_what_is_infinite_or_unknown_is_refused(text):
    with pytest.raises(ExpressionError, match="is infinite" if "W" not in text else "unknown variable"):
        G(text)
    assert G("H(X) + I(X;Y)") == pytest.approx(UNIT_ENTROPY)  # twice in two quantities is no matter
