"""The solver: closed forms, invariances, what the peers get wrong, and the bound."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from ibcourse.bottleneck import IBCurve, ib_curve, ib_step, lagrangian
from ibcourse.information import entropy, mutual_information

BETAS = np.logspace(-1, 2, 30)
SEEDS = st.integers(0, 10_000)


def random_joint(seed, rows=None, columns=None, zeros=0.0):
    rng = np.random.default_rng(seed)
    rows, columns = rows or int(rng.integers(2, 9)), columns or int(rng.integers(2, 7))
    table = rng.dirichlet(np.full(columns, rng.choice([0.1, 0.5, 2.0])), rows)
    table = table * rng.dirichlet(np.full(rows, 3.0))[:, None]
    table[rng.random(table.shape) < zeros] = 0
    table[0, 0] += 0.01
    return table / table.sum()


def channel(noise):
    return np.array([[1 - noise, noise], [noise, 1 - noise]]) / 2


def symmetric(noise, beta):
    """L of the binary symmetric channel with uniform input: T is X through another one."""

    def value(z):
        a = (1 - z) / 2
        out = a * (1 - noise) + (1 - a) * noise
        return entropy([out, 1 - out]) * beta - entropy([a, 1 - a]) + (1 - beta) * np.log(2)

    best = minimize_scalar(value, bounds=(0, 1), method="bounded", options={"xatol": 1e-11})
    return min(0.0, best.fun, value(1.0))


def check(p_xy, curve, betas=BETAS):
    """What holds of every curve for γ = 1."""
    assert isinstance(curve, IBCurve)
    np.testing.assert_array_equal(curve.beta, betas)
    for name in ("i_xt", "i_ty", "h_t", "lagrangian", "bound"):
        assert getattr(curve, name).shape == (len(betas),)
        assert np.isfinite(getattr(curve, name)).all()
    for i, (beta, encoder) in enumerate(zip(betas, curve.encoder, strict=True)):
        np.testing.assert_allclose(encoder.sum(axis=1), 1, atol=1e-9)
        np.testing.assert_allclose(lagrangian(p_xy, encoder, beta), curve.lagrangian[i], atol=1e-10)
        p_t = p_xy.sum(axis=1) @ encoder
        assert (p_t > 0).all()
        assert (np.diff(p_t) < 1e-8).all()
    assert (curve.lagrangian <= 0).all()
    assert (curve.lagrangian[betas <= 1] == 0).all()
    assert (curve.bound >= 0).all()
    order = np.argsort(betas, kind="stable")
    assert (np.diff(curve.i_xt[order]) > -1e-7).all()
    assert (np.diff(curve.i_ty[order]) > -1e-7).all()
    # The information that T keeps about Y is at most what it keeps about X, and what X has.
    assert (curve.i_ty <= np.minimum(curve.i_xt, mutual_information(p_xy)) + 1e-10).all()
    assert (curve.i_xt <= curve.h_t + 1e-10).all()


# ------------------------------------------------------------------------------------------- closed forms


@pytest.mark.parametrize("noise", [0.02, 0.1, 0.3])
def test_binary_symmetric_channel(noise):
    critical = 1 / (1 - 2 * noise) ** 2
    betas = np.append(BETAS, [critical * 0.999, critical * 1.05])
    curve = ib_curve(channel(noise), betas)
    check(channel(noise), curve, betas)
    np.testing.assert_allclose(curve.lagrangian, [symmetric(noise, b) for b in betas], atol=1e-8)
    assert curve.i_xt[-2] == 0
    assert curve.i_xt[-1] > 0.01
    assert curve.bound.max() < 1e-8


@pytest.mark.source("E0.4")
@pytest.mark.parametrize("n", [2, 4, 7])
def test_identity_turns_on_at_one(n):
    p_x = np.arange(1, n + 1) / (n * (n + 1) / 2)
    betas = np.append(BETAS, [0.7, 0.999, 1.0, 1.001])
    curve = ib_curve(np.diag(p_x), betas)
    np.testing.assert_allclose(curve.lagrangian, np.minimum(0, (1 - betas) * entropy(p_x)), atol=1e-10)
    assert curve.i_xt[-4:-1].tolist() == [0, 0, 0]
    np.testing.assert_allclose(curve.i_xt[-1], entropy(p_x), atol=1e-6)
    assert curve.bound.max() < 1e-6


@pytest.mark.source("E0.4")
def test_deterministic_y_and_permutation():
    rng = np.random.default_rng(0)
    p_x = rng.dirichlet(np.ones(9))
    label = np.array([0, 1, 2, 0, 1, 2, 2, 2, 1])
    p_xy = p_x[:, None] * np.eye(3)[label]
    curve = ib_curve(p_xy, BETAS)
    check(p_xy, curve)
    np.testing.assert_allclose(
        curve.lagrangian, np.minimum(0, (1 - BETAS) * entropy(p_xy.sum(axis=0))), atol=1e-9
    )
    shuffled = np.diag(p_x)[:, rng.permutation(9)]
    np.testing.assert_allclose(
        ib_curve(shuffled, BETAS).lagrangian, np.minimum(0, (1 - BETAS) * entropy(p_x)), atol=1e-9
    )


def test_disconnected_blocks():
    """For β > 1 the block is kept, and each block is a problem of its own."""
    p_xy = np.zeros((4, 4))
    p_xy[:2, :2], p_xy[2:, 2:] = 0.7 * channel(0.1), 0.3 * channel(0.25)
    curve = ib_curve(p_xy, BETAS)
    check(p_xy, curve)
    expected = (1 - BETAS) * entropy([0.7, 0.3])
    expected += [0.7 * symmetric(0.1, b) + 0.3 * symmetric(0.25, b) for b in BETAS]
    np.testing.assert_allclose(curve.lagrangian, np.where(BETAS > 1, expected, 0), atol=2e-8)


def test_two_inputs_against_the_convex_envelope():
    """L* is the lower convex envelope at p(x) of D(r‖p_X) − β D(rW‖p_Y): here by brute force over chords."""
    p_xy = np.array([[0.05, 0.2, 0.05], [0.1, 0.1, 0.5]])
    p_x, p_y = p_xy.sum(axis=1), p_xy.sum(axis=0)
    z = np.linspace(1e-9, 1 - 1e-9, 3001)
    r = np.stack([z, 1 - z], axis=1)
    q = r @ (p_xy / p_x[:, None])
    curve = ib_curve(p_xy, BETAS)
    check(p_xy, curve)
    for i, beta in enumerate(BETAS):
        f = (r * np.log(r / p_x)).sum(axis=1) - beta * (q * np.log(q / p_y)).sum(axis=1)
        left, right = z < p_x[0], z > p_x[0]
        share = (z[right] - p_x[0]) / (z[right] - z[left][:, None])
        chords = share * f[left][:, None] + (1 - share) * f[right]
        best = min(0.0, chords.min())
        assert curve.lagrangian[i] <= best + 1e-9  # every chord is an encoder
        assert best - curve.lagrangian[i] < 2e-4 * max(1.0, beta / 10)  # the grid is fine


@pytest.mark.source("E0.6")
def test_a_first_order_transition_is_not_missed():
    """At this β the constant encoder is stable, and a good one exists far from it."""
    table = np.array([[6.0, 1, 1, 1], [1, 8, 1, 1], [2, 2, 2, 2], [2, 2, 3, 2], [2, 3, 2, 2], [3, 2, 2, 2]])
    table[2:] *= 20
    p_xy = table / table.sum()
    p_x, p_y = p_xy.sum(axis=1), p_xy.sum(axis=0)
    # The second singular value of this matrix gives the β from which the constant encoder is unstable.
    sigma = np.linalg.svd(p_xy / np.sqrt(np.outer(p_x, p_y)))[1][1]
    curve = ib_curve(p_xy, [0.95 / sigma**2])
    assert curve.lagrangian[0] < -1e-4
    perturbed = 0.5 + 1e-3 * np.random.default_rng(0).normal(size=(6, 1)) * [[1, -1]]
    for _ in range(300):
        perturbed = ib_step(p_xy, perturbed, 0.95 / sigma**2)
    assert abs(lagrangian(p_xy, perturbed, 0.95 / sigma**2)) < 1e-6  # the plain iteration falls back


# --------------------------------------------------------------------------------------- random instances


@settings(max_examples=8)
@given(SEEDS)
def test_no_search_finds_better(seed):
    """Plain steps from many random encoders do not get below, and the bound covers the difference."""
    p_xy = random_joint(seed, zeros=0.2)
    betas = np.array([1.5, 3.0, 7.0, 20.0])
    curve = ib_curve(p_xy, betas)
    check(p_xy, curve, betas)
    rng = np.random.default_rng(seed)
    n = len(p_xy)
    for i, beta in enumerate(betas):
        encoder = rng.dirichlet(np.full(n, 0.3), (15, n))
        for _ in range(100):
            encoder = ib_step(p_xy, encoder, beta)
        least = lagrangian(p_xy, encoder, beta).min()
        assert curve.lagrangian[i] <= least + 1e-7
        assert curve.lagrangian[i] - curve.bound[i] <= least + 1e-9


@pytest.mark.source("S0.PrE")
@settings(max_examples=8)
@given(SEEDS)
def test_relabelling_and_duplicate_rows_change_nothing(seed):
    p_xy = random_joint(seed)
    rng = np.random.default_rng(seed)
    curve = ib_curve(p_xy, BETAS)
    shuffled = p_xy[rng.permutation(len(p_xy))][:, rng.permutation(p_xy.shape[1])]
    np.testing.assert_allclose(ib_curve(shuffled, BETAS).lagrangian, curve.lagrangian, atol=1e-6)
    share = rng.dirichlet(np.ones(3), len(p_xy))
    tripled = (share[..., None] * p_xy[:, None]).reshape(-1, p_xy.shape[1])
    again = ib_curve(tripled, BETAS)
    check(tripled, again)
    np.testing.assert_allclose(again.lagrangian, curve.lagrangian, atol=1e-6)


@settings(max_examples=8)
@given(SEEDS)
def test_the_least_lagrangian_is_concave_in_beta(seed):
    curve = ib_curve(random_joint(seed), BETAS)
    slopes = np.diff(curve.lagrangian) / np.diff(BETAS)
    assert (np.diff(slopes) < 1e-6).all()


def test_the_bound_is_small_and_converged_is_said():
    for seed in range(4):
        curve = ib_curve(random_joint(seed, 12, 6), BETAS)
        assert curve.bound.max() < 1e-5
        assert curve.converged.dtype == bool
        assert curve.converged.mean() > 0.8
        assert (curve.iterations[BETAS > 10] > 0).all()


def test_a_tolerance_that_is_not_met_leaves_an_honest_bound():
    p_xy = random_joint(3, 12, 6)
    loose, tight = ib_curve(p_xy, BETAS, tol=1.0), ib_curve(p_xy, BETAS, tol=1e-7)
    assert (loose.lagrangian - tight.lagrangian <= loose.bound + 1e-9).all()
    assert tight.bound.max() <= loose.bound.max()


# -------------------------------------------------------------------- what is asked of it, in odd forms too


def test_every_beta_comes_back_in_its_order():
    p_xy = random_joint(7, 6, 5)
    betas = np.array([5.0, 0.3, 5.0, 100.0, 0.0, 2.0])
    curve = ib_curve(p_xy, betas)
    check(p_xy, curve, betas)
    assert curve.lagrangian[0] == curve.lagrangian[2]
    for i, beta in enumerate(betas):
        single = ib_curve(p_xy, [beta])
        np.testing.assert_allclose(single.lagrangian[0], curve.lagrangian[i], atol=1e-6)


@pytest.mark.parametrize("betas", [[5.0, 3.0], [4.0], [1.6, 90.0, 2.0]])
def test_betas_that_are_all_above_the_onset(betas):
    """Even at the least β the constant encoder is not optimal."""
    curve = ib_curve(channel(0.1), betas)  # the onset is at 1 / 0.8²
    np.testing.assert_allclose(curve.lagrangian, [symmetric(0.1, b) for b in betas], atol=1e-8)
    assert all(encoder.shape[1] == 2 for encoder in curve.encoder)


@pytest.mark.parametrize("shape", [(1, 3), (3, 1), (1, 1), (2, 6), (6, 2)])
def test_small_alphabets(shape):
    p_xy = random_joint(1, *shape)
    curve = ib_curve(p_xy, BETAS)
    check(p_xy, curve)
    if 1 in shape:
        assert (curve.lagrangian == 0).all()
        assert all(encoder.shape == (shape[0], 1) for encoder in curve.encoder)


def test_independent_variables():
    p_xy = np.outer([0.2, 0.3, 0.5], [0.1, 0.9])
    curve = ib_curve(p_xy, [0.5, 5, 1000])
    np.testing.assert_array_equal(curve.lagrangian, 0)
    assert curve.bound.max() < 1e-12


def test_zeros_tiny_masses_and_large_beta_give_no_nan():
    p_xy = random_joint(11, 7, 5, zeros=0.4)
    p_xy[2], p_xy[:, 3] = 0, 0
    p_xy[4] *= 1e-14
    p_xy[5] *= 1e-30 / max(p_xy[5].sum(), 1e-3)
    p_xy /= p_xy.sum()
    betas = np.array([0.0, 1.0, 1.0000001, 3.0, 100.0, 1e4])
    curve = ib_curve(p_xy, betas)
    check(p_xy, curve, betas)
    assert curve.bound.max() < 1e-5
    # What hardly ever happens does not matter.
    kept = p_xy[p_xy.sum(axis=1) > 1e-10]
    np.testing.assert_allclose(ib_curve(kept / kept.sum(), betas).lagrangian, curve.lagrangian, atol=1e-6)


def test_inputs_stay_as_they_were():
    p_xy, betas = random_joint(2, 6, 4), BETAS.copy()
    copy = p_xy.copy()
    p_xy.flags.writeable = betas.flags.writeable = False
    ib_curve(p_xy, betas)
    np.testing.assert_array_equal(p_xy, copy)
    np.testing.assert_array_equal(betas, BETAS)


def test_an_interruption_leaves_nothing_behind(monkeypatch):
    p_xy = random_joint(2, 6, 4)
    copy, expected = p_xy.copy(), ib_curve(p_xy, BETAS).lagrangian

    def interrupt(*arguments, **named):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("ibcourse.bottleneck.check.insert", interrupt)
        with pytest.raises(KeyboardInterrupt):
            ib_curve(p_xy, BETAS, tol=1e-300)
    np.testing.assert_array_equal(p_xy, copy)
    np.testing.assert_array_equal(ib_curve(p_xy, BETAS).lagrangian, expected)


def test_torch_gives_the_same_numbers():
    p_xy = random_joint(6, 8, 5)
    ours, theirs = ib_curve(p_xy, BETAS), ib_curve(torch.tensor(p_xy), torch.tensor(BETAS))
    for name in ("beta", "i_xt", "i_ty", "h_t", "lagrangian", "bound"):
        values = getattr(theirs, name)
        assert isinstance(values, torch.Tensor)
        assert values.dtype == torch.float64
        np.testing.assert_allclose(values.numpy(), getattr(ours, name), atol=1e-9)
    assert theirs.converged.dtype == torch.bool
    for a, b in zip(theirs.encoder, ours.encoder, strict=True):
        np.testing.assert_allclose(a.numpy(), b, atol=1e-6)


def test_single_precision_and_lists_are_read():
    p_xy = random_joint(6, 5, 4)
    expected = ib_curve(p_xy, BETAS).lagrangian
    np.testing.assert_allclose(ib_curve(p_xy.astype(np.float32), BETAS).lagrangian, expected, atol=1e-4)
    np.testing.assert_allclose(ib_curve(p_xy.tolist(), BETAS.tolist()).lagrangian, expected, atol=1e-12)


def test_many_rows_are_solved_from_one_beta_to_the_next(monkeypatch):
    """A cache of one β at a time gives the same curve."""
    p_xy = random_joint(9, 10, 5)
    together = ib_curve(p_xy, BETAS)
    monkeypatch.setattr("ibcourse.bottleneck.curve.CACHE", 1)
    one_by_one = ib_curve(p_xy, BETAS)
    check(p_xy, one_by_one)
    np.testing.assert_allclose(one_by_one.lagrangian, together.lagrangian, atol=1e-6)


def test_a_progress_bar_on_request(capsys):
    pytest.importorskip("tqdm")
    ib_curve(channel(0.1), [5.0])
    assert capsys.readouterr() == ("", "")
    ib_curve(channel(0.1), [5.0], progress=True)
    shown = capsys.readouterr()
    assert "β" in shown.err + shown.out  # tqdm takes a notebook's bar where one is loaded


@pytest.mark.parametrize(
    ("p_xy", "betas", "named", "words"),
    [
        (channel(0.1) * 2, [1], {}, "p_xy sums to 2"),
        (channel(0.1)[0], [1], {}, "expected two axes"),
        (channel(0.1), [], {}, "betas is empty"),
        (channel(0.1), 3.0, {}, "expected one axis"),
        (channel(0.1), [-1.0], {}, "not negative"),
        (channel(0.1), [np.nan], {}, "finite"),
        (channel(0.1), [1.0], {"gamma": -1}, "gamma is -1"),
        (channel(0.1), [1.0], {"tol": 0}, "tol is 0"),
    ],
)
def test_errors_say_what_was_expected(p_xy, betas, named, words):
    with pytest.raises(ValueError, match=words):
        ib_curve(p_xy, betas, **named)


# ------------------------------------------------------------------------------------------------- γ ≠ 1


@pytest.mark.source("S1.DIB")
@pytest.mark.parametrize("gamma", [0.0, 0.5, 1.3])
def test_generalised_bottleneck(gamma):
    p_xy = random_joint(4, 6, 4)
    betas = np.array([8.0, 0.5, 2.0, 40.0])
    curve = ib_curve(p_xy, betas, gamma=gamma)
    assert np.isnan(curve.bound).all()
    for i, beta in enumerate(betas):
        encoder = curve.encoder[i]
        value = lagrangian(p_xy, encoder, beta, gamma)
        np.testing.assert_allclose(value, curve.lagrangian[i], atol=1e-12)
        assert value <= 0
        # A fixed point: another step gains nothing.
        assert lagrangian(p_xy, ib_step(p_xy, encoder, beta, gamma), beta, gamma) > value - 1e-7
    again = ib_curve(p_xy, betas, gamma=gamma)
    np.testing.assert_array_equal(curve.lagrangian, again.lagrangian)


def test_the_deterministic_bottleneck_against_all_clusterings():
    p_xy = random_joint(8, 6, 4)
    betas = np.array([1.5, 3.0, 6.0, 15.0, 60.0])
    labels = [[0]]
    for _ in range(5):
        labels = [[*head, k] for head in labels for k in range(max(head) + 2)]
    values = np.array([lagrangian(p_xy, np.eye(6)[row], betas, 0.0) for row in labels])
    assert len(values) == 203  # Bell's number
    curve = ib_curve(p_xy, betas, gamma=0)
    np.testing.assert_allclose(curve.lagrangian, values.min(axis=0), atol=1e-10)
    assert all(set(np.unique(encoder)) <= {0.0, 1.0} for encoder in curve.encoder)


def test_gamma_near_one_joins_the_bottleneck():
    p_xy = random_joint(5, 5, 4)
    betas = np.array([3.0, 10.0])
    ours = ib_curve(p_xy, betas).lagrangian
    np.testing.assert_allclose(ib_curve(p_xy, betas, gamma=1 - 1e-6).lagrangian, ours, atol=1e-5)
