"""Sufficiency: brute force over all partitions, closed forms, laws, decisions, torch and messages."""

import itertools
import math

import numpy as np
import pytest
import scipy.cluster.hierarchy
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from ibcourse.information import Joint, entropy, mutual_information
from ibcourse.sufficiency import (
    as_channel,
    bayes_risk,
    blackwell,
    factorise,
    greedy_merges,
    information_loss,
    is_sufficient,
    merge_costs,
    minimal_sufficient,
    minimality,
    partitions,
    separating_loss,
)

LN2 = math.log(2)
# The example of the errata: posteriors .9, .9, .3, .3.
PAIRS = np.array([0.1, 0.2, 0.3, 0.4])[:, None] * np.array([[0.9, 0.1], [0.9, 0.1], [0.3, 0.7], [0.3, 0.7]])
H_T = 0.61086430
COIN = np.repeat([[0.5, 0.5, 0, 0], [0, 0, 0.5, 0.5]], 2, axis=0)  # T* with an independent fair coin


def planted(seed, n=5, classes=3, n_y=3, empty=False):
    """A joint table with planted classes of equal posteriors, zero cells, and the classes."""
    generator = np.random.default_rng(seed)
    label = generator.integers(0, classes, n)
    rows = generator.dirichlet(np.full(n_y, 0.7), classes)
    rows[0] = np.eye(n_y)[0]
    p_x = generator.dirichlet(np.ones(n))
    if empty:
        p_x[generator.integers(n)] = 0
    p_xy = p_x[:, None] * rows[label]
    return p_xy / p_xy.sum(), label


def random_problem(seed, n=4, n_t=3, n_y=3):
    generator = np.random.default_rng(seed)
    p_xy = generator.dirichlet(np.ones(n * n_y)).reshape(n, n_y)
    return p_xy, generator.dirichlet(np.ones(n_t), n)


def refines(fine, coarse):
    """Whether each block of one partition lies in one block of another."""
    return len(set(zip(fine, coarse, strict=True))) == len(set(fine))


SEEDS = st.integers(0, 10_000)

# ------------------------------------------------------------------------------------------- statistics


def test_labels_become_a_channel():
    np.testing.assert_array_equal(as_channel(["b", "a", "b"]), [[0, 1], [1, 0], [0, 1]])
    np.testing.assert_array_equal(as_channel(torch.tensor([7, 7, 2])), [[0, 1], [0, 1], [1, 0]])
    np.testing.assert_array_equal(as_channel([0.5, 1.0]), np.eye(2))
    np.testing.assert_array_equal(as_channel(COIN), COIN)


@pytest.mark.parametrize(("n", "bell"), [(1, 1), (2, 2), (3, 5), (4, 15), (5, 52), (6, 203)])
def test_partitions_are_counted_by_bell_numbers(n, bell):
    found = list(partitions(n))
    assert len(set(found)) == len(found) == bell
    blocks = {frozenset(frozenset(np.flatnonzero(np.array(p) == t)) for t in p) for p in found}
    assert len(blocks) == bell


# ------------------------------------------------------------------------------- information, factorisation


@pytest.mark.source("S1.4.1b", "S3.Lem1")
@given(SEEDS)
@settings(max_examples=40)
def test_the_loss_is_every_form_of_it(seed):
    p_xy, channel = random_problem(seed)
    p = Joint(p_xy, "X Y").extend("T | X", channel)
    loss = information_loss(p_xy, channel)
    for form in ("I(X;Y|T)", "I(X;Y) - I(T;Y)", "H(Y|T) - H(Y|X)"):
        assert loss == pytest.approx(p(form), abs=1e-13)
    assert p("I(T;Y) <= I(X;Y)")


