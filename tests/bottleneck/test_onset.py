"""The onset: closed forms, grids, expansions, the optimum on both sides, laws and messages."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from ibcourse.bottleneck import cluster_divergences, envelope, onset
from ibcourse.information import entropy, kl_divergence, mutual_information

WORKED = np.array([[0.05, 0.45], [0.4, 0.1]])  # p(y=1|x) = .9, .2: the worked example of the tutorial
SEEDS = st.integers(0, 10_000)


def random_table(seed, n, m, concentration=1.0):
    generator = np.random.default_rng(seed)
    rows = generator.dirichlet(np.full(m, concentration), n)
    return generator.dirichlet(np.full(n, 3.0))[:, None] * rows


def symmetric(q, kept):
    """q inputs and outputs; the input is kept with a probability, and otherwise replaced at random."""
    return (kept * np.eye(q) + (1 - kept) / q) / q


def ratios(p_xy, r):
    cost, gain = cluster_divergences(p_xy, r)
    far = gain > 1e-9
    return cost[far] / gain[far]


# ------------------------------------------------------------------------------------------ closed forms


@pytest.mark.parametrize("error", [0.01, 0.1, 0.3, 0.45])
def test_binary_symmetric_channel(error):
    found = onset([[(1 - error) / 2, error / 2], [error / 2, (1 - error) / 2]])
    assert found.kind == "continuous"
    assert found.beta == found.local == pytest.approx((1 - 2 * error) ** -2, rel=1e-12)
    assert found.minimiser is None
    assert found.jump == 0
    np.testing.assert_allclose(abs(found.direction), 1)


@pytest.mark.source("E0.3")
def test_the_worked_example_has_a_window():
    found = onset(WORKED)
    assert found.kind == "first-order"
    assert 1 / found.beta == pytest.approx(0.49830501, abs=5e-9)
    assert found.beta == pytest.approx(2.0068030, abs=5e-8)
    assert found.local == pytest.approx(99 / 49, rel=1e-12)
    assert found.minimiser[0] == pytest.approx(0.64036380, abs=2e-7)
    cost, gain = cluster_divergences(WORKED, found.minimiser)
    assert cost / gain == pytest.approx(found.beta, rel=1e-13)
    # So β = 2 of the worked example lies below the onset: nothing beats the constant encoder.
    assert found.beta > 2


@pytest.mark.source("E0.4")
@pytest.mark.parametrize("p_x", [[0.5, 0.5], [0.4, 0.6], [0.2, 0.3, 0.5]])
@pytest.mark.parametrize("erased", [0.2, 0.7])
def test_an_erasure_channel_is_degenerate_though_it_has_no_blocks(p_x, erased):
    """Its ratio is the same everywhere, so that everything is learnt at once."""
    p_x = np.array(p_x)
    found = onset(np.hstack([(1 - erased) * np.diag(p_x), erased * p_x[:, None]]))
    assert found.kind == "degenerate"
    np.testing.assert_allclose([found.beta, found.local], 1 / (1 - erased))
    np.testing.assert_allclose(found.jump, entropy(p_x), atol=1e-6)


def test_a_deterministic_target_and_blocks_are_degenerate():
    p_x = np.array([0.1, 0.2, 0.3, 0.4])
    found = onset(p_x[:, None] * np.eye(2)[[0, 0, 1, 1]])
    assert (found.kind, found.beta, found.local) == ("degenerate", 1.0, 1.0)
    assert found.jump == pytest.approx(0.61086430, abs=5e-9)  # H(Y) at once
    np.testing.assert_allclose(found.minimiser, [1 / 3, 2 / 3, 0, 0])
    identity = onset(np.diag(p_x))
    assert identity.jump == pytest.approx(entropy(p_x))
    blocks = np.zeros((4, 4))
    blocks[:2, :2], blocks[2:, 2:] = 0.3 * random_table(0, 2, 2), 0.7 * random_table(1, 2, 2)
    found = onset(blocks)
    assert (found.kind, found.beta) == ("degenerate", 1.0)
    assert found.jump == pytest.approx(entropy([0.3, 0.7]))
    cost, gain = cluster_divergences(blocks, found.minimiser)
    assert cost / gain == pytest.approx(1)


def test_independent_variables_have_no_onset():
    for table in (np.outer([0.2, 0.8], [0.3, 0.3, 0.4]), np.ones((1, 3)) / 3, np.ones((3, 1)) / 3):
        found = onset(table)
        assert (found.kind, found.beta, found.local, found.minimiser) == ("none", math.inf, math.inf, None)


@pytest.mark.parametrize(("q", "kept"), [(3, 0.5), (4, 0.9), (5, 0.3)])
def test_a_symmetric_channel_of_three_or_more_letters_jumps(q, kept):
    """Its q minimisers favour one letter each, and their mean is p_X: all of them come at once."""
    found = onset(symmetric(q, kept))
    assert found.kind == "first-order"
    assert found.local == pytest.approx(kept**-2)
    # By symmetry r = (a, b, ..., b): scan a.
    a = np.linspace(1 / q + 1e-3, 1 - 1e-9, 50_001)
    r = np.column_stack([a, *[(1 - a) / (q - 1)] * (q - 1)])
    least = ratios(symmetric(q, kept), r).min()
    assert found.beta <= least + 1e-12
    assert found.beta == pytest.approx(least, rel=1e-7)
    assert found.jump == pytest.approx(kl_divergence(found.minimiser, np.full(q, 1 / q)), rel=1e-6)


def test_the_jump_is_seen_in_the_optimum():
    table = symmetric(3, 0.5)
    found = onset(table)
    assert envelope(table, found.beta * (1 - 1e-5)).i_xt == pytest.approx(0, abs=1e-12)
    assert envelope(table, found.beta * (1 + 1e-5)).i_xt == pytest.approx(found.jump, rel=1e-2)
    # Without symmetry the information grows from zero, in proportion, though the new cluster is far away.
    onset_worked = onset(WORKED)
    near, far = (envelope(WORKED, onset_worked.beta + step) for step in (5e-4, 1e-3))
    assert onset_worked.jump == 0
    assert far.i_xt == pytest.approx(2 * near.i_xt, rel=0.1)
    assert near.atoms[1] == pytest.approx(onset_worked.minimiser, abs=0.01)


# ------------------------------------------------------------------------------------------- brute force


@given(SEEDS, st.sampled_from([0.2, 1.0]))
@settings(max_examples=10)
def test_two_inputs_against_a_grid(seed, concentration):
    table = random_table(seed, 2, 3, concentration)
    s = 1 / (1 + np.exp(-np.linspace(-30, 30, 20_001)))
    least = min(ratios(table, np.stack([s, 1 - s], 1)).min(), onset(table).local)
    assert onset(table).beta <= least * (1 + 1e-9)
    assert onset(table).beta == pytest.approx(least, rel=1e-5)


@given(SEEDS)
@settings(max_examples=10)
def test_two_outputs_against_all_tilts(seed):
    """For given rW the cheapest r is a tilt of p_X; with two outputs tilts are one curve."""
    table = random_table(seed, 7, 2)
    p_x = table.sum(1)
    theta = np.linspace(-100, 100, 10_001)[:, None]
    log_r = np.log(p_x) + theta * (table[:, 0] / p_x)
    r = np.exp(log_r - log_r.max(1, keepdims=True))
    least = min(ratios(table, r / r.sum(1, keepdims=True)).min(), onset(table).local)
    assert onset(table).beta <= least * (1 + 1e-9)
    assert onset(table).beta == pytest.approx(least, rel=1e-4)


@given(SEEDS, st.sampled_from([(3, 3), (4, 3), (6, 5)]), st.sampled_from([0.2, 1.0]))
@settings(max_examples=10)
def test_no_random_distribution_has_a_smaller_ratio(seed, shape, concentration):
    table = random_table(seed, *shape, concentration)
    generator = np.random.default_rng(seed)
    r = np.concatenate([
        generator.dirichlet(np.full(shape[0], c), 3000) for c in (0.1, 1, 10)
    ])  # fmt: skip
    found = onset(table)
    assert found.beta <= ratios(table, r).min() * (1 + 1e-9)
    # Nor one near the minimiser.
    if found.minimiser is not None:
        r = found.minimiser * np.exp(1e-2 * generator.normal(size=(1000, shape[0])))
        assert found.beta <= ratios(table, r / r.sum(1, keepdims=True)).min() * (1 + 1e-12)


@pytest.mark.parametrize("n", [2, 3])
@pytest.mark.parametrize("seed", range(2))
def test_the_optimum_is_zero_below_and_negative_above(n, seed):
    table = random_table(seed, n, 3)
    found = onset(table)
    assert envelope(table, found.beta * (1 - 1e-6)).lagrangian == pytest.approx(0, abs=1e-13)
    assert envelope(table, found.beta * (1 + 1e-2)).lagrangian < -1e-9


# ------------------------------------------------------------------------------------------------- laws


@given(SEEDS, st.sampled_from([(2, 4), (5, 5), (9, 3)]))
@settings(max_examples=12)
def test_laws(seed, shape):
    table = random_table(seed, *shape)
    found = onset(table)
    p_x, p_y = table.sum(1), table.sum(0)
    assert 1 < found.beta <= found.local
    assert found.kind == ("first-order" if found.beta < found.local else "continuous")
    # The singular function, and 1/σ₂² as the ratio of variances along it.
    f = found.direction
    g = (f @ table) / p_y
    assert p_x @ f == pytest.approx(0, abs=1e-12)
    assert p_x @ f**2 == pytest.approx(1)
    assert 1 / (p_y @ g**2) == pytest.approx(found.local)
    # I(T;Y) ≤ I(X;T)/β₀ for T = X in particular.
    assert mutual_information(table) <= entropy(p_x) / found.beta + 1e-12
    # Neither duplicates, nor the order, nor symbols that never occur change it.
    split = np.vstack([table[:1] * 0.3, table[1:], table[:1] * 0.7, 0 * table[:1]])[::-1]
    again = onset(split)
    assert again.beta == pytest.approx(found.beta, rel=1e-8)
    assert again.kind == found.kind
    if again.minimiser is not None:
        assert again.minimiser[0] == 0


@given(SEEDS)
@settings(max_examples=10)
def test_a_third_order_term_makes_the_onset_first_order(seed):
    """Along p_X (1 + εf) the ratio is 1/σ² · [1 − ε/3 (E f³ − σ E ĝ³)] + O(ε²)."""
    table = random_table(seed, 3, 3)
    found = onset(table)
    p_x, p_y, f = table.sum(1), table.sum(0), found.direction
    g = (f @ table) / p_y
    slope = (p_x @ f**3 - (p_y @ g**3) * found.local) / 3
    step = 1e-4
    cost, gain = cluster_divergences(table, p_x * (1 + np.array([[step], [-step]]) * f))
    above, below = cost / gain / found.local
    assert (below - above) / (2 * step) == pytest.approx(slope, abs=1e-4)
    assert abs(slope) > 1e-4  # as a rule
    assert found.kind == "first-order"


def test_rows_of_zeros_and_small_cells():
    table = np.array([[0.3, 0.0, 0.1], [0.0, 0.2, 0.1], [0.1, 0.1, 0.1]])
    found = onset(table)
    assert 1 < found.beta < found.local
    assert np.isfinite(found.minimiser).all()
    assert found.minimiser.sum() == pytest.approx(1)
    tiny = onset(np.array([[0.5, 1e-12], [1e-12, 0.5 - 2e-12]]))
    assert 1 <= tiny.beta <= tiny.local < 1.0001


# ------------------------------------------------------------------------------------- torch, messages


def test_cluster_divergences():
    r = np.array([[0.5, 0.5], [1.0, 0.0]])
    cost, gain = cluster_divergences(WORKED, r)
    np.testing.assert_allclose(cost, [0, math.log(2)])
    np.testing.assert_allclose(gain, [0, kl_divergence([0.1, 0.9], [0.45, 0.55])], atol=1e-15)
    as_torch = cluster_divergences(torch.tensor(WORKED), r)
    assert all(isinstance(value, torch.Tensor) for value in as_torch)
    np.testing.assert_allclose(as_torch.cost, cost)
    unseen = cluster_divergences([[0.5, 0.5], [0, 0]], [0.5, 0.5])
    assert unseen.cost == math.inf
    assert onset(torch.tensor(WORKED)).beta == onset(WORKED).beta


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: onset([0.5, 0.5]), r"p_xy has shape \(2,\)"),
        (lambda: onset(WORKED * 2), "p_xy sums to 2"),
        (lambda: cluster_divergences(WORKED, [0.2, 0.3, 0.5]), r"r has shape \(3,\) and p_xy \(2, 2\)"),
        (lambda: cluster_divergences(WORKED, [0.5, 0.6]), "r sums to 1.1"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
