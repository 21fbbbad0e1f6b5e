"""Bounds on tables: each holds, its gap is what lies between, and the right guess closes it."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from ibcourse.bottleneck import encoder_information, ib_curve, lagrangian
from ibcourse.information import Joint, mutual_information
from ibcourse.variational import (
    backward_bound,
    decoder_bound,
    evidence_bound,
    marginal_bound,
    optimal_backward,
    optimal_decoder,
    optimal_marginal,
    true_posterior,
    vib_loss,
)

SEEDS = st.integers(0, 10_000)
X, Y, T = 5, 3, 4


def rows(rng, *shape, zeros=0.0):
    """Random distributions on the last axis, some cells empty."""
    table = rng.dirichlet(np.full(shape[-1], 0.6), shape[:-1])
    table[rng.random(table.shape) < zeros] = 0
    table[..., 0] += 1e-3
    return table / table.sum(-1, keepdims=True)


def problem(seed, zeros=0.3):
    rng = np.random.default_rng(seed)
    p_xy = rows(rng, X * Y, zeros=zeros).reshape(X, Y)
    return rng, p_xy, rows(rng, X, T, zeros=zeros)


def joint(p_xy, encoder):
    """p(x, y, t), cell by cell."""
    return Joint(p_xy[:, :, None] * encoder[:, None, :], "X Y T")


@pytest.mark.source("S0.V2", "S0.V3", "S0.V6")
@settings(max_examples=25)
@given(SEEDS)
def test_the_decoder_bound_loses_its_gap(seed):
    rng, p_xy, encoder = problem(seed)
    guess = rows(rng, T, Y)
    value, bound, gap = decoder_bound(p_xy, encoder, guess)
    by_hand = sum(
        p_xy[x, y] * encoder[x, t] * np.log(guess[t, y]) for x in range(X) for y in range(Y) for t in range(T)
    )
    p = joint(p_xy, encoder)
    assert value == pytest.approx(p("I(T;Y)"), abs=1e-12)
    assert bound == pytest.approx(p("H(Y)") + by_hand, abs=1e-12)
    assert gap >= 0
    assert bound + gap == pytest.approx(value, abs=1e-12)


@pytest.mark.source("S0.V4", "E0.9")
@settings(max_examples=25)
@given(SEEDS)
def test_the_marginal_bound_loses_its_gap(seed):
    rng, p_xy, encoder = problem(seed)
    guess, p_x = rows(rng, T), p_xy.sum(1)
    value, bound, gap = marginal_bound(p_x, encoder, guess)
    by_hand = sum(
        p_x[x] * encoder[x, t] * np.log(encoder[x, t] / guess[t])
        for x in range(X)
        for t in range(T)
        if encoder[x, t] > 0
    )
    assert value == pytest.approx(joint(p_xy, encoder)("I(X;T)"), abs=1e-12)
    assert bound == pytest.approx(by_hand, abs=1e-12)
    assert gap >= 0
    assert value + gap == pytest.approx(bound, abs=1e-12)


@settings(max_examples=25)
@given(SEEDS)
def test_the_evidence_bound_loses_its_gap(seed):
    rng = np.random.default_rng(seed)
    prior, likelihood, guess = rows(rng, T), rows(rng, T, X, zeros=0.3), rows(rng, X, T)
    likelihood[:, -1] += 0.01  # so that the model rules no x out
    likelihood /= likelihood.sum(-1, keepdims=True)
    likelihood = 0.99 * likelihood + 0.01 / X
    value, bound, gap = evidence_bound(prior, likelihood, guess)
    by_hand = [
        sum(q * np.log(prior[z] * likelihood[z, x] / q) for z, q in enumerate(guess[x]) if q > 0)
        for x in range(X)
    ]
    np.testing.assert_allclose(value, np.log(prior @ likelihood), atol=1e-12)
    np.testing.assert_allclose(bound, by_hand, atol=1e-12)
    assert np.all(gap >= 0)
    np.testing.assert_allclose(bound + gap, value, atol=1e-12)


def test_a_guess_that_allows_what_the_model_excludes_loses_everything():
    value, bound, gap = evidence_bound([0.5, 0.5], [[1.0, 0.0], [0.5, 0.5]], [[0.5, 0.5], [0.5, 0.5]])
    np.testing.assert_allclose(value, np.log([0.75, 0.25]))
    assert bound[1] == -np.inf
    assert gap[1] == np.inf


@settings(max_examples=25)
@given(SEEDS)
def test_the_backward_bound_loses_its_gap(seed):
    rng, p_xy, encoder = problem(seed)
    value, bound, gap = backward_bound(p_xy, encoder, rows(rng, Y, T))
    assert value == pytest.approx(joint(p_xy, encoder)("I(X;T|Y)"), abs=1e-12)
    assert gap >= 0
    assert value + gap == pytest.approx(bound, abs=1e-12)


@pytest.mark.source("E0.9")
@settings(max_examples=25)
@given(SEEDS)
def test_the_right_guess_closes_each_bound_and_no_other_does(seed):
    rng, p_xy, encoder = problem(seed)
    p_x = p_xy.sum(1)
    encoder = 0.9 * encoder + 0.1 / T  # all clusters are used, so that the right guess is the only one
    p_xy = 0.9 * p_xy + 0.1 / (X * Y)
    p_x = p_xy.sum(1)
    prior, likelihood = rows(rng, T), 0.9 * rows(rng, T, X) + 0.1 / X
    right = {
        "decoder": (lambda guess: decoder_bound(p_xy, encoder, guess), optimal_decoder(p_xy, encoder)),
        "marginal": (lambda guess: marginal_bound(p_x, encoder, guess), optimal_marginal(p_x, encoder)),
        "backward": (lambda guess: backward_bound(p_xy, encoder, guess), optimal_backward(p_xy, encoder)),
        "posterior": (
            lambda guess: evidence_bound(prior, likelihood, guess),
            true_posterior(prior, likelihood),
        ),
    }
    for bound, guess in right.values():
        value, closed, gap = bound(guess)
        np.testing.assert_allclose(gap, 0, atol=1e-14)
        np.testing.assert_allclose(closed, value, atol=1e-13)
        other = np.roll(guess, 1, axis=-1)
        if np.abs(other - guess).max(-1).min() > 1e-3:
            assert np.all(bound(other).gap > 1e-7)


@pytest.mark.source("S0.V5", "S0.V6", "S1.VIB", "S0.PC4")
@settings(max_examples=25)
@given(SEEDS, st.floats(0.01, 3))
def test_the_loss_is_the_lagrangian_and_two_gaps(seed, beta):
    rng, p_xy, encoder = problem(seed)
    guess = rows(rng, T, Y), rows(rng, T)
    parts = vib_loss(p_xy, encoder, *guess, beta)
    i_xt, i_ty, _ = encoder_information(p_xy, encoder)
    assert (parts.i_xt, parts.i_ty) == pytest.approx((i_xt, i_ty))
    assert parts.loss == pytest.approx(parts.cross_entropy + beta * parts.rate, abs=1e-12)
    gaps = parts.decoder_gap + beta * parts.marginal_gap
    assert parts.loss == pytest.approx(parts.h_y - i_ty + beta * i_xt + gaps, abs=1e-12)
    price = beta * lagrangian(p_xy, encoder, 1 / beta)
    assert parts.loss == pytest.approx(parts.h_y + price + gaps, abs=1e-12)
    closed = vib_loss(
        p_xy, encoder, optimal_decoder(p_xy, encoder), optimal_marginal(p_xy.sum(1), encoder), beta
    )
    assert closed.loss == pytest.approx(parts.h_y + price, abs=1e-12)


@pytest.mark.source("S0.V6", "S1.VIB")
def test_the_least_loss_is_the_bottleneck_of_the_reciprocal_price():
    p_xy = np.array([[0.3, 0.02, 0.01], [0.02, 0.25, 0.05], [0.05, 0.05, 0.25]])
    curve = ib_curve(p_xy, [2.0])
    encoder = curve.encoder[0]
    best = vib_loss(
        p_xy, encoder, optimal_decoder(p_xy, encoder), optimal_marginal(p_xy.sum(1), encoder), beta=0.5
    )
    rng = np.random.default_rng(0)
    tries = vib_loss(p_xy, rows(rng, 500, 3, 3), rows(rng, 500, 3, 3), rows(rng, 500, 3), beta=0.5)
    assert best.loss == pytest.approx(best.h_y + 0.5 * curve.lagrangian[0], abs=1e-9)
    assert best.loss < tries.loss.min()


@pytest.mark.source("S0.WE3", "E0.12", "S0.V10")
def test_the_limits_of_the_price():
    _, p_xy, _ = problem(3, zeros=0)
    p_x = p_xy.sum(1)

    def best(beta):
        encoder = ib_curve(p_xy, [1 / beta]).encoder[0]
        return encoder, vib_loss(
            p_xy, encoder, optimal_decoder(p_xy, encoder), optimal_marginal(p_x, encoder), beta
        )

    _, cheap = best(1e-6)
    assert cheap.cross_entropy == pytest.approx(cheap.h_y - mutual_information(p_xy), abs=1e-5)
    encoder, dear = best(1.5)
    assert dear.i_xt == pytest.approx(0, abs=1e-12)  # not only small
    np.testing.assert_allclose(encoder, np.broadcast_to(p_x @ encoder, encoder.shape), atol=1e-12)
    assert dear.cross_entropy == pytest.approx(dear.h_y)


@pytest.mark.source("S0.Tab2")
@settings(max_examples=25)
@given(SEEDS)
def test_reconstructing_x_makes_the_elbo_of_it(seed):
    """The β-VAE is the variational bottleneck with Y = X; at β = 1 its loss is the mean of −ELBO."""
    rng = np.random.default_rng(seed)
    p_x, prior, likelihood, posterior = (rows(rng, *shape) for shape in [(X,), (T,), (T, X), (X, T)])
    parts = vib_loss(np.diag(p_x), posterior, likelihood, prior, beta=1)
    elbo = evidence_bound(prior, likelihood, posterior).bound
    assert parts.loss == pytest.approx(-p_x @ elbo, abs=1e-12)


@pytest.mark.source("E0.13", "S0.PrH")
def test_a_decoder_that_needs_no_latent_makes_collapse_easier():
    """Two equal bits: x is 00 or 11, each half of the time, and the latent variable may say which."""
    p_x = np.array([0.5, 0, 0, 0.5])  # 00, 01, 10, 11
    informed, deaf = np.eye(2)[[0, 0, 1, 1]], np.full((4, 2), 0.5)
    factorised = (
        np.array([[1, 0, 0, 0], [0, 0, 0, 1.0]]),
        np.full((2, 4), 0.25),
    )  # each bit by itself, given z
    chained = factorised[0], np.array([[0.5, 0, 0, 0.5]] * 2)  # the second bit copies the first

    def loss(encoder, decoder, beta):
        return float(vib_loss(np.diag(p_x), encoder, decoder, [0.5, 0.5], beta).loss)

    ln2 = np.log(2)
    for beta in (1, 2):
        assert loss(informed, factorised[0], beta) == pytest.approx(beta * ln2)
        assert loss(deaf, factorised[1], beta) == pytest.approx(2 * ln2)
        assert loss(deaf, chained[1], beta) == pytest.approx(ln2)
    # At β = 2 the decoder of one bit after the other prefers the latent ignored; at 1 it does not care.
    assert loss(deaf, chained[1], 2) < loss(informed, chained[0], 2) - 0.5
    # A lower price restores the use of z for either.
    assert loss(informed, chained[0], 0.5) < loss(deaf, chained[1], 0.5)


def test_what_never_happens_costs_nothing_and_what_was_ruled_out_costs_all():
    p_xy = [[0.5, 0.0], [0.0, 0.5], [0.0, 0.0]]  # the third x never happens
    encoder = [[1, 0, 0], [1, 0, 0], [0, 1, 0]]
    guess = [[0.5, 0.5], [1.0, 0.0], [0.0, 1.0]]
    parts = vib_loss(p_xy, encoder, guess, [1.0, 0.0, 0.0], beta=0.1)
    assert parts.loss == pytest.approx(np.log(2))
    assert (parts.decoder_gap, parts.marginal_gap) == (0, 0)
    assert np.array_equal(optimal_decoder(p_xy, encoder), [[0.5, 0.5]] * 3)
    wrong = vib_loss(p_xy, encoder, [[1, 0], [1, 0], [1, 0]], [0.0, 1.0, 0.0], beta=0.1)
    assert wrong.decoder_gap == wrong.marginal_gap == wrong.loss == np.inf
    free = vib_loss(p_xy, encoder, guess, [0.0, 1.0, 0.0], beta=0)
    assert free.loss == pytest.approx(np.log(2))  # an infinite rate at no price
    value, bound, gap = evidence_bound([0.5, 0.5], [[1, 0], [1, 0]], [[0.5, 0.5]] * 2)
    assert value[1] == bound[1] == -np.inf
    assert gap[1] == 0


def test_torch_agrees_and_lets_gradients_through():
    rng, p_xy, encoder = problem(7, zeros=0)
    guess = rows(rng, T, Y), rows(rng, T)
    logits = torch.from_numpy(np.log(encoder)).requires_grad_()
    parts = vib_loss(torch.from_numpy(p_xy), logits.softmax(-1), *guess, 0.3)
    expected = vib_loss(p_xy, encoder, *guess, 0.3)
    for ours, theirs in zip(parts, expected, strict=True):
        assert ours.item() == pytest.approx(float(theirs), abs=1e-12)
    parts.loss.backward()
    step = 1e-6 * np.eye(X * T)[5].reshape(X, T)

    def loss(logits):
        e = np.exp(logits)
        return vib_loss(p_xy, e / e.sum(-1, keepdims=True), *guess, 0.3).loss

    slope = (loss(np.log(encoder) + step) - loss(np.log(encoder) - step)) / 2e-6
    assert logits.grad.flatten()[5].item() == pytest.approx(slope, abs=1e-7)


@settings(max_examples=10)
@given(SEEDS)
def test_a_batch_is_its_members(seed):
    rng, p_xy, _ = problem(seed)
    encoders, decoders = rows(rng, 3, X, T), rows(rng, 3, T, Y)
    marginals, betas = rows(rng, 3, T), np.array([0, 0.5, 2])
    batch = vib_loss(p_xy, encoders, decoders, marginals, betas)
    for m in range(3):
        one = vib_loss(p_xy, encoders[m], decoders[m], marginals[m], betas[m])
        assert batch.loss[m] == pytest.approx(one.loss, abs=1e-13)
        assert batch.decoder_gap[m] == pytest.approx(one.decoder_gap, abs=1e-13)
    both = backward_bound(p_xy, encoders, rows(rng, Y, T))
    assert both.gap.shape == (3,)


P_XY = np.full((3, 2), 1 / 6)
E = np.full((3, 4), 0.25)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: decoder_bound(P_XY, E, np.full((2, 2), 0.5)), r"decoder has shape \(2, 2\); expected"),
        (lambda: decoder_bound(P_XY, E, np.full((4, 2), 0.4)), "decoder.* sums to 0.8"),
        (lambda: decoder_bound(P_XY, E[:2], np.full((4, 2), 0.5)), "one row of the encoder"),
        (lambda: decoder_bound(P_XY, [E, E], np.full((3, 4, 2), 0.5)), "batches"),
        (lambda: marginal_bound(P_XY, E, np.full(4, 0.25)), "p_x"),
        (lambda: marginal_bound([0.5, 0.25, 0.25], E, [0.5, 0.5]), "the same T"),
        (lambda: backward_bound(P_XY, E, E), r"backward has shape \(3, 4\)"),
        (lambda: evidence_bound([0.5, 0.5], np.full((3, 2), 0.5), np.full((2, 2), 0.5)), "the shapes are"),
        (lambda: true_posterior([0.5, 0.5], [0.5, 0.5]), "the shapes are"),
        (lambda: vib_loss(P_XY, E, np.full((4, 2), 0.5), np.full(4, 0.25), -1), "beta"),
    ],
)
def test_bad_input_is_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()
