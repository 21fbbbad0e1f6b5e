"""Entropy and information from counts, and binned: definitions, averages over samples, warnings."""

import math
from itertools import product

import numpy as np
import pytest
import scipy.stats
import torch
from hypothesis import given
from hypothesis import strategies as st

from ibcourse.estimators import binned, entropy_discrete, information_discrete, shuffled_information
from ibcourse.information import entropy, mutual_information

METHODS = ["plug-in", "miller-madow", "jackknife", "grassberger", "chao-shen"]
COUNTS = st.lists(st.integers(0, 30), min_size=1, max_size=8).filter(any)


@given(COUNTS)
def test_plug_in_is_the_entropy_of_the_frequencies(counts):
    frequencies = np.array(counts) / sum(counts)
    assert entropy_discrete(counts).value == pytest.approx(entropy(frequencies), abs=1e-12)


@given(COUNTS.filter(lambda counts: sum(counts) > 1))
def test_jackknife_by_leaving_out_each_sample(counts):
    n = sum(counts)
    without = []
    for s, number in enumerate(counts):
        less = np.array(counts)
        less[s] -= 1
        without += [entropy_discrete(less).value] * number if number else []
    expected = n * entropy_discrete(counts).value - (n - 1) * np.mean(without)
    assert entropy_discrete(counts, "jackknife").value == pytest.approx(expected, abs=1e-9)


def test_grassberger_by_its_recursion():
    g = {1: -np.euler_gamma - math.log(2)}
    g[2] = 2 + g[1]
    for n in range(2, 40, 2):
        g[n + 1], g[n + 2] = g[n], g[n] + 2 / (n + 1)
    counts = [1, 2, 3, 7, 12, 40]
    expected = math.log(65) - sum(n * g[n] for n in counts) / 65
    assert entropy_discrete(counts, "grassberger").value == pytest.approx(expected)


def test_chao_shen_and_miller_madow_by_hand():
    p = np.array([2, 1, 1]) / 4 * 0.5  # half of the probability is unseen
    expected = -np.sum(p * np.log(p) / (1 - (1 - p) ** 4))
    assert entropy_discrete([2, 1, 1], "chao-shen").value == pytest.approx(expected)
    assert math.isfinite(entropy_discrete([1, 1, 1], "chao-shen").value)
    assert entropy_discrete([2, 0, 2], "miller-madow").value == pytest.approx(math.log(2) + 1 / 8)


@pytest.mark.parametrize("method", METHODS)
def test_one_symbol_has_no_entropy_and_many_samples_the_true_one(method):
    if method != "grassberger":  # which treats odd and even counts alike on average only
        assert entropy_discrete([9], method).value == pytest.approx(0, abs=1e-12)
    p = np.array([0.5, 0.25, 0.15, 0.1])
    estimate = entropy_discrete((p * 1_000_000).astype(int), method)
    assert estimate.value == pytest.approx(entropy(p), abs=1e-5)
    assert estimate.error == pytest.approx(
        math.sqrt(np.sum(p * np.log(p) ** 2) - entropy(p) ** 2) / 1000, rel=1e-6
    )


@pytest.mark.parametrize("method", METHODS[1:])
def test_a_correction_lowers_the_bias(method):
    """Exact averages over all samples of 12 from 3 symbols."""
    p, n = np.array([0.5, 0.3, 0.2]), 12
    tables = [(a, b, n - a - b) for a, b in product(range(n + 1), repeat=2) if a + b <= n]
    weight = scipy.stats.multinomial.pmf(tables, n, p)
    bias = {
        name: weight @ [entropy_discrete(table, name).value for table in tables] - entropy(p)
        for name in ("plug-in", method)
    }
    assert bias["plug-in"] < -0.08
    assert abs(bias[method]) < 0.6 * abs(bias["plug-in"])


@given(st.lists(st.integers(0, 20), min_size=6, max_size=6).filter(any))
def test_information_is_that_of_the_table(cells):
    counts = np.reshape(cells, (2, 3))
    estimate = information_discrete(counts)
    assert estimate.value == pytest.approx(mutual_information(counts / counts.sum()), abs=1e-12)


def test_shuffles_show_the_bias():
    rng = np.random.default_rng(0)
    counts = rng.multinomial(200, np.full(30, 1 / 30)).reshape(5, 6)
    baseline = shuffled_information(counts, 200)
    assert baseline.mean() == pytest.approx(4 * 5 / (2 * 200), rel=0.15)
    assert abs(information_discrete(counts).value - baseline.mean()) < 4 * baseline.std()
    # the sampler of tables in SciPy fails for counts in the last row alone
    assert shuffled_information([[0, 0], [3, 4]], 5) == pytest.approx(np.zeros(5), abs=1e-12)


def test_few_samples_make_an_entropy_too_low_but_not_every_information_too_high():
    copies = np.random.default_rng(0).multinomial(50, np.full(20, 0.05), size=200)
    estimates = [information_discrete(np.diag(counts)) for counts in copies]
    assert np.mean([estimate.value for estimate in estimates]) < math.log(20) - 0.15
    assert "too high unless the dependence is strong" in estimates[0].warning
    assert "too low by about" in entropy_discrete(copies[0]).warning


