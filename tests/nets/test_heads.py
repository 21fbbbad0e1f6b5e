"""Codes against torch's distributions and the closed forms of topic 01, and the heads that make them."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.distributions import Independent, Normal, kl_divergence
from torch.nn import functional as F

from ibcourse.information import gaussian_entropy, gaussian_kl
from ibcourse.nets import (
    Bottleneck,
    Categorical,
    CategoricalHead,
    FixedNoiseHead,
    Gaussian,
    GaussianHead,
    dense,
    dropout_cnn,
)

means = st.lists(st.floats(-10, 10), min_size=3, max_size=3)
scales = st.lists(st.floats(1e-6, 1e3), min_size=3, max_size=3)


def double(*rows):
    return [torch.tensor(row, dtype=torch.float64) for row in rows]


@given(means, scales)
def test_rate_and_entropy_are_the_closed_forms(mean, scale):
    code = Gaussian(*double(mean, scale))
    other = Independent(Normal(*code), 1)
    standard = Independent(Normal(torch.zeros(3).double(), 1.0), 1)
    rate = code.kl_to_standard()
    torch.testing.assert_close(rate, kl_divergence(other, standard), rtol=1e-10, atol=1e-10)
    rates = [gaussian_kl([m], [[s * s]], [0], [[1]]) for m, s in zip(mean, scale, strict=True)]
    assert rate.item() == pytest.approx(sum(rates), rel=1e-9, abs=1e-9)
    torch.testing.assert_close(code.entropy(), other.entropy(), rtol=1e-10, atol=1e-10)
    entropies = [gaussian_entropy([[s * s]]) for s in scale]
    assert code.entropy().item() == pytest.approx(sum(entropies), rel=1e-9, abs=1e-9)


@given(means, scales, means)
def test_log_prob_is_that_of_torch(mean, scale, z):
    mean, scale, z = double(mean, scale, z)
    torch.testing.assert_close(
        Gaussian(mean, scale).log_prob(z),
        Independent(Normal(mean, scale), 1).log_prob(z),
        rtol=1e-10,
        atol=1e-8,
    )


@given(st.integers(-300, 300))
def test_a_rate_in_single_precision_is_never_negative(steps):
    scale = torch.tensor([1 + steps * torch.finfo(torch.float32).eps])
    assert Gaussian(torch.zeros(1), scale).kl_to_standard() >= 0


def test_the_mean_content_of_samples_is_the_entropy():
    code = Gaussian(*double([1.0, -2.0], [0.1, 3.0]))
    noise = torch.randn(20000, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    content = -code.log_prob(code.sample(noise))
    assert abs(content.mean() - code.entropy()) < 4 * content.std() / math.sqrt(20000)


def test_a_scale_of_zero_samples_the_mean_exactly():
    features = torch.tensor([[0.1, -1e30, 1e-30]])
    code = FixedNoiseHead(3, scale=0)(features)
    assert torch.equal(code.sample(torch.randn(5, 1, 3)), features.expand(5, 1, 3))
    assert code.entropy() == -math.inf


def test_fixed_noise_has_its_scale_everywhere():
    code = FixedNoiseHead(3, scale=0.25)(torch.zeros(2, 3))
    assert torch.equal(code.scale, torch.full((2, 3), 0.25))
    assert torch.equal(code.sample(torch.ones(2, 3)), torch.full((2, 3), 0.25))


@pytest.mark.parametrize("rho", [-1e4, -200.0, -100.0, -5.0, 0.0, 50.0])
def test_a_gaussian_head_stays_finite_at_every_scale(rho):
    features = torch.tensor([[0.5, rho]], requires_grad=True)
    code = GaussianHead(1)(features)
    (code.kl_to_standard() + code.entropy()).sum().backward()
    assert code.scale.item() == pytest.approx(
        float(F.softplus(torch.tensor(rho - 5.0).double())), rel=1e-4, abs=1e-37
    )
    assert code.scale > 0
    assert code.kl_to_standard().isfinite().all()
    assert features.grad.isfinite().all()


def test_a_categorical_code_is_a_softmax():
    logits = torch.tensor([[1.0, 2.0, 4.0], [1000.0, 0.0, -1000.0]])
    code = Categorical(logits)
    torch.testing.assert_close(code.probs, torch.distributions.Categorical(logits=logits).probs)
    torch.testing.assert_close(code.log_probs[0].exp(), code.probs[0])
    assert code.log_probs.isfinite().all()


def test_the_latent_of_a_categorical_head_is_its_probabilities():
    model = Bottleneck(dense(6, 4), CategoricalHead(4), dense(4, 3))
    noise = model.draw(5, torch.Generator())
    output = model(torch.rand(5, 6), noise)
    assert noise.shape == (5,)
    assert torch.equal(output.z, output.code.probs)
    assert output.logits.shape == (5, 3)


@pytest.mark.parametrize("head", [GaussianHead(4), FixedNoiseHead(8, 0.1), CategoricalHead(8)])
def test_an_encoder_of_the_wrong_width_is_refused(head):
    model = Bottleneck(dense(6, 7), head, dense(4, 3))
    with pytest.raises(ValueError, match=r"got 7 features; expected 8\. Give the encoder 8 outputs"):
        model(torch.zeros(2, 6), model.draw(2, torch.Generator()))


@pytest.mark.parametrize("scale", [-0.1, math.nan, math.inf])
def test_a_scale_that_is_none_is_refused(scale):
    with pytest.raises(ValueError, match=r"scale is .*; expected"):
        FixedNoiseHead(2, scale)


@pytest.mark.parametrize("k", [0, -1, 2.5, "2", True])
@pytest.mark.parametrize("head", [GaussianHead, lambda k: FixedNoiseHead(k, 0.1), CategoricalHead])
def test_a_number_of_coordinates_that_is_none_is_refused(head, k):
    with pytest.raises(ValueError, match=r"k is .*; expected a whole number, at least 1"):
        head(k)


@pytest.mark.parametrize("shift", [math.nan, -math.inf, "-5", None, torch.zeros(2)])
def test_a_shift_that_is_no_number_is_refused(shift):
    with pytest.raises(ValueError, match=r"shift is .*; expected a finite number"):
        GaussianHead(2, shift)


def test_several_latents_are_those_of_each_noise():
    model = Bottleneck(dense(6, 4), GaussianHead(2), dense(2, 5, 3))
    x, noise = torch.rand(7, 6), torch.randn(4, 7, 2)
    several = model(x, noise)
    assert several.logits.shape == (4, 7, 3)
    for s in range(4):
        torch.testing.assert_close(several.logits[s], model(x, noise[s]).logits)


def test_noise_comes_from_its_generator_alone():
    model = Bottleneck(dense(6, 4), GaussianHead(2), dense(2, 3)).double()
    draws = []
    for seed in (1, 2):
        torch.manual_seed(seed)
        draws.append(model.draw(5, torch.Generator().manual_seed(3)))
    assert torch.equal(*draws)
    assert draws[0].shape == (5, 2)
    assert draws[0].dtype == torch.float64


def test_codes_stay_single_precision_under_autocast():
    model = Bottleneck(dropout_cnn(4, size=8), GaussianHead(2), dense(2, 3))
    with torch.autocast("cpu", torch.bfloat16):
        assert model.encoder(torch.rand(2, 1, 8, 8)).dtype == torch.bfloat16
        output = model(torch.rand(2, 1, 8, 8), torch.randn(2, 2))
    assert {output.code.mean.dtype, output.code.scale.dtype, output.z.dtype, output.logits.dtype} == {
        torch.float32
    }
