"""The surrogate objectives against NumPy, their gradients, and reparameterisation."""

import sys
from importlib import import_module

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from ibcourse.differential_entropy import (
    ZERO_ENTROPY_SCALE,
    conditional_log_variance,
    log_variance,
    second_moment,
)
from ibcourse.differential_entropy.layers import reparameterise
from ibcourse.differential_entropy.objectives import (
    OBJECTIVES,
    with_conditional_log_variance,
    with_log_variance,
    with_second_moment,
)
from ibcourse.nets import Bottleneck, FixedNoiseHead, Output, dense, fit, fit_ensemble


def batch(seed=0, n=30, k=4, classes=3):
    generator = np.random.default_rng(seed)
    z = torch.tensor(generator.normal(size=(n, k)), dtype=torch.float32)
    logits = torch.tensor(generator.normal(size=(n, classes)), dtype=torch.float32)
    y = torch.tensor(generator.integers(classes, size=n))
    if n >= 2 * classes:  # every class twice
        y[: 2 * classes] = torch.arange(2 * classes) % classes
    return Output(None, z, logits), y


# ------------------------------------------------------------------------------------------------- objectives


@given(st.integers(0, 10_000), st.floats(0, 10))
@settings(max_examples=20)
@pytest.mark.source("S1.Obs8a", "S1.Obs8b", "S1.Obs8c")
def test_the_terms_are_those_of_numpy(seed, gamma):
    output, y = batch(seed)
    z, logits, labels = output.z.double().numpy(), output.logits.double().numpy(), y.numpy()
    shifted = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    loss = -shifted[np.arange(len(y)), labels].mean()
    for objective, regulariser in (
        (with_second_moment, second_moment(z)),
        (with_log_variance, log_variance(z)),
        (with_conditional_log_variance, conditional_log_variance(z, labels)),
    ):
        terms = objective(output, y, gamma)
        assert terms["cross_entropy"].item() == pytest.approx(loss, abs=1e-5)
        assert terms["regulariser"].item() == pytest.approx(float(regulariser), abs=1e-4)
        assert terms["loss"].item() == pytest.approx(loss + gamma * float(regulariser), abs=1e-3)


def test_classes_with_one_sample_are_left_out():
    output, y = batch(n=8, classes=3)
    y[:] = torch.tensor([0, 0, 0, 1, 1, 1, 1, 2])
    alone = with_conditional_log_variance(output, y, 1.0)["regulariser"]
    without = with_conditional_log_variance(Output(None, output.z[:7], output.logits[:7]), y[:7], 1.0)[
        "regulariser"
    ]
    assert alone.item() == pytest.approx(without.item(), rel=1e-6)
    every = with_conditional_log_variance(Output(None, output.z[:3], output.logits[:3]), torch.arange(3), 1.0)
    assert every["regulariser"].item() == 0
    assert every["loss"] == every["cross_entropy"]


@pytest.mark.parametrize("name", OBJECTIVES)
def test_gradients_are_finite_where_classes_are_missing_and_codes_coincide(name):
    output, y = batch(n=6, classes=5)
    y[:] = torch.tensor([0, 0, 0, 1, 1, 4])
    z = output.z.clone().requires_grad_()
    OBJECTIVES[name](Output(None, z, output.logits), y, 0.5)["loss"].backward()
    assert z.grad.isfinite().all()
    assert z.grad.abs().sum() > 0


@pytest.mark.parametrize("name", OBJECTIVES)
@pytest.mark.source("S1.6.1a")
def test_a_smaller_code_has_a_smaller_regulariser(name):
    output, y = batch()
    small = Output(None, output.z / 10, output.logits)
    before, after = (OBJECTIVES[name](o, y, 1.0)["regulariser"].item() for o in (output, small))
    if name == "second-moment":
        assert after == pytest.approx(before / 100, rel=1e-4)
    else:  # k ln 10 lower, as the entropy, and without a lower bound
        assert before - after == pytest.approx(4 * np.log(10), abs=1e-3)


@pytest.mark.parametrize("name", OBJECTIVES)
def test_an_ensemble_of_several_gammas_agrees_with_the_loop(name):
    x, y = torch.rand(40, 6, generator=torch.Generator().manual_seed(0)), torch.arange(40) % 4
    gammas, plan = [0.01, 1.0], {"epochs": 3, "batch_size": 20, "learning_rate": 1e-2, "progress": False}

    def make():
        return Bottleneck(dense(6, 8, 3), FixedNoiseHead(3, ZERO_ENTROPY_SCALE), dense(3, 4))

    both = fit_ensemble(make, OBJECTIVES[name], x, y, seeds=[0, 0], hyper={"gamma": gammas}, **plan)
    for member, gamma in enumerate(gammas):
        torch.manual_seed(0)
        one = fit(make(), OBJECTIVES[name], x, y, seed=0, hyper={"gamma": gamma}, **plan)
        for term, values in one.history.items():
            assert both.history[term][:, member] == pytest.approx(values, abs=1e-3)