@pytest.mark.source("S3.Lem1", "S3.2.2c", "S3.2.3")
@given(SEEDS, st.booleans())
@settings(max_examples=25)
def test_information_and_factorisation_agree_on_all_partitions(seed, empty):
    """And a partition is sufficient if and only if it refines the partition by posteriors."""
    p_xy, _ = planted(seed, empty=empty)
    used = p_xy.sum(1) > 0
    minimal = minimal_sufficient(p_xy)
    for labels in partitions(len(p_xy)):
        sufficient = bool(is_sufficient(p_xy, labels))
        result = factorise(p_xy, labels)
        assert (result.witness is None) == (len(set(np.array(labels)[used])) == used.sum())
        assert result.witness is None or result.witness.x != result.witness.other
        assert sufficient == result.holds == refines(np.array(labels)[used], minimal[used])
        p_x_given_y = p_xy / np.where(p_xy.sum(0) > 0, p_xy.sum(0), 1)
        product = (result.h[:, :, None] * result.g).sum(1)  # one t for each x
        assert np.allclose(product, p_x_given_y, atol=1e-9) == sufficient
        if not sufficient:
            w = result.witness
            rows = p_xy / np.where(used, p_xy.sum(1), 1)[:, None]
            assert labels[w.x] == labels[w.other] == w.t
            assert p_xy[w.x].sum() > 0
            assert p_xy[w.other].sum() > 0
            assert rows[w.x, w.y] == pytest.approx(w.p)
            assert rows[w.other, w.y] == pytest.approx(w.p_other)
            assert w.p - w.p_other > 1e-9


@pytest.mark.source("S3.2.2c")
@given(SEEDS)
@settings(max_examples=30)
def test_a_random_statistic_factorises_if_it_is_a_channel_of_the_posterior(seed):
    p_xy, label = planted(seed)
    generator = np.random.default_rng(seed)
    coarse = np.zeros((3, 4))
    coarse[np.arange(3), [0, 1, 2]] = generator.uniform(0.1, 1, 3)
    coarse[:, 3] = [1 - coarse[0, 0], 0, 0]  # the last column belongs to class 0 alone
    coarse /= coarse.sum(1, keepdims=True)
    channel = coarse[label]
    result = factorise(p_xy, channel)
    assert result.holds
    assert is_sufficient(p_xy, channel)
    p = Joint(p_xy, "X Y").extend("T | X", channel)
    product = result.h[:, :, None] * result.g
    np.testing.assert_allclose(
        product, p.conditional("X T | Y").transpose(1, 2, 0) * (p_xy.sum(0) > 0), atol=1e-12
    )


def test_a_random_statistic_that_mixes_posteriors_is_not_sufficient():
    channel = [[1, 0], [1, 0], [0.1, 0.9], [0, 1]]
    assert not is_sufficient(PAIRS, channel)
    witness = factorise(PAIRS, channel).witness
    assert (witness.t, witness.x in (0, 1), witness.other, witness.y) == (0, True, 2, 0)
    assert (witness.p, witness.p_other) == (pytest.approx(0.9), pytest.approx(0.3))


@pytest.mark.source("S3.2.2a", "E3.3")
def test_a_value_of_a_sufficient_statistic_fixes_the_inference_about_the_parameter():
    """Tosses of a coin of unknown bias: data with the same number of heads have one posterior of the bias."""
    bias, n = np.array([0.2, 0.5, 0.7]), 4
    tosses = np.array(list(itertools.product([0, 1], repeat=n)))
    heads = tosses.sum(1)
    p_xy = bias ** heads[:, None] * (1 - bias) ** (n - heads[:, None]) / 3
    assert is_sufficient(p_xy, heads)
    rows = p_xy / p_xy.sum(1, keepdims=True)
    for k in range(n + 1):
        np.testing.assert_allclose(
            rows[heads == k], rows[heads == k][:1].repeat(math.comb(n, k), 0), rtol=1e-12
        )
    # Not the first three tosses; and the number of heads is minimal.
    assert not is_sufficient(p_xy, [str(t[:3]) for t in tosses])
    assert refines(minimal_sufficient(p_xy), heads)
    assert refines(heads, minimal_sufficient(p_xy))


@pytest.mark.source("S3.2.2b")
@given(SEEDS)
@settings(max_examples=20)
def test_an_injective_function_of_a_statistic_loses_as_much(seed):
    p_xy, _ = random_problem(seed)
    labels = np.random.default_rng(seed).integers(0, 3, 4)
    renamed = np.array([5, -1, 40])[labels]
    assert information_loss(p_xy, renamed) == pytest.approx(information_loss(p_xy, labels), abs=1e-15)


@pytest.mark.source("S3.Lem1", "E3.5")
def test_the_condition_of_the_lemmas_proof():
    """For Z = X, P(X|Z,Y) is P(X|Z), and not the P(X|Y) that the proof has."""
    p = Joint([[0.3, 0.2], [0.1, 0.4]], "X Y").extend("Z | X", np.eye(2))
    assert p("X -> Z -> Y")
    given_both = p.conditional("X | Z,Y")
    np.testing.assert_allclose(given_both[:, 0], p.conditional("X | Z"))
    assert abs(given_both[:, 0] - p.conditional("X | Y")[0]).max() > 0.2
    assert p("I(X;Y) <= I(Z;Y)")
    assert p("I(Z;Y) <= I(X;Y)")