def test_the_error_is_the_spread():
    p = np.array([[0.4, 0.1], [0.1, 0.4]])
    rng = np.random.default_rng(0)
    estimates = [information_discrete(rng.multinomial(500, p.ravel()).reshape(2, 2)) for _ in range(300)]
    spread = np.std([estimate.value for estimate in estimates])
    assert np.mean([estimate.error for estimate in estimates]) == pytest.approx(spread, rel=0.15)


def test_binned_is_the_information_of_the_cells():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(5000, 1)), rng.normal(size=(5000, 2))
    y[:, 0] += x[:, 0]
    table = np.histogramdd(np.hstack([x, y]), bins=[np.arange(-6, 7)] * 3)[0].reshape(12, -1)
    assert binned(x, y, width=1).value == pytest.approx(information_discrete(table).value, abs=1e-12)
    assert binned(x, y, width=1) == binned(x[:, 0], y, width=1)
    edges = [np.linspace(z.min(), z.max(), 5) for z in (x, y[:, 0])]
    table = np.histogram2d(x[:, 0], y[:, 0], bins=edges)[0]
    assert binned(x, y[:, 0], bins=4).value == pytest.approx(information_discrete(table).value, abs=1e-12)
    assert binned(x, x * 0 + 1.5, bins=4).value == 0  # a constant has one bin


def test_binned_covers_what_lies_outside_of_a_fixed_range():
    """Bins fixed on [−1, 1] lose all that a ReLU gives above one."""
    z = np.maximum(0, np.linspace(-5, 5, 1001))
    assert binned(np.arange(1001) // 100, (z > 2.5).astype(float) * 3 + z, width=1).value > 1


def test_binned_deterministic_map_reaches_ln_n_and_says_so():
    x = np.linspace(-2, 2, 400)
    values = [binned(np.arange(400), np.tanh(x), width=w).value for w in (1, 0.1, 0.01, 1e-6)]
    assert sorted(values) == values
    assert values[-1] == pytest.approx(math.log(400))
    assert "too few" in binned(x, np.tanh(x), width=1e-6).warning
    assert "is a function of the other" in binned(np.arange(400), np.tanh(x), width=0.5).warning
    rng = np.random.default_rng(0)
    assert binned(*rng.normal(size=(2, 5000)), width=1).warning == ""


@pytest.mark.parametrize("times", [10**6, 10**8, 10**15])
def test_as_many_samples_as_there_may_be(times):
    table = np.array([[4, 1], [1, 4]])
    found, few = information_discrete(table * times), information_discrete(table)
    assert found.value == pytest.approx(few.value, abs=1e-13)
    assert found.error == pytest.approx(few.error / math.sqrt(times), rel=1e-9)
    miller_madow = math.log(2) + 1 / (4 * times)  # what the jackknife is for many samples
    assert entropy_discrete([times, times], "jackknife").value == pytest.approx(miller_madow, abs=1e-12)


def test_half_precision_is_cut_and_not_taken_as_symbols():
    x = torch.linspace(-2, 2, 64)
    half = binned(x.bfloat16(), x, width=0.5)
    assert half == binned(x.bfloat16().float(), x, width=0.5)
    assert half != binned(torch.arange(64), x, width=0.5) == binned(np.arange(64), x, width=0.5)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: entropy_discrete([1, -1]), "other numbers than 0, 1, 2"),
        (lambda: entropy_discrete([0.5, 0.5]), "other numbers"),
        (lambda: entropy_discrete([0, 0]), "sums to 0"),
        (lambda: entropy_discrete([1], "best"), "expected one of plug-in"),
        (lambda: information_discrete([1, 2]), "a table of pairs"),
        (lambda: binned([0.0], [0.0]), "expected one of them"),
        (lambda: binned([0.0], [0.0], width=1, bins=2), "expected one of them"),
        (lambda: binned([0.0], [0.0], bins=-1), "bins is -1; expected a whole number"),
        (lambda: binned([0.0], [0.0], width=0), "width is 0; expected a positive number"),
        (lambda: binned([0.0], [0.0], width="1"), "width is '1'; expected a positive number"),
        (lambda: binned([0.0], [0.0], bins=2.5), "bins is 2.5; expected a whole number"),
        (lambda: entropy_discrete([1e19, 1e19]), "counts sums to 2e\\+19"),
        (lambda: shuffled_information([[1, 2], [3, 4]], seed=-1), "seed is -1; expected a whole number"),
        (lambda: shuffled_information([[1, 2], [3, 4]], 2.5), "repeats is 2.5"),
        (lambda: binned([0.0], [0.0, 1.0], bins=2), "1 and 2 samples"),
    ],
)
def test_bad_input(call, words):
    with pytest.raises(ValueError, match=words):
        call()
