"""Tasks with known information: each value against another computation, each map undone."""

import re

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import ndtr
from scipy.stats import multivariate_normal, multivariate_t, norm

from ibcourse.data import load

TASKS = load("known-information")
# As printed in the paper's tables (nats).
PUBLISHED = {
    "normal": 0.4133,
    "normal-cdf": 0.4133,
    "normal-half-cube": 0.4133,
    "swiss-roll": 0.4133,
    "uniform-0.1": 1.7094,
    "uniform-0.75": 0.3333,
    "student-1-1": 0.2242,
    "student-1-1-asinh": 0.2242,
    "dense-2": 0.2939,
    "dense-3": 0.4133,
    "dense-5": 0.5928,
    "dense-25": 1.2922,
    "dense-50": 1.6243,
    "sparse-2": 1.0217,
    "sparse-3": 1.0217,
    "sparse-5-half-cube": 1.0217,
    "sparse-25-spiral": 1.0217,
    "student-2-1": 0.4319,
    "student-2-2": 0.1931,
    "student-3-2": 0.2909,
    "student-3-3": 0.1787,
    "student-5-2": 0.4482,
    "student-5-3": 0.2985,
}
MAPPED = [name for name in TASKS if re.search("[a-z]$", name) and name != "normal"]


@pytest.mark.parametrize(("name", "value"), PUBLISHED.items())
def test_the_published_values_come_out(name, value):
    assert TASKS[name].information == pytest.approx(value, abs=5.1e-5)


@pytest.mark.parametrize("name", TASKS)
def test_a_sample_is_what_the_task_says_and_follows_the_generator(name):
    task = TASKS[name]
    x, y = task.sample(50, np.random.default_rng(3))
    assert task.name == name
    assert (x.shape, y.shape) == ((50, task.dims[0]), (50, task.dims[1]))
    assert x.dtype == np.float64
    assert y.dtype == (np.int64 if name.startswith("corners") else np.float64)
    assert np.isfinite(x).all()
    again, other = (task.sample(50, np.random.default_rng(seed)) for seed in (3, 4))
    np.testing.assert_array_equal(x, again[0])
    np.testing.assert_array_equal(y, again[1])
    assert (x != other[0]).all()


def scale_matrix(name, d):
    """The matrix of the normal or t distribution, written out pair by pair."""
    matrix = np.eye(2 * d)
    correlation, pairs = {
        "normal": (0.75, 1),
        "sparse": (0.8, 2),
        "pairs": (0.6, d),
        "student": (0, 0),
        "dense": (0.5, 0),
    }[name.split("-")[0]]
    for i in range(2 * d):
        for j in range(2 * d):
            if (abs(i - j) == d and min(i, j) < pairs) or (name.startswith("dense") and i != j):
                matrix[i, j] = correlation
    return matrix


@pytest.mark.parametrize(
    "name", [name for name in TASKS if name not in MAPPED and not name.startswith(("uniform", "corners"))]
)
def test_the_mean_log_ratio_of_the_densities_is_the_information(name):
    task = TASKS[name]
    d = task.dims[0]
    matrix = scale_matrix(name, d)
    if name.startswith("student"):
        freedom = int(name.split("-")[2])
        whole, half = (multivariate_t(shape=part, df=freedom) for part in (matrix, matrix[:d, :d]))
    else:
        whole, half = (multivariate_normal(cov=part) for part in (matrix, matrix[:d, :d]))
    x, y = task.sample(20_000, np.random.default_rng(0))
    ratio = whole.logpdf(np.hstack([x, y])) - half.logpdf(x) - half.logpdf(y)
    error = ratio.std() / np.sqrt(len(ratio))
    assert error < 0.03
    assert abs(ratio.mean() - task.information) < 4 * error


@pytest.mark.parametrize("noise", [0.1, 0.75])
def test_additive_uniform_noise_by_quadrature(noise):
    task = TASKS[f"uniform-{noise}"]

    def content(y):
        density = max(0.0, min(1, y + noise) - max(0, y - noise)) / (2 * noise)
        return -density * np.log(density) if density else 0.0

    entropy, _ = quad(content, -noise, 1 + noise, points=[noise, 1 - noise], epsabs=1e-10)
    assert task.information == pytest.approx(entropy - np.log(2 * noise), abs=1e-8)
    x, y = task.sample(20_000, np.random.default_rng(0))
    assert 0 <= x.min() < 0.001 < 0.999 < x.max() < 1
    np.testing.assert_allclose([(y - x).min(), (y - x).max()], [-noise, noise], rtol=1e-3)
    assert np.corrcoef(x[:, 0], (y - x)[:, 0])[0, 1] == pytest.approx(0, abs=0.03)


