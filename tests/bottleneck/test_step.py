"""One step of the iteration, the objective, and what follows from an encoder."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from ibcourse.bottleneck import decoder, encoder_information, ib_step, lagrangian
from ibcourse.information import entropy, mutual_information

SEEDS = st.integers(0, 10_000)
BSC = np.array([[0.45, 0.05], [0.05, 0.45]])


def random_joint(seed, rows=5, columns=4, zeros=0.0):
    rng = np.random.default_rng(seed)
    table = rng.dirichlet(np.full(columns, 0.4), rows) * rng.dirichlet(np.ones(rows))[:, None]
    table[rng.random(table.shape) < zeros] = 0
    table[0, 0] += 0.1
    return table / table.sum()


def random_encoder(seed, rows=5, clusters=4, batch=()):
    return np.random.default_rng(seed).dirichlet(np.full(clusters, 0.7), (*batch, rows))


def divergence(p, q):
    return sum(a * np.log(a / b) if b > 0 else np.inf for a, b in zip(p, q, strict=True) if a > 0)


def step_by_hand(p_xy, encoder, beta, gamma):
    """The update, one entry after the other."""
    p_x = p_xy.sum(axis=1)
    p_t = p_x @ encoder
    new = np.zeros_like(encoder)
    for x in range(len(p_xy)):
        for t in range(encoder.shape[1]):
            q = encoder[:, t] @ p_xy / p_t[t]
            new[x, t] = (p_t[t] * np.exp(-beta * divergence(p_xy[x] / p_x[x], q))) ** (1 / gamma)
    return new / new.sum(axis=1, keepdims=True)


@pytest.mark.source("S0.Eq1", "S0.Eq2", "S0.Eq3")
@settings(max_examples=20)
@given(SEEDS, st.floats(0, 20), st.sampled_from([0.3, 1.0, 2.0]))
def test_a_step_is_the_formula(seed, beta, gamma):
    p_xy, encoder = random_joint(seed, zeros=0.3), random_encoder(seed)
    p_xy = p_xy[p_xy.sum(axis=1) > 0]
    encoder = encoder[: len(p_xy)]
    np.testing.assert_allclose(
        ib_step(p_xy, encoder, beta, gamma), step_by_hand(p_xy, encoder, beta, gamma), atol=1e-12
    )


def test_the_deterministic_step_takes_the_largest_bracket():
    p_xy, encoder = random_joint(3), random_encoder(3)
    nearly = step_by_hand(p_xy, encoder, 4.0, 0.02)
    hard = ib_step(p_xy, encoder, 4.0, gamma=0)
    assert set(np.unique(hard)) == {0.0, 1.0}
    np.testing.assert_array_equal(hard.argmax(axis=1), nearly.argmax(axis=1))
    np.testing.assert_array_equal(hard.sum(axis=1), 1)


@settings(max_examples=40)
@given(SEEDS, st.floats(0, 50), st.sampled_from([0.0, 0.4, 1.0, 1.7]))
def test_a_step_never_raises_the_objective(seed, beta, gamma):
    p_xy, encoder = random_joint(seed, zeros=0.3), random_encoder(seed)
    value = lagrangian(p_xy, encoder, beta, gamma)
    for _ in range(5):
        encoder = ib_step(p_xy, encoder, beta, gamma)
        before, value = value, lagrangian(p_xy, encoder, beta, gamma)
        assert value <= before + 1e-12
        assert np.isfinite(encoder).all()


@pytest.mark.source("S0.Der")
@settings(max_examples=20)
@given(SEEDS, st.sampled_from([0.5, 1.0]))
def test_a_fixed_point_is_where_the_gradient_vanishes(seed, gamma):
    """In the logits of the rows the gradient of L is p(x) r (a − mean a), a = γ ln r − ln p(t) + β D."""
    p_xy = torch.tensor(random_joint(seed, zeros=0.0))
    logits = torch.tensor(np.log(random_encoder(seed)), requires_grad=True)
    encoder = torch.softmax(logits, dim=1)
    (gradient,) = torch.autograd.grad(lagrangian(p_xy, encoder, 3.0, gamma), logits)
    encoder = encoder.detach()
    # With the step r', a = γ (ln r − ln r') up to a constant for each row.
    a = gamma * (torch.log(encoder) - torch.log(ib_step(p_xy, encoder, 3.0, gamma)))
    mean = (encoder * a).sum(dim=1, keepdim=True)
    expected = p_xy.sum(dim=1, keepdim=True) * encoder * (a - mean)
    torch.testing.assert_close(gradient, expected, atol=1e-10, rtol=1e-8)


@pytest.mark.source("S0.D2", "S0.M1.2", "S0.M1.3")
def test_information_of_an_encoder():
    p_xy, encoder = random_joint(1), random_encoder(1)
    p_x = p_xy.sum(axis=1)
    i_xt, i_ty, h_t = encoder_information(p_xy, encoder)
    np.testing.assert_allclose(i_xt, mutual_information(p_x[:, None] * encoder))
    np.testing.assert_allclose(i_ty, mutual_information(encoder.T @ p_xy))
    np.testing.assert_allclose(h_t, entropy(p_x @ encoder))
    np.testing.assert_allclose(lagrangian(p_xy, encoder, 2.0), i_xt - 2 * i_ty)
    np.testing.assert_allclose(lagrangian(p_xy, encoder, 2.0, 0), h_t - 2 * i_ty)
    p_t, p_y_given_t = decoder(p_xy, encoder)
    np.testing.assert_allclose(p_t[:, None] * p_y_given_t, encoder.T @ p_xy)


def test_a_batch_is_its_members():
    p_xy, encoder = random_joint(2), random_encoder(2, batch=(3,))
    beta = np.array([0.5, 2.0, 8.0])
    steps, values = ib_step(p_xy, encoder, beta), lagrangian(p_xy, encoder, beta)
    for k in range(3):
        np.testing.assert_allclose(steps[k], ib_step(p_xy, encoder[k], beta[k]), atol=1e-14)
        np.testing.assert_allclose(values[k], lagrangian(p_xy, encoder[k], beta[k]), atol=1e-14)


@pytest.mark.source("E0.14", "S0.Lim0")
def test_inputs_that_say_the_same_have_equal_rows_and_at_beta_zero_all_have():
    p_xy = np.array([[0.1, 0.2], [0.3, 0.1], [0.1, 0.2]])
    encoder = random_encoder(6, rows=3)
    new = ib_step(p_xy, encoder, 4.0)
    np.testing.assert_allclose(new[2], new[0], rtol=1e-12)
    np.testing.assert_allclose(ib_step(p_xy, encoder, 0.0), np.tile(p_xy.sum(axis=1) @ encoder, (3, 1)))


def test_unused_clusters_empty_cells_and_inputs_of_probability_zero():
    p_xy = np.array([[0.5, 0.0, 0.0], [0.0, 0.5, 0.0], [0.0, 0.0, 0.0]])
    encoder = np.array([[0.5, 0.5, 0.0], [0.0, 1.0, 0.0], [0.2, 0.3, 0.5]])
    new = ib_step(p_xy, encoder, 3.0)
    assert (new[:, 2] == 0).all()  # nobody with a probability used it
    np.testing.assert_allclose(new[2], [0.25, 0.75, 0.0])  # p(t)
    np.testing.assert_allclose(new[1], [0, 1, 0])  # the first cluster excludes y = 1
    np.testing.assert_allclose(ib_step(p_xy, encoder, 0.0)[1], [0.25, 0.75, 0])  # at β = 0 it costs nothing
    assert decoder(p_xy, encoder).p_y_given_t[2].tolist() == [0, 0, 0]


def test_torch_gives_the_same_numbers():
    p_xy, encoder = random_joint(4, zeros=0.2), random_encoder(4)
    for gamma in (0.0, 0.5, 1.0):
        ours = ib_step(p_xy, encoder, 3.0, gamma)
        theirs = ib_step(torch.tensor(p_xy), torch.tensor(encoder), 3.0, gamma)
        assert theirs.dtype == torch.float64
        np.testing.assert_allclose(theirs.numpy(), ours, atol=1e-12)


def test_inputs_stay_as_they_were():
    p_xy, encoder = random_joint(5), random_encoder(5)
    copies = p_xy.copy(), encoder.copy()
    p_xy.flags.writeable = encoder.flags.writeable = False
    ib_step(p_xy, encoder, 2.0)
    lagrangian(p_xy, encoder, 2.0)
    np.testing.assert_array_equal(p_xy, copies[0])
    np.testing.assert_array_equal(encoder, copies[1])


@pytest.mark.parametrize(
    ("p_xy", "encoder", "beta", "gamma", "words"),
    [
        (BSC * 2, np.eye(2), 1, 1, "p_xy sums to 2"),
        (BSC[None], np.eye(2), 1, 1, "expected two axes"),
        (BSC, np.ones((2, 2)), 1, 1, r"encoder\[0\] sums to 2"),
        (BSC, np.eye(3), 1, 1, "one row of the encoder for each row of p_xy"),
        (BSC, np.eye(2), -1, 1, "beta is -1"),
        (BSC, np.eye(2), np.inf, 1, "beta is inf"),
        (BSC, np.eye(2), 1, -1, "gamma is -1"),
        (BSC, np.eye(2), 1, np.nan, "gamma is nan"),
    ],
)
def test_errors_say_what_was_expected(p_xy, encoder, beta, gamma, words):
    for function in (ib_step, lagrangian):
        with pytest.raises(ValueError, match=words):
            function(p_xy, encoder, beta, gamma)
