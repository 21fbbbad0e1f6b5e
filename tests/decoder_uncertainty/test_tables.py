"""The three uncertainties on tables: closed forms, loops, orderings, gradients and error bounds."""

import itertools
import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ibcourse.bottleneck import encoder_information
from ibcourse.decoder_uncertainty import (
    argmax_error_bound,
    decoder_uncertainty,
    encoder_gradient,
    errors,
    optimal_decoder,
    sampled_error_bound,
    uncertainties,
)
from ibcourse.information import (
    Joint,
    conditional_entropy,
    entropy,
    kl_divergence,
    mutual_information,
)

LN2 = math.log(2)
FAIR_BIT = [[0.5, 0.0], [0.0, 0.5]]  # y = x
WRONG = [[0.2, 0.8], [0.8, 0.2]]  # a decoder that reads the code the wrong way round
ZERO = 1e-13


def binary_entropy(p):
    return -p * math.log(p) - (1 - p) * math.log(1 - p)


def agreeing(p):
    """The encoder whose code agrees with a bit with probability p."""
    return [[p, 1 - p], [1 - p, p]]


def rows(rng, *shape, sharp=1.0):
    return rng.dirichlet(np.full(shape[-1], 1 / sharp), size=shape[:-1])


def model(seed, x=3, y=3, z=4, sharp=1.0):
    """A random joint table, encoder and decoder."""
    rng = np.random.default_rng(seed)
    return rows(rng, x * y).reshape(x, y), rows(rng, x, z, sharp=sharp), rows(rng, z, y, sharp=sharp)


MODELS = st.builds(
    model,
    st.integers(0, 10**6),
    *[st.integers(1, 5)] * 3,
    sharp=st.sampled_from([0.5, 1.0, 5.0]),
)


# ------------------------------------------------------------------------------ closed forms and loops


@pytest.mark.source("E1.4")
@pytest.mark.parametrize(
    ("p", "expected"), [(0.6, (0.6730, 1.0549)), (0.5, (0.6931, 0.9163))], ids=["before", "after"]
)
def test_a_step_that_lowers_the_surrogate_and_raises_the_uncertainty(p, expected):
    u = uncertainties(FAIR_BIT, agreeing(p), WRONG)
    assert (round(u.uncertainty, 4), round(u.decoder_cross_entropy, 4)) == expected
    assert u.uncertainty == pytest.approx(binary_entropy(p), rel=1e-14)
    assert u.decoder_cross_entropy == pytest.approx(-p * math.log(0.2) - (1 - p) * math.log(0.8), rel=1e-14)
    assert u.prediction_cross_entropy == pytest.approx(-math.log(0.2 * p + 0.8 * (1 - p)), rel=1e-14)


@pytest.mark.source("E1.4")
def test_the_surrogate_unlearns_before_it_relearns():
    """Joint descent on encoder and wrong decoder: the surrogate always falls, H(Y|Z) first rises."""
    logit, out = torch.tensor([0.4, -1.4], dtype=torch.float64, requires_grad=True), []
    for _ in range(80):
        p, q = torch.sigmoid(logit)
        u = uncertainties(
            FAIR_BIT,
            torch.stack([torch.stack([p, 1 - p]), torch.stack([1 - p, p])]),
            torch.stack([torch.stack([q, 1 - q]), torch.stack([1 - q, q])]),
        )
        out.append((u.decoder_cross_entropy.item(), u.uncertainty.item()))
        (slope,) = torch.autograd.grad(u.decoder_cross_entropy, logit)
        logit = (logit - 2 * slope).detach().requires_grad_()
    surrogate, truth = np.array(out).T
    assert (np.diff(surrogate) < 0).all()
    highest = truth.argmax()
    assert 0 < highest < 79
    assert truth[highest] > truth[0] + 0.01 > truth[0] > truth[-1] + 0.1