# ----------------------------------------------------------------------------------------- reparameterisation


@given(
    st.integers(0, 10_000),
    st.floats(1e-4, 1e4),
    st.booleans(),
)
@settings(max_examples=25)
@pytest.mark.source("S1.6.1a", "S1.Exp7.2")
def test_a_reparameterised_net_is_the_same_net(seed, scale, relu):
    torch.manual_seed(seed)
    middle = nn.ReLU() if relu else nn.Identity()
    net = nn.Sequential(nn.Linear(5, 4), middle, nn.Linear(4, 3)).double()
    x = torch.randn(10, 5, dtype=torch.float64)
    scales = scale * (0.5 + torch.rand(4, dtype=torch.float64))
    shift = 0.0 if relu else torch.randn(4, dtype=torch.float64)
    code, before = net[0](x), net(x)
    reparameterise(net[0], net[2], scales, shift)
    torch.testing.assert_close(net(x), before, rtol=1e-9, atol=1e-9)
    torch.testing.assert_close(net[0](x), code * scales + shift, rtol=1e-9, atol=1e-9)


def test_powers_of_two_change_no_bit():
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(5, 4), nn.Linear(4, 3))
    x = torch.randn(10, 5)
    before = net(x)
    for _ in range(100):
        reparameterise(net[0], net[1], 0.5)
    assert torch.equal(net(x), before)
    fall = log_variance(net[0](x).detach() * 2.0**100) - log_variance(net[0](x).detach())
    assert fall.item() == pytest.approx(4 * 100 * np.log(2))


def test_every_surrogate_falls_while_the_outputs_stay():
    output, y = batch()
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 3))
    values = []
    for _ in range(2):
        z = net[0](output.z).detach()
        values.append([OBJECTIVES[name](Output(None, z, net(output.z)), y, 1.0) for name in OBJECTIVES])
        reparameterise(net[0], net[1], 2.0**-10)
    for before, after in zip(*values, strict=True):
        assert torch.equal(before["cross_entropy"], after["cross_entropy"])
        assert after["regulariser"] < before["regulariser"] - 0.1


@pytest.mark.source("S1.A4d")
def test_noise_does_not_let_itself_be_reparameterised():
    torch.manual_seed(0)
    model = Bottleneck(dense(5, 4), FixedNoiseHead(4, ZERO_ENTROPY_SCALE), dense(4, 3))
    x, noise = torch.randn(10, 5), model.draw(10, torch.Generator().manual_seed(0))
    before = model(x, noise).logits
    reparameterise(model.encoder[-1], model.decoder[-1], 0.01)
    assert (model(x, noise).logits - before).abs().max() > 1
    torch.testing.assert_close(model(x, 0 * noise).logits, model.decoder(model.encoder(x)))


@pytest.mark.parametrize(
    ("scale", "shift", "words"),
    [
        (1.0, float("nan"), "shift is nan; expected finite numbers"),
        ([1.0, 2.0], 0.0, r"scale has shape \(2,\); expected a number or shape \(3,\)"),
        (1.0, [[1.0] * 3], r"shift has shape \(1, 3\)"),
    ],
)
def test_layers_are_whole_or_as_they_were(scale, shift, words):
    layers = nn.Linear(2, 3), nn.Linear(3, 3)
    before = [parameter.detach().clone() for layer in layers for parameter in layer.parameters()]
    with pytest.raises(ValueError, match=words):
        reparameterise(*layers, scale, shift)
    for one, other in zip(before, (p for layer in layers for p in layer.parameters()), strict=True):
        assert torch.equal(one, other)


@pytest.mark.parametrize(
    "module",
    [
        "variational.objectives",
        "decoder_uncertainty.objectives",
        "differential_entropy.layers",
        "differential_entropy.objectives",
    ],
)
def test_without_torch_the_error_says_how_to_get_it(monkeypatch, module):
    monkeypatch.setitem(sys.modules, "torch", None)
    for name in [*sys.modules]:
        if name.startswith("ibcourse.nets") or name == f"ibcourse.{module}":
            monkeypatch.delitem(sys.modules, name)
    with pytest.raises(ImportError, match=r"needs PyTorch and tqdm: pip install"):
        import_module(f"ibcourse.{module}")


@pytest.mark.parametrize(
    ("layers", "scale", "words"),
    [
        ((nn.Linear(2, 3), nn.Linear(2, 3)), 0.5, "the second with as many inputs"),
        ((nn.Linear(2, 3, bias=False), nn.Linear(3, 3)), 0.5, "two linear layers with biases"),
        ((nn.Linear(2, 3), nn.Linear(3, 3)), 0.0, "other than zero"),
        ((nn.Linear(2, 3), nn.Linear(3, 3)), float("inf"), "finite factors"),
    ],
)
def test_messages(layers, scale, words):
    with pytest.raises(ValueError, match=words):
        reparameterise(*layers, scale)
