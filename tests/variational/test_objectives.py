"""Objectives of training: each is its formula, and an ensemble trains on it as the loop does."""

import math
from functools import partial

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.distributions import Normal, kl_divergence

from ibcourse.bottleneck import gaussian_ib
from ibcourse.estimators import mixture, mixture_bounds
from ibcourse.nets import Bottleneck, Gaussian, GaussianHead, Output, dense, fit, fit_ensemble
from ibcourse.variational import backward_bound, decoder_bound
from ibcourse.variational.objectives import (
    ConditionalBottleneck,
    ConditionalOutput,
    WarmUp,
    ceb,
    free_bits,
    nonlinear_ib,
    squared_vib,
    vib,
)

SEEDS = st.integers(0, 10_000)
N, K, C = 6, 3, 4


def random_output(seed):
    g = torch.Generator().manual_seed(seed)

    def normal(*shape):
        return torch.randn(*shape, generator=g, dtype=torch.float64)

    code = Gaussian(2 * normal(N, K), normal(N, K).exp())
    backward = Gaussian(normal(C, K), normal(C, K).exp())
    output = ConditionalOutput(code, code.sample(normal(N, K)), normal(N, C), backward)
    return output, torch.randint(C, (N,), generator=g)


def divergence(a, b):
    return kl_divergence(Normal(*a), Normal(*b)).sum(-1)


@pytest.mark.source("S0.V5", "S0.V7")
@settings(max_examples=20)
@given(SEEDS, st.floats(0, 2))
def test_each_objective_is_its_formula(seed, beta):
    output, y = random_output(seed)
    rate = divergence(output.code, (torch.zeros(K), torch.ones(K))).mean()
    residual = divergence(output.code, (output.backward.mean[y], output.backward.scale[y])).mean()
    cross_entropy = -torch.distributions.Categorical(logits=output.logits).log_prob(y).mean()
    expected = {
        "vib": (vib(output, y, beta=beta), beta * rate),
        "squared": (squared_vib(output, y, beta=beta), beta * rate**2),
        "within": (free_bits(output, y, beta=beta, free=rate + 1), beta * (rate + 1)),
        "above": (free_bits(output, y, beta=beta, free=rate / 2), beta * rate),
        "ceb": (ceb(output, y, beta=beta), beta * residual),
    }
    for terms, price in expected.values():
        torch.testing.assert_close(terms["loss"], cross_entropy + price)
        torch.testing.assert_close(terms["rate"], rate)
        torch.testing.assert_close(terms["cross_entropy"], cross_entropy)
        assert terms["error"].item() == pytest.approx(np.mean((output.logits.argmax(-1) != y).numpy()))


@pytest.mark.source("S1.A7", "E1.12")
@settings(max_examples=20)
@given(SEEDS)
def test_the_rate_is_half_the_square_less_the_entropy(seed):
    """And E‖Z‖² alone is another: they differ by more than a constant, unless H[Z|X] is fixed."""
    code = random_output(seed)[0].code
    square = (code.mean**2 + code.scale**2).sum(-1)  # E‖Z‖² given x
    rate = square / 2 + K / 2 * math.log(2 * math.pi) - code.entropy()
    torch.testing.assert_close(code.kl_to_standard(), rate)
    fixed = Gaussian(code.mean, torch.full_like(code.scale, 0.3))
    constant = fixed.kl_to_standard() - (fixed.mean**2 + fixed.scale**2).sum(-1) / 2
    torch.testing.assert_close(constant, constant[:1].expand(N))
    assert (code.kl_to_standard() - square / 2).std() > 1e-3


def test_free_bits_leave_a_code_within_the_allowance_alone():
    output, y = random_output(0)
    mean = output.code.mean.requires_grad_()
    rate = output.code.kl_to_standard().mean().item()
    for free, pulled in ((rate + 1, False), (rate - 1, True)):
        (gradient,) = torch.autograd.grad(
            free_bits(output, y, beta=1, free=free)["loss"], mean, retain_graph=True
        )
        assert bool(gradient.abs().max() > 0) == pulled