@pytest.mark.source("S1.Eq1", "S1.PCE", "S1.DCE", "S1.5.4a", "S1.3.1")
@pytest.mark.parametrize("seed", range(5))
def test_against_loops(seed):
    p, e, d = model(seed)
    u = uncertainties(p, e, d)
    cells = list(itertools.product(range(3), range(3), range(4)))
    p_yz = {(y, z): math.fsum(p[x, y] * e[x, z] for x in range(3)) for _, y, z in cells}
    p_z = {z: math.fsum(p_yz[y, z] for y in range(3)) for z in range(4)}
    predicted = {(x, y): math.fsum(e[x, z] * d[z, y] for z in range(4)) for x, y, _ in cells}
    assert u.uncertainty == pytest.approx(
        -math.fsum(p_yz[y, z] * math.log(p_yz[y, z] / p_z[z]) for y in range(3) for z in range(4))
    )
    assert u.uncertainty == decoder_uncertainty(p, e)
    assert u.decoder_cross_entropy == pytest.approx(
        -math.fsum(p[x, y] * e[x, z] * math.log(d[z, y]) for x, y, z in cells)
    )
    cross = -math.fsum(p[x, y] * math.log(predicted[x, y]) for x in range(3) for y in range(3))
    assert u.prediction_cross_entropy == pytest.approx(cross)
    # Cross-entropy training minimises the divergence of p(x, y) from p(x) p_Θ(y|x): the rest is H(Y|X).
    prediction = p.sum(1, keepdims=True) * (e @ d)
    assert kl_divergence(p.ravel(), prediction.ravel()) == pytest.approx(cross - conditional_entropy(p))
    best = optimal_decoder(p, e)
    for z, y in itertools.product(range(4), range(3)):
        assert best[z, y] == pytest.approx(p_yz[y, z] / p_z[z])
    # The four variables form the stated chains.
    chain = Joint(np.einsum("xy,xz,zw->xyzw", p, e, d), "X Y Z W")
    assert abs(chain("I(Y;Z|X)")) < ZERO
    assert abs(chain("I(X,Y;W|Z)")) < ZERO
    assert chain("H(Y|Z)") == pytest.approx(u.uncertainty)


def test_a_code_that_never_occurs_has_a_uniform_row_and_no_weight():
    p, e = [[0.4, 0.1], [0.1, 0.4]], [[1, 0, 0], [0, 1, 0]]
    best = optimal_decoder(p, e)
    np.testing.assert_allclose(best[2], [0.5, 0.5])
    u = uncertainties(p, e, best)
    assert u.decoder_gap == 0
    assert u.decoder_cross_entropy == pytest.approx(u.uncertainty)


def test_a_label_that_the_decoder_rules_out():
    u = uncertainties(FAIR_BIT, agreeing(0.9), [[1, 0], [0, 1]])
    assert u.decoder_cross_entropy == u.decoder_gap == u.sampling_gap == math.inf
    assert u.prediction_cross_entropy == pytest.approx(-math.log(0.9))
    u = uncertainties(FAIR_BIT, agreeing(1), [[0, 1], [1, 0]])
    assert u.uncertainty == 0
    assert u.prediction_cross_entropy == u.decoder_cross_entropy == math.inf
    u = uncertainties(FAIR_BIT, agreeing(1), [[1, 0], [0, 1]])
    assert tuple(u) == (0, 0, 0, 0, 0)


# --------------------------------------------------------------------------------------------- orderings