@pytest.mark.source("E3.7")
@given(SEEDS)
@settings(max_examples=20)
def test_values_of_a_statistic_with_proportional_factors_may_be_merged(seed):
    """One λ(a, b) for all y: the classes of the values are the classes of the posteriors."""
    p_xy, _ = planted(seed)
    g = factorise(p_xy, np.arange(5)).g
    minimal = minimal_sufficient(p_xy)
    for a, b in itertools.combinations(range(5), 2):
        proportional = np.linalg.matrix_rank(g[[a, b]] / g[[a, b]].sum(1, keepdims=True), tol=1e-7) == 1
        assert proportional == (minimal[a] == minimal[b])
    # With a λ that may depend on y all values of full support would be equivalent, and T constant.
    full = np.array([[0.3, 0.2], [0.1, 0.4]])
    assert (factorise(full, [0, 1]).g > 0).all()
    assert not is_sufficient(full, [0, 0])


# ------------------------------------------------------------------------------------------- minimality


@pytest.mark.source("S3.Lem2", "S3.TODO1", "S3.Ex6", "S3.Prop1", "E3.8")
@given(SEEDS)
@settings(max_examples=25)
def test_the_posterior_partition_is_the_one_of_least_entropy_among_the_sufficient(seed):
    p_xy, _ = planted(seed)
    minimal = tuple(minimal_sufficient(p_xy))
    p_x = p_xy.sum(1)
    sufficient = [labels for labels in partitions(5) if is_sufficient(p_xy, labels)]
    entropies = {labels: entropy(p_x @ as_channel(labels)) for labels in sufficient}
    best = min(entropies, key=entropies.get)
    assert best == minimal
    assert all(refines(labels, minimal) for labels in sufficient)
    assert [labels for labels in sufficient if entropies[labels] <= entropies[best] + 1e-12] == [minimal]
    for labels in sufficient:
        result = minimality(p_xy, labels)
        assert result.sufficient
        assert result.noise == 0
        assert result.excess == pytest.approx(entropies[labels] - entropies[best], abs=1e-12)
        assert result.by_information == result.by_functions == (labels == minimal)


@pytest.mark.source("S3.Lem2", "E3.6", "S3.Prop1")
def test_least_information_leaves_room_for_a_coin():
    p = Joint(PAIRS, "X Y").extend("Z | X", COIN).extend("T | X", as_channel(minimal_sufficient(PAIRS)))
    assert p("I(X;Z)") == pytest.approx(H_T, abs=5e-9)
    assert p("I(X;T)") == pytest.approx(H_T, abs=5e-9)
    assert p("H(Z|T)") == pytest.approx(LN2)
    coin = minimality(PAIRS, COIN)
    assert (coin.sufficient, coin.by_information, coin.by_functions) == (True, True, False)
    assert coin.noise == pytest.approx(LN2)
    assert coin.excess == pytest.approx(0, abs=1e-15)
    everything = minimality(PAIRS, range(4))
    assert (everything.sufficient, everything.by_information, everything.by_functions) == (True, False, False)
    assert everything.excess == pytest.approx(1.27985423 - H_T, abs=1e-8)
    for labels in ([0, 0, 0, 1], [0, 0, 0, 0]):
        lossy = minimality(PAIRS, labels)
        assert (lossy.sufficient, lossy.by_information, lossy.by_functions) == (False, False, False)


@pytest.mark.source("S3.Lem2", "S1.4.1a")
@given(SEEDS)
@settings(max_examples=30)
def test_the_identity_of_minimality(seed):
    """H(T|T*) = I(X;T|T*) + H(T|X); and no sufficient channel tells less about X than T*."""
    p_xy, label = planted(seed)
    generator = np.random.default_rng(seed)
    channel = np.zeros((5, 9))
    for x in range(5):  # three columns for each class: sufficient whatever the rows are
        channel[x, 3 * label[x] : 3 * label[x] + 3] = generator.dirichlet(np.ones(3))
    minimal = as_channel(minimal_sufficient(p_xy))
    p = Joint(p_xy, "X Y").extend("S | X", minimal).extend("T | X", channel)
    result = minimality(p_xy, channel)
    assert result.sufficient
    assert p("H(T|S)") == pytest.approx(result.excess + result.noise, abs=1e-12)
    assert result.excess == pytest.approx(p("I(X;T) - I(X;S)"), abs=1e-12)
    assert p("H(S|T)") == pytest.approx(0, abs=1e-12)  # T* is a function of T