def test_corners_on_a_grid_of_the_plane():
    grid = np.linspace(-9, 9, 361)
    axis = {sign: norm.pdf(grid, loc=sign) for sign in (-1, 1)}
    joint = np.stack([np.outer(axis[first], axis[second]) / 4 for first in axis for second in axis])
    joint *= (grid[1] - grid[0]) ** 2
    total = joint.sum(axis=0)
    assert total.sum() == pytest.approx(1, abs=1e-12)
    information = (joint * np.log(4 * joint / total)).sum()
    assert TASKS["corners-2"].information == pytest.approx(information, abs=1e-9)


@pytest.mark.parametrize("d", [1, 2, 5])
def test_corners_by_the_posterior_of_their_own_sample(d):
    task = TASKS[f"corners-{d}"]
    x, y = task.sample(20_000, np.random.default_rng(0))
    corners = 2 * ((np.arange(2**d)[:, None] >> np.arange(d)) & 1) - 1
    score = norm.logpdf(x[:, None], loc=corners).sum(axis=2)
    true = np.take_along_axis(score, y, axis=1)[:, 0]
    content = true - np.logaddexp.reduce(score, axis=1) + d * np.log(2)
    error = content.std() / np.sqrt(len(content))
    assert abs(content.mean() - task.information) < 4 * error < 0.05
    assert set(y[:, 0]) == set(range(2**d))


def base(name):
    return TASKS["normal" if name == "swiss-roll" else re.sub("-(half-cube|[a-z]+)$", "", name)]


def order(x):
    return np.argsort(x, axis=0)


def unwind(x):
    """Undo the Swiss roll, up to the distribution function."""
    return (21 * np.hypot(x[:, :1], x[:, 1:]) / (1.5 * np.pi) - 1) / 2


def turn_back(x):
    angle = -(x**2).sum(axis=1) / x.shape[1]
    z = (x[:, 0] + 1j * x[:, 1]) * np.exp(1j * angle)
    return np.column_stack([z.real, z.imag, x[:, 2:]])


@pytest.mark.parametrize("name", MAPPED)
def test_a_map_can_be_undone_so_that_it_keeps_the_information(name):
    task, before = TASKS[name], base(name)
    assert task.information == before.information
    (x, y), (x_before, y_before) = (one.sample(500, np.random.default_rng(0)) for one in (task, before))
    assert x.shape != x_before.shape or (np.abs(x - x_before).max(axis=0)[:2] > 0.01).all()
    if name == "swiss-roll":
        np.testing.assert_allclose(unwind(x), ndtr(x_before), atol=1e-12)
        np.testing.assert_array_equal(y, y_before)
    elif name.endswith("spiral"):
        np.testing.assert_allclose(turn_back(x), x_before, atol=1e-12)
        np.testing.assert_allclose(turn_back(y), y_before, atol=1e-12)
    else:
        np.testing.assert_array_equal(order(x), order(x_before))
        np.testing.assert_array_equal(order(y), order(y_before))


def test_the_distribution_function_makes_uniform_margins_and_the_half_cube_heavy_ones():
    x, _ = TASKS["normal-cdf"].sample(10_000, np.random.default_rng(0))
    np.testing.assert_allclose(np.histogram(x, 10, (0, 1))[0], 1000, atol=150)
    x, _ = TASKS["normal-half-cube"].sample(10_000, np.random.default_rng(0))
    z, _ = TASKS["normal"].sample(10_000, np.random.default_rng(0))
    np.testing.assert_allclose(np.abs(x), np.abs(z) ** 1.5)


def test_the_bimodal_margins_have_two_modes():
    x, y = TASKS["normal-bimodal"].sample(10_000, np.random.default_rng(0))
    for z in x, y:
        left, middle, right = (((z > low) & (z < low + 1)).sum() for low in (-3, -0.5, 2))
        assert middle < min(left, right) / 2