@pytest.mark.source("S1.Obs2", "S1.Obs4", "S1.5.4b")
@given(MODELS)
def test_orderings_and_gaps(tables):
    p, e, d = tables
    u = uncertainties(p, e, d)
    assert u.decoder_gap >= 0
    assert u.sampling_gap >= 0
    assert u.decoder_cross_entropy - u.uncertainty == pytest.approx(u.decoder_gap, abs=1e-10, rel=1e-10)
    assert u.decoder_cross_entropy - u.prediction_cross_entropy == pytest.approx(
        u.sampling_gap, abs=1e-10, rel=1e-10
    )
    assert u.prediction_cross_entropy >= conditional_entropy(p) - ZERO
    assert conditional_entropy(p) - ZERO <= u.uncertainty <= entropy(p.sum(0)) + ZERO
    assert u.uncertainty == pytest.approx(entropy(p.sum(0)) - encoder_information(p, e).i_ty, abs=ZERO)
    best = uncertainties(p, e, optimal_decoder(p, e))
    assert best.decoder_gap == pytest.approx(0, abs=ZERO)
    assert best.decoder_cross_entropy == pytest.approx(best.uncertainty, abs=ZERO)
    assert best.prediction_cross_entropy <= best.uncertainty + ZERO
    hard = np.eye(e.shape[1])[e.argmax(1)]
    u = uncertainties(p, hard, d)
    assert u.sampling_gap == pytest.approx(0, abs=ZERO)
    assert u.prediction_cross_entropy == pytest.approx(u.decoder_cross_entropy, abs=ZERO)
    both = uncertainties(p, hard, optimal_decoder(p, hard))
    np.testing.assert_allclose(both[:3], both.uncertainty, atol=ZERO)


@pytest.mark.source("S1.Obs2", "S1.Obs4")
def test_uncertainty_and_prediction_cross_entropy_are_not_ordered():
    noisy = uncertainties(FAIR_BIT, agreeing(0.8), agreeing(0.8))
    assert noisy.uncertainty == pytest.approx(binary_entropy(0.8))
    assert noisy.prediction_cross_entropy == pytest.approx(-math.log(0.68))
    assert noisy.uncertainty > noisy.prediction_cross_entropy + 0.1
    wrong = uncertainties(FAIR_BIT, agreeing(1), WRONG)
    assert wrong.uncertainty == 0
    assert wrong.prediction_cross_entropy == pytest.approx(math.log(5))


@pytest.mark.source("S1.Obs4")
def test_the_decoder_cross_entropy_is_an_expectation_over_noise():
    """With z = f(x, ε) and uniform ε, the mean over ε is the mean over codes."""
    p, e, d = model(1)
    noise = (np.arange(200_000) + 0.5) / 200_000
    codes = np.array([np.searchsorted(np.cumsum(row)[:-1], noise, side="right") for row in e])  # (X, ε)
    losses = -np.log(d[codes])  # (X, ε, Y)
    assert (p * losses.mean(1)).sum() == pytest.approx(uncertainties(p, e, d).decoder_cross_entropy, abs=1e-4)


@pytest.mark.source("S1.Obs5c", "E1.4")
def test_a_deterministic_code_that_tells_all_inputs_apart_says_nothing_about_training():
    """A generic continuous code of a finite data set is injective, so that H(Y|Z) = H(Y|X) untrained."""
    rng = np.random.default_rng(0)
    x, weights, y = rng.normal(size=(200, 5)), rng.normal(size=(5, 3)), rng.integers(0, 2, 200)
    _, labels = np.unique(np.tanh(x @ weights), axis=0, return_inverse=True)
    encoder, p = np.eye(labels.max() + 1)[labels], np.eye(2)[y] / 200
    assert encoder.shape == (200, 200)
    assert decoder_uncertainty(p, encoder) == conditional_entropy(p) == 0
    untrained = np.full((200, 2), 0.5)
    assert uncertainties(p, encoder, untrained).decoder_cross_entropy == pytest.approx(LN2)


def test_a_batch_of_encoders_and_decoders():
    rng = np.random.default_rng(0)
    p, e, d = rows(rng, 6).reshape(3, 2), rows(rng, 5, 1, 3, 4), rows(rng, 2, 4, 2)
    batch = uncertainties(p, e, d)
    wrong = errors(p, e, d)
    for i, j in itertools.product(range(5), range(2)):
        single = uncertainties(p, e[i, 0], d[j])[1:] + errors(p, e[i, 0], d[j])
        for whole, one in zip(batch[1:] + wrong, single, strict=True):
            assert np.broadcast_to(whole, (5, 2))[i, j] == pytest.approx(one, rel=1e-12)
    assert batch.uncertainty.shape == (5, 1)