@pytest.mark.source("E1.22")
def test_less_information_about_x_may_be_more_beside_y():
    """I(X;Z) = I(Y;Z) + I(X;Z|Y): smaller on the left, larger on the right, with a smaller I(Y;Z)."""
    p_xy = np.array([[0.25, 0], [0.25, 0], [0, 0.25], [0, 0.25]])
    within = Joint(p_xy, "X Y").extend("Z | X", [[0.95, 0.05], [0.05, 0.95]] * 2)
    about_y = Joint(p_xy, "X Y").extend("Z | X", as_channel([0, 0, 1, 1]))
    for p in (within, about_y):
        assert p("I(X;Z) = I(Y;Z) + I(X;Z|Y)")
    assert within("I(X;Z)") < about_y("I(X;Z)")
    assert within("I(X;Z|Y)") > about_y("I(X;Z|Y)")


def test_symbols_of_probability_zero_are_free():
    p_xy = np.array([[0, 0, 0], [0.2, 0.1, 0.1], [0.1, 0.2, 0.3]])
    np.testing.assert_array_equal(minimal_sufficient(p_xy), [0, 0, 1])
    for label in (0, 1, 2):
        assert is_sufficient(p_xy, [label, 0, 1])
        assert factorise(p_xy, [label, 0, 1]).holds
    p_xy = np.array([[0.3, 0.0, 0.2], [0.1, 0.0, 0.4]])  # a y that never occurs
    assert factorise(p_xy, [0, 1]).holds
    assert not factorise(p_xy, [0, 0]).holds


def test_the_tolerance_of_posteriors_is_linked_by_chains():
    posteriors = np.array([0.5, 0.5 + 8e-10, 0.5 + 16e-10, 0.6])
    p_xy = np.stack([posteriors, 1 - posteriors], 1) / 4
    np.testing.assert_array_equal(minimal_sufficient(p_xy), [0, 0, 0, 1])
    np.testing.assert_array_equal(minimal_sufficient(p_xy[[0, 2, 3, 3]]), [0, 1, 2, 2])
    np.testing.assert_array_equal(minimal_sufficient(p_xy, tolerance=1e-10), [0, 1, 2, 3])
    # A difference of 1e-6 in a posterior is seen by factorisation, not by 1e-9 nats.
    p_xy = np.array([[0.25, 0.25], [0.25 + 2.5e-7, 0.25 - 2.5e-7]])
    assert is_sufficient(p_xy, [0, 0])
    assert not factorise(p_xy, [0, 0]).holds
    assert 0 < information_loss(p_xy, [0, 0]) < 1e-12


# --------------------------------------------------------------------------------------------- merges


@given(SEEDS, st.booleans())
@settings(max_examples=20)
def test_a_merge_costs_the_information_that_it_loses(seed, empty):
    p_xy, _ = planted(seed, n=4, empty=empty)
    costs = merge_costs(p_xy)
    np.testing.assert_array_equal(costs, costs.T)
    np.testing.assert_array_equal(np.diag(costs), 0)
    assert costs.min() >= 0
    for i, j in itertools.combinations(range(4), 2):
        labels = np.arange(4)
        labels[j] = i
        assert costs[i, j] == pytest.approx(information_loss(p_xy, labels), abs=1e-14)


def test_a_merge_costs_a_weighted_jensen_shannon_divergence():
    p_xy = random_problem(3)[0]
    w = p_xy[:2].sum(1)
    rows = p_xy[:2] / w[:, None]
    w_mean = w / w.sum()
    jensen_shannon = entropy(w_mean @ rows) - w_mean @ entropy(rows)
    assert merge_costs(p_xy)[0, 1] == pytest.approx(w.sum() * jensen_shannon, rel=1e-12)


def test_equal_answers_but_not_equal_posteriors_cost():
    p_xy = np.array([[0.45, 0.05], [0.3, 0.2]])
    assert p_xy.argmax(1).tolist() == [0, 0]
    assert merge_costs(p_xy)[0, 1] == pytest.approx(mutual_information(p_xy))
    assert mutual_information(p_xy) > 0.05