@settings(max_examples=15)
@given(SEEDS)
def test_the_pairwise_bound_lies_between_the_information_and_ln_n(seed):
    output, y = random_output(seed)
    information = nonlinear_ib(output, y, beta=1)["information"].item()
    means, scales = output.code.mean.numpy(), output.code.scale.numpy()
    pairs = torch.stack([divergence(output.code, (m, s)) for m, s in zip(*output.code, strict=True)], dim=1)
    assert information == pytest.approx(-pairs.neg().exp().mean(1).log().mean().item(), abs=1e-9)
    honest = mixture(means, scales, samples=6000)
    assert honest.i_xz.value - 4 * honest.i_xz.error <= information <= math.log(N) + 1e-12
    assert information == pytest.approx(
        mixture_bounds(means, scales).upper - honest.h_z_given_x.value, abs=1e-9
    )


@pytest.mark.source("S0.PrH")
def test_warm_up_rises_and_stays():
    x, y = data()
    beta = WarmUp(0.3, epochs=10)
    run = fit(net(False), partial(vib, beta=beta.price), x, y, measure=beta, epochs=12)
    h = run.history
    np.testing.assert_allclose(h["beta"], 0.3 * np.minimum(1, np.arange(12) / 10), rtol=1e-6)
    np.testing.assert_allclose(h["loss"], h["cross_entropy"] + h["beta"] * h["rate"], rtol=1e-5)
    with pytest.raises(RuntimeError, match="new WarmUp"):
        fit(net(False), partial(vib, beta=beta.price), x, y, measure=beta, epochs=1)
    with pytest.raises(ValueError, match="at least 1"):
        WarmUp(0.3, epochs=0)