# --------------------------------------------------------------------------------------------- gradients


def softmax(logits):
    powers = np.exp(logits - logits.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


QUANTITIES = {
    "H(Y|Z)": lambda p, e: conditional_entropy(e.swapaxes(-1, -2) @ p),
    "H(Z|Y)": lambda p, e: conditional_entropy(p.swapaxes(-1, -2) @ e),
    "H(Z|X)": lambda p, e: conditional_entropy(p.sum(-1)[:, None] * e),
    "H(Z)": lambda p, e: entropy(p.sum(-1) @ e),
}


@pytest.mark.source("S1.Grad", "S1.A3")
@pytest.mark.parametrize("quantity", QUANTITIES)
@pytest.mark.parametrize("seed", range(3))
def test_gradient_three_ways(quantity, seed):
    rng = np.random.default_rng(seed)
    p, logits = rows(rng, 12).reshape(4, 3), rng.normal(size=(4, 5))
    value = QUANTITIES[quantity]
    e = softmax(logits)
    closed = encoder_gradient(p, e, quantity)
    through = e * (closed - (e * closed).sum(1, keepdims=True))  # through the softmax

    by_differences = np.zeros_like(logits)
    for cell in np.ndindex(*logits.shape):
        step = np.zeros_like(logits)
        step[cell] = 1e-5
        by_differences[cell] = (value(p, softmax(logits + step)) - value(p, softmax(logits - step))) / 2e-5
    np.testing.assert_allclose(through, by_differences, atol=1e-9)

    variable = torch.tensor(logits, requires_grad=True)
    (by_autograd,) = torch.autograd.grad(value(torch.tensor(p), variable.softmax(-1)), variable)
    np.testing.assert_allclose(through, by_autograd, atol=1e-13)


@pytest.mark.source("S1.A3")
def test_gradients_of_the_informations_are_differences():
    rng = np.random.default_rng(4)
    p, logits = torch.tensor(rows(rng, 12).reshape(4, 3)), torch.tensor(rng.normal(size=(4, 5)))
    logits.requires_grad_()
    e = logits.softmax(-1)
    h_z, h_z_x, h_z_y = (encoder_gradient(p, e.detach(), q) for q in ("H(Z)", "H(Z|X)", "H(Z|Y)"))
    for table, closed in [(p.sum(1)[:, None] * e, h_z - h_z_x), (p.T @ e, h_z - h_z_y)]:
        (direct,) = torch.autograd.grad(mutual_information(table), logits, retain_graph=True)
        (through,) = torch.autograd.grad((e * closed).sum(), logits, retain_graph=True)
        np.testing.assert_allclose(direct, through, atol=1e-13)


@pytest.mark.source("S1.A3")
def test_the_term_that_is_left_out_has_mean_zero():
    rng = np.random.default_rng(5)
    p, logits = torch.tensor(rows(rng, 6).reshape(3, 2)), torch.tensor(rng.normal(size=(3, 4)))
    logits.requires_grad_()
    joint = logits.softmax(-1).T @ p
    contents = -(joint / joint.sum(1, keepdim=True)).log()
    (left_out,) = torch.autograd.grad((joint.detach() * contents).sum(), logits)
    np.testing.assert_allclose(left_out, 0, atol=1e-15)


def test_gradient_of_a_pure_code_is_infinite():
    gradient = encoder_gradient(FAIR_BIT, agreeing(1))
    np.testing.assert_array_equal(gradient, [[0, np.inf], [np.inf, 0]])


# ------------------------------------------------------------------------------------------ error bounds


@pytest.mark.source("E1.3")
def test_the_sampled_bound_does_not_hold_for_the_most_probable_label():
    """Half of the inputs have probability 0.49 for their label, the other half are certain."""
    p = np.array([[0.5, 0.0], [0.5, 0.0]])
    encoder, decoder = np.eye(2), [[0.49, 0.51], [1.0, 0.0]]
    u, wrong = uncertainties(p, encoder, decoder), errors(p, encoder, decoder)
    assert u.decoder_cross_entropy == pytest.approx(0.3566749439, abs=1e-10)
    assert sampled_error_bound(u.decoder_cross_entropy) == pytest.approx(0.30)
    assert wrong.decoder_argmax == wrong.prediction_argmax == 0.5
    assert wrong.sampled == pytest.approx(0.255)
    assert argmax_error_bound(u.decoder_cross_entropy) == pytest.approx(0.3566749439 / LN2)


@pytest.mark.source("S1.Obs3", "E1.3")
@pytest.mark.parametrize(("x", "y", "z", "sharp"), [(1, 2, 1, 1), (3, 2, 3, 5), (4, 3, 5, 1), (5, 4, 2, 10)])
def test_error_bounds_on_thousands_of_random_tables(x, y, z, sharp):
    rng = np.random.default_rng(x)
    for p in rows(rng, 5, x * y, sharp=sharp).reshape(5, x, y):
        e, d = rows(rng, 1000, x, z, sharp=sharp), rows(rng, 1000, z, y, sharp=sharp)
        for decoder, optimal in [(d, False), (optimal_decoder(p, e), True)]:
            u, wrong = uncertainties(p, e, decoder), errors(p, e, decoder)
            assert (wrong.sampled <= sampled_error_bound(u.prediction_cross_entropy) + ZERO).all()
            assert (u.prediction_cross_entropy <= u.decoder_cross_entropy + ZERO).all()
            assert (wrong.decoder_argmax <= argmax_error_bound(u.decoder_cross_entropy) + ZERO).all()
            assert (wrong.prediction_argmax <= argmax_error_bound(u.prediction_cross_entropy) + ZERO).all()
            if optimal:
                assert (wrong.decoder_argmax <= argmax_error_bound(u.uncertainty, optimal=True) + ZERO).all()
                assert (wrong.decoder_argmax <= wrong.sampled + ZERO).all()


@pytest.mark.source("E1.3")
def test_the_bounds_are_attained_and_need_their_hypotheses():
    # Hellman and Raviv: a code whose two labels are equally probable has error 1/2 and H = ln 2.
    assert argmax_error_bound(LN2, optimal=True) == pytest.approx(0.5)
    # Just below 1/2 the most probable label of a wrong decoder is always wrong: error 1 at a loss near ln 2.
    p, decoder = [[1.0, 0.0]], [[0.499, 0.501]]
    u, wrong = uncertainties(p, [[1.0]], decoder), errors(p, [[1.0]], decoder)
    assert wrong.decoder_argmax == 1.0
    assert u.decoder_cross_entropy / LN2 == pytest.approx(1, abs=0.003)
    assert wrong.decoder_argmax > argmax_error_bound(u.decoder_cross_entropy, optimal=True)
    # The sampled bound is attained where every label has the same probability.
    even = FAIR_BIT, agreeing(1), agreeing(0.7)
    bound = sampled_error_bound(uncertainties(*even).prediction_cross_entropy)
    assert errors(*even).sampled == pytest.approx(bound) == pytest.approx(0.3)


@pytest.mark.source("S1.Obs3")
def test_sampled_error_by_sampling():
    p, e, d = model(3)
    rng = np.random.default_rng(0)
    n = 200_000
    x, y = np.divmod(rng.choice(9, n, p=p.ravel()), 3)
    z = (rng.random((n, 1)) > e.cumsum(1)[x, :-1]).sum(1)
    label = (rng.random((n, 1)) > d.cumsum(1)[z, :-1]).sum(1)
    wrong = errors(p, e, d)
    assert (label != y).mean() == pytest.approx(wrong.sampled, abs=0.006)
    assert (d.argmax(1)[z] != y).mean() == pytest.approx(wrong.decoder_argmax, abs=0.006)
    assert ((e @ d).argmax(1)[x] != y).mean() == pytest.approx(wrong.prediction_argmax, abs=0.006)


def test_bounds_at_the_ends():
    np.testing.assert_array_equal(sampled_error_bound([0, np.inf]), [0, 1])
    np.testing.assert_array_equal(argmax_error_bound([0, 1, np.inf]), [0, 1, 1])


# --------------------------------------------------------------------------------- torch and bad input


def test_torch_agrees_and_has_gradients():
    tables = model(7)
    tensors = [torch.tensor(table, requires_grad=True) for table in tables]
    for function in (uncertainties, errors):
        for ours, theirs in zip(function(*tables), function(*tensors), strict=True):
            assert isinstance(theirs, torch.Tensor)
            assert theirs.item() == pytest.approx(ours, rel=1e-13)
    np.testing.assert_allclose(optimal_decoder(*tensors[:2]).detach(), optimal_decoder(*tables[:2]))
    assert all(g is not None for g in torch.autograd.grad(uncertainties(*tensors)[1], tensors))
    mixed = uncertainties(tables[0], tensors[1], tables[2])
    assert isinstance(mixed.uncertainty, torch.Tensor)
    float32 = uncertainties(*(tensor.detach().float() for tensor in tensors))
    assert float32.uncertainty.item() == pytest.approx(uncertainties(*tables).uncertainty, rel=1e-6)


def test_the_optimal_decoder_is_where_descent_on_the_surrogate_ends():
    p, e, _ = model(8, x=3, y=2, z=2)
    logits = torch.zeros(2, 2, dtype=torch.float64, requires_grad=True)
    for _ in range(100):
        loss = uncertainties(p, e, logits.softmax(-1)).decoder_cross_entropy
        (slope,) = torch.autograd.grad(loss, logits)
        logits = (logits - 8 * slope).detach().requires_grad_()
    np.testing.assert_allclose(logits.softmax(-1).detach(), optimal_decoder(p, e), atol=1e-6)


@pytest.mark.parametrize(
    ("p", "e", "d", "words"),
    [
        (FAIR_BIT, agreeing(0.5), [[1, 0]], "one row of the decoder for each code"),
        (FAIR_BIT, [[1, 0]], WRONG, "one row of the encoder for each row of p_xy"),
        (FAIR_BIT, agreeing(0.5), [[0.5, 0.4], [1, 0]], r"decoder\[0\] sums to 0.9"),
        (FAIR_BIT, [[0.5, 0.6], [1, 0]], WRONG, r"encoder\[0\] sums to 1.1"),
        ([[1, 0], [0, 1]], agreeing(0.5), WRONG, "p_xy sums to 2"),
        (
            FAIR_BIT,
            [agreeing(0.5)] * 3,
            [WRONG] * 2,
            r"the batches are \(3,\) of encoder and \(2,\) of decoder",
        ),
        (FAIR_BIT, [0.5, 0.5], WRONG, r"shapes \(2, 2\), \(2,\) and \(2, 2\)"),
    ],
)
def test_bad_tables_are_refused(p, e, d, words):
    for function in (uncertainties, errors):
        with pytest.raises(ValueError, match=words):
            function(p, e, d)


def test_other_bad_input_is_refused():
    with pytest.raises(ValueError, match=r'quantity is "H\(X\)"; expected one of H\(Y\|Z\)'):
        encoder_gradient(FAIR_BIT, agreeing(0.5), "H(X)")
    for bound in (sampled_error_bound, argmax_error_bound):
        for loss in (-0.1, math.nan):
            with pytest.raises(ValueError, match="expected nats that are not negative"):
                bound(loss)