@given(SEEDS, st.booleans())
@settings(max_examples=20)
def test_the_greedy_order(seed, empty):
    p_xy, _ = planted(seed, n=6, empty=empty)
    tree = greedy_merges(p_xy)
    assert scipy.cluster.hierarchy.is_valid_linkage(tree.linkage)
    leaves = scipy.cluster.hierarchy.to_tree(tree.linkage, rd=True)[1]
    assert [len(node.pre_order()) for node in leaves[6:]] == tree.linkage[:, 3].tolist()
    assert tree.linkage[-1, 2] == pytest.approx(mutual_information(p_xy), abs=1e-13)
    assert (tree.costs >= 0).all()
    for k in range(1, 7):
        labels = tree.labels(k)
        assert len(set(labels)) == k
        lost = tree.linkage[5 - k, 2] if k < 6 else 0
        assert information_loss(p_xy, labels) == pytest.approx(lost, abs=1e-13)
        if k > 1:  # the next pair is the cheapest: try all
            joined = as_channel(labels).T @ p_xy
            costs = merge_costs(joined) + np.where(np.eye(k), np.inf, 0)
            assert tree.costs[6 - k] == pytest.approx(costs.min(), abs=1e-13)
    used = p_xy.sum(1) > 0
    minimal = minimal_sufficient(p_xy)
    k = len(set(minimal[used]))
    assert refines(tree.labels(k)[used], minimal[used])


def test_the_greedy_order_need_not_be_the_best():
    """Over random problems the best of all pairs of clusters is sometimes better, and never worse."""
    excess = []
    for seed in range(60):
        p_xy, _ = random_problem(seed, n=5)
        best = min(information_loss(p_xy, labels) for labels in partitions(5) if max(labels) == 1)
        excess.append(information_loss(p_xy, greedy_merges(p_xy).labels(2)) - best)
    assert min(excess) > -1e-13
    assert max(excess) > 1e-3


# ------------------------------------------------------------------------------------------ decisions


@given(SEEDS)
@settings(max_examples=30)
def test_the_risk_is_that_of_the_best_of_all_rules(seed):
    p_xy, _ = random_problem(seed)
    generator = np.random.default_rng(seed)
    loss, labels = generator.normal(size=(3, 3)), generator.integers(0, 2, 4)
    rules = itertools.product(range(3), repeat=2)
    by_rules = min((p_xy * loss[np.array(rule)[labels]]).sum() for rule in rules)
    assert bayes_risk(p_xy, loss, labels) == pytest.approx(by_rules)
    assert bayes_risk(p_xy, loss) <= by_rules + 1e-15
    by_rules = min((p_xy * loss[list(rule)]).sum() for rule in itertools.product(range(3), repeat=4))
    assert bayes_risk(p_xy, loss) == pytest.approx(by_rules)


@given(SEEDS)
@settings(max_examples=20)
def test_a_sufficient_statistic_costs_nothing_under_any_loss(seed):
    p_xy, _ = planted(seed)
    loss = np.random.default_rng(seed).normal(size=(4, 3))
    assert bayes_risk(p_xy, loss, minimal_sufficient(p_xy)) == pytest.approx(bayes_risk(p_xy, loss))
    assert separating_loss(p_xy, minimal_sufficient(p_xy)) is None
    assert separating_loss(p_xy, range(5)) is None


@given(SEEDS, st.booleans())
@settings(max_examples=40)
def test_a_statistic_that_is_not_sufficient_loses_under_some_loss(seed, random):
    p_xy, statistic = random_problem(seed)
    if not random:
        statistic = np.random.default_rng(seed).integers(0, 3, 4)
    loss = separating_loss(p_xy, statistic)
    if loss is None:
        assert factorise(p_xy, statistic).holds
        return
    assert loss.shape == (2, 3)
    assert loss.min() == 0
    assert loss.max() == 1
    assert (loss.min(0) == 0).all()
    gap = bayes_risk(p_xy, loss, statistic) - bayes_risk(p_xy, loss)
    channel = as_channel(statistic)
    p_xt = p_xy.sum(1, keepdims=True) * channel
    p_ty = channel.T @ p_xy
    rows = p_xy / p_xy.sum(1, keepdims=True)
    with np.errstate(invalid="ignore"):
        difference = rows[:, None] - p_ty / p_ty.sum(1, keepdims=True)
    promised = np.nanmax(p_xt * (difference**2).sum(-1))
    assert gap > 0
    assert gap >= promised / 2 - 1e-15  # |v| ≤ 2, since |d| ≤ 1 and |c| ≤ 1