@pytest.mark.source("S0.V8")
def test_one_sample_estimates_the_gradient_without_bias():
    """The mean of reparameterised gradients is the derivative of the expectation, here of E z² = μ² + σ²."""
    mean = torch.tensor([0.7], dtype=torch.float64, requires_grad=True)
    scale = torch.tensor([0.4], dtype=torch.float64, requires_grad=True)
    noise = torch.randn(400_000, 1, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    Gaussian(mean, scale).sample(noise).square().mean().backward()
    assert mean.grad.item() == pytest.approx(1.4, abs=0.01)
    assert scale.grad.item() == pytest.approx(0.8, abs=0.01)


def data(n=40):
    g = torch.Generator().manual_seed(1)
    x = torch.randn(n, 5, generator=g)
    return x, (x[:, 0] > 0).long() + (x[:, 1] > 0).long()


def net(conditional):
    parts = dense(5, 8, 2 * K), GaussianHead(K), dense(K, 3)
    return ConditionalBottleneck(*parts, classes=3) if conditional else Bottleneck(*parts)


@pytest.mark.parametrize("objective", [vib, squared_vib, nonlinear_ib, ceb])
def test_an_ensemble_trains_as_the_loop(objective):
    x, y = data()
    conditional = objective is ceb
    seeds, betas = [3, 4], [1e-3, 0.3]
    plan = {"epochs": 2, "batch_size": 10, "learning_rate": 0.01}
    together = fit_ensemble(
        lambda: net(conditional), objective, x, y, seeds=seeds, hyper={"beta": betas}, **plan
    )
    for m, (seed, beta) in enumerate(zip(seeds, betas, strict=True)):
        torch.manual_seed(seed)
        alone = fit(net(conditional), objective, x, y, seed=seed, hyper={"beta": beta}, **plan)
        for name, history in alone.history.items():
            np.testing.assert_allclose(history, together.history[name][:, m], rtol=2e-4, err_msg=name)


def test_the_class_means_are_learnt():
    x, y = data(400)
    torch.manual_seed(0)
    run = fit(net(True), ceb, x, y, hyper={"beta": 0.1}, epochs=30, batch_size=40, learning_rate=0.01)
    assert run.model.class_means.abs().max() > 0.5
    assert run.history["residual"][-1] < run.history["rate"][-1]  # what is said of y is free
    assert run.history["error"][-1] < 0.2


@pytest.mark.source("S0.V10", "S0.PrH")
def test_a_dear_rate_collapses_and_a_low_price_cures():
    x, y = data(400)
    rates = {}
    for beta in (2.0, 0.01):
        torch.manual_seed(0)
        run = fit(net(False), vib, x, y, hyper={"beta": beta}, epochs=40, batch_size=40, learning_rate=0.01)
        rates[beta] = run.history["rate"][-1], run.history["error"][-1]
    assert rates[2.0][0] < 0.02
    assert rates[2.0][1] > 0.4  # no better than the commonest label
    assert rates[0.01][0] > 1
    assert rates[0.01][1] < 0.1


@settings(max_examples=10)
@given(SEEDS)
def test_bounds_of_a_random_net_hold_on_a_grid(seed):
    """The code of one dimension, cut into cells, is a table; its bounds agree with those of the net."""
    g = torch.Generator().manual_seed(seed)
    n, classes = 5, 2
    code = Gaussian(*(torch.randn(2, n, 1, generator=g, dtype=torch.float64) * 0.7).unbind())
    code = Gaussian(code.mean, code.scale.exp())
    decoder = nn.Linear(1, classes).double()
    edges = torch.linspace(-12, 12, 1501, dtype=torch.float64)[:, None]
    cells = torch.stack([Normal(m, s).cdf(edges[:, 0]) for m, s in zip(*code, strict=True)]).diff(dim=-1)
    encoder = (cells / cells.sum(-1, keepdim=True)).numpy()
    centres = (edges[1:] + edges[:-1]) / 2
    y = torch.arange(n) % classes
    p_xy = torch.nn.functional.one_hot(y).double().numpy() / n
    guess = decoder(centres).softmax(-1).detach().numpy()
    value, bound, gap = decoder_bound(p_xy, encoder, guess)
    assert bound + gap == pytest.approx(value, abs=1e-12)
    honest = mixture(code.mean.numpy(), code.scale.numpy(), y.numpy(), samples=8000)
    assert value == pytest.approx(honest.i_yz.value, abs=5 * honest.i_yz.error + 1e-3)
    noise = torch.randn(4000, n, 1, generator=g, dtype=torch.float64)
    z = code.sample(noise)
    terms = vib(Output(code, z, decoder(z).flatten(0, 1)), y.repeat(4000), beta=0.1)
    h_y = -(p_xy.sum(0) * np.log(p_xy.sum(0))).sum()
    assert h_y - terms["cross_entropy"].item() == pytest.approx(bound, abs=0.03)
    assert honest.i_xz.value <= terms["rate"].item() + 4 * honest.i_xz.error
    back = backward_bound(p_xy, encoder, np.full((classes, len(centres)), 1 / len(centres)))
    assert back.value == pytest.approx(honest.i_xz_given_y.value, abs=5 * honest.i_xz_given_y.error + 1e-3)


@pytest.mark.source("S0.V6")
def test_a_linear_net_finds_the_gaussian_bottleneck():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((4000, 2)) * [1, 2]
    y = x @ [1.0, 0.2] + 0.7 * rng.standard_normal(4000)
    x, y = x - x.mean(0), y - y.mean()
    beta = 0.2
    truth = gaussian_ib(np.cov(x.T), y.var(ddof=1), (x.T @ y / 3999)[:, None], [1 / beta])

    def regression(output, y, beta):
        error = (output.logits[:, 0] - y).square().mean()
        rate = output.code.kl_to_standard().mean()
        # The decoder is Gaussian, its variance the best one: −ln d = ½ ln(2πe · error) on average.
        return {"loss": error.log() / 2 + beta * rate, "error": error, "rate": rate}

    torch.manual_seed(0)
    model = Bottleneck(nn.Linear(2, 2), GaussianHead(1, shift=0.0), nn.Linear(1, 1))
    run = fit(
        model, regression, torch.tensor(x).float(), torch.tensor(y).float(), hyper={"beta": beta},
        epochs=400, batch_size=4000, learning_rate=0.03, schedule=lambda epoch: 1 if epoch < 200 else 0.1,
    )  # fmt: skip
    rate = run.history["rate"][-50:].mean()
    relevance = -np.log(run.history["error"][-50:].mean() / y.var()) / 2
    assert rate == pytest.approx(truth.i_xt[0], abs=0.02)
    assert relevance == pytest.approx(truth.i_ty[0], abs=0.02)
    direction = run.model.encoder.weight[0].detach().numpy()
    expected = truth.projection[0, 0]
    cosine = direction @ expected / np.linalg.norm(direction) / np.linalg.norm(expected)
    assert abs(cosine) > 0.999