def test_a_tiny_difference_of_posteriors_has_its_loss_too():
    p_xy = np.array([[0.25, 0.25], [0.25 + 1e-7, 0.25 - 1e-7]])
    loss = separating_loss(p_xy, [0, 0])
    assert bayes_risk(p_xy, loss, [0, 0]) - bayes_risk(p_xy, loss) > 5e-8


@given(SEEDS)
@settings(max_examples=25)
def test_a_garbling_is_found(seed):
    generator = np.random.default_rng(seed)
    first = generator.dirichlet(np.ones(4), 3)
    second = first @ generator.dirichlet(np.ones(3), 4)
    order = blackwell(first, second)
    assert order.holds
    assert order.deficiency < 1e-8
    np.testing.assert_allclose(first @ order.garbling, second, atol=1e-8)
    np.testing.assert_allclose(order.garbling.sum(1), 1)
    loss = generator.normal(size=(4, 3))
    assert bayes_risk(first.T / 3, loss) <= bayes_risk(second.T / 3, loss) + 1e-12


@given(SEEDS)
@settings(max_examples=25)
def test_the_loss_separates_where_there_is_no_garbling(seed):
    """Weak duality: no garbling comes nearer than the gap of the risks, so both are exact."""
    generator = np.random.default_rng(seed)
    first, second = generator.dirichlet(np.ones(3), 3), generator.dirichlet(np.ones(4), 3)
    order = blackwell(first, second)
    assert 0 <= order.loss.min() <= order.loss.max() <= 1
    gap = bayes_risk(first.T / 3, order.loss) - bayes_risk(second.T / 3, order.loss)
    assert order.holds == (order.deficiency < 1e-8)
    assert gap >= order.deficiency - 1e-9
    assert gap > 0
    for _ in range(20):
        garbling = generator.dirichlet(np.ones(4), 3)
        assert abs(first @ garbling - second).sum() / 6 >= order.deficiency - 1e-12


def test_binary_symmetric_channels_are_ordered_by_their_errors():
    def channel(error):
        return np.array([[1 - error, error], [error, 1 - error]])

    for better, worse in itertools.combinations([0.0, 0.1, 0.2, 0.5], 2):
        assert blackwell(channel(better), channel(worse)).holds
        back = blackwell(channel(worse), channel(better))
        assert not back.holds
        assert back.deficiency == pytest.approx(worse - better)


def test_more_information_is_not_better_for_every_decision():
    """An erasure channel and a symmetric channel of less information: neither garbles the other."""
    erasure = np.array([[0.6, 0.4, 0], [0, 0.4, 0.6]])
    symmetric = np.array([[0.85, 0.15], [0.15, 0.85]])
    assert mutual_information(erasure / 2) > mutual_information(symmetric / 2)
    assert not blackwell(erasure, symmetric).holds
    assert not blackwell(symmetric, erasure).holds


@given(SEEDS)
@settings(max_examples=15)
def test_a_statistic_is_sufficient_if_and_only_if_its_channel_garbles_to_that_of_x(seed):
    p_xy, _ = planted(seed)
    p = Joint(p_xy, "X Y")
    if (p_xy.sum(0) == 0).any():
        return
    for labels in list(partitions(5))[::7]:
        with_t = p.extend("T | X", as_channel(labels))
        x, t = with_t.conditional("X | Y"), with_t.conditional("T | Y")
        assert blackwell(x, t).holds
        deficiency = blackwell(t, x).deficiency
        assert (deficiency < 1e-8) == is_sufficient(p_xy, labels, tolerance=1e-13)


# ---------------------------------------------------------------------------------------------- torch


def test_torch_and_batches_give_what_numpy_gives():
    tables = np.stack([random_problem(seed)[0] for seed in range(3)])
    channels = np.stack([random_problem(seed)[1] for seed in range(3)])
    loss = np.random.default_rng(0).normal(size=(2, 3))
    as_torch = torch.tensor(tables)
    for function, arguments in [
        (information_loss, (channels,)),
        (information_loss, ([0, 1, 1, 0],)),
        (merge_costs, ()),
        (bayes_risk, (loss,)),
        (bayes_risk, (loss, channels)),
    ]:
        one_by_one = [
            function(table, *(a[i] if a is channels else a for a in arguments))
            for i, table in enumerate(tables)
        ]
        np.testing.assert_allclose(function(tables, *arguments), one_by_one, atol=1e-15)
        result = function(as_torch, *arguments)
        assert isinstance(result, torch.Tensor)
        np.testing.assert_allclose(result, one_by_one, atol=1e-15)
    table, channel = torch.tensor(PAIRS), torch.tensor(COIN)
    assert is_sufficient(table, channel).item() is True
    assert factorise(table, channel).holds
    assert minimality(table, channel).by_information
    np.testing.assert_array_equal(minimal_sufficient(table), [0, 0, 1, 1])
    np.testing.assert_array_equal(greedy_merges(table).linkage, greedy_merges(PAIRS).linkage)
    assert separating_loss(table, [0, 1, 1, 1]).shape == (2, 2)
    assert blackwell(torch.eye(2), torch.eye(2)).holds


def test_gradients_flow_to_the_encoder_and_stay_finite():
    logits = torch.zeros(4, 3, dtype=torch.float64, requires_grad=True)
    p_xy = torch.tensor(random_problem(0)[0])
    information_loss(p_xy, torch.softmax(logits, 1)).backward()
    assert torch.isfinite(logits.grad).all()
    channel = torch.tensor([[1.0, 0.0], [0.0, 1.0]], dtype=torch.float64, requires_grad=True)
    information_loss([[0.5, 0.0], [0.25, 0.25]], channel).backward()
    assert torch.isfinite(channel.grad).all()
    assert torch.autograd.gradcheck(
        lambda z: information_loss(p_xy, torch.softmax(z, 1)),
        torch.randn(4, 3, dtype=torch.float64).requires_grad_(),
    )


def test_inputs_are_left_as_they_were():
    p_xy = PAIRS.copy()
    for function in (minimal_sufficient, greedy_merges, merge_costs):
        function(p_xy)
    bayes_risk(p_xy, [[0, 1], [1, 0]], [0, 0, 1, 1])
    np.testing.assert_array_equal(p_xy, PAIRS)


# ------------------------------------------------------------------------------------------- messages


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: is_sufficient(PAIRS, [0, 1]), "statistic is for 2 symbols and p_xy has 4 rows"),
        (lambda: is_sufficient(PAIRS, 3), r"statistic has shape \(\)"),
        (lambda: is_sufficient(PAIRS, []), r"statistic has shape \(0,\)"),
        (lambda: is_sufficient(PAIRS, [0, 1, math.nan, 0]), r"statistic\[2\] is nan"),
        (lambda: is_sufficient(PAIRS, np.ones((4, 2))), r"statistic\[0\] sums to 2"),
        (lambda: is_sufficient(PAIRS * 2, [0, 0, 1, 1]), "p_xy sums to 2"),
        (lambda: factorise([PAIRS, PAIRS], [0, 0, 1, 1]), r"p_xy has shape \(2, 4, 2\); expected one table"),
        (lambda: factorise(PAIRS, [COIN, COIN]), r"statistic has shape \(2, 4, 4\); expected one table"),
        (lambda: minimal_sufficient([PAIRS, PAIRS]), "expected one table"),
        (lambda: greedy_merges([PAIRS, PAIRS]), "expected one table"),
        (lambda: greedy_merges(PAIRS).labels(5), "clusters is 5; expected 1 to 4"),
        (lambda: list(partitions(0)), "n is 0"),
        (lambda: bayes_risk(PAIRS, [[0, 1, 2]]), r"loss has shape \(1, 3\); expected \(A, 2\)"),
        (lambda: bayes_risk(PAIRS, [0, 1]), r"loss has shape \(2,\)"),
        (lambda: bayes_risk(PAIRS, [[0, math.inf]]), r"loss\[0, 1\] is inf"),
        (lambda: bayes_risk(PAIRS, np.eye(2), [0, 1]), "statistic is for 2 symbols"),
        (lambda: blackwell(np.eye(2), np.eye(3)), r"expected \(Y, S\) and \(Y, T\)"),
        (lambda: blackwell(np.eye(2), [[0.5, 0.4], [0, 1]]), r"second\[0\] sums to 0.9"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
