"""The losses on batches: against the tables, their gradients, their bias, ensembles."""

import copy
from functools import partial

import numpy as np
import pytest
import torch

from ibcourse.decoder_uncertainty import optimal_decoder, uncertainties
from ibcourse.decoder_uncertainty.objectives import (
    OBJECTIVES,
    CodeClassifier,
    CodeOutput,
    TableDecoder,
    log_optimal_decoder,
    measured,
    uncertainty,
)
from ibcourse.nets import Categorical, dense, fit, fit_ensemble


def problem(seed=0, n=40, states=5, classes=3, dtype=torch.float64):
    """Random logits of codes, labels, and a random decoder."""
    draw = torch.Generator().manual_seed(seed)
    logits = 2 * torch.randn(n, states, generator=draw, dtype=dtype)
    y = torch.randint(classes, (n,), generator=draw)
    return logits, y, torch.randn(states, classes, generator=draw, dtype=dtype).log_softmax(-1)


def output(logits, log_decoder):
    code = Categorical(logits)
    return CodeOutput(code, code.probs, log_decoder)


def one_row_an_input(y, classes=3):
    return torch.eye(classes, dtype=torch.float64)[y] / len(y)


@pytest.mark.source("S1.PCE", "S1.DCE", "S1.5.4a")
@pytest.mark.parametrize("seed", range(3))
def test_losses_and_measures_are_those_of_the_table(seed):
    logits, y, log_decoder = problem(seed)
    z = logits.softmax(-1)
    table = uncertainties(one_row_an_input(y), z, log_decoder.exp())
    values = measured(z, y, log_decoder)
    for name, objective in OBJECTIVES.items():
        expected = getattr(table, name).item()
        assert objective(output(logits, log_decoder), y)["loss"].item() == pytest.approx(expected, rel=1e-12)
        assert values[name] == pytest.approx(expected, rel=1e-12)
    wrong = ((z @ log_decoder.exp()).argmax(1) != y).double().mean()
    assert values["error"] == pytest.approx(wrong.item())
    np.testing.assert_allclose(
        log_optimal_decoder(z, y, 3).exp(), optimal_decoder(one_row_an_input(y), z), atol=1e-12
    )


@pytest.mark.source("S1.Grad")
def test_holding_the_optimal_decoder_fixed_changes_no_gradient():
    logits, y, log_decoder = problem()
    logits.requires_grad_()
    held = torch.autograd.grad(uncertainty(output(logits, log_decoder), y)["loss"], logits)[0]
    table = uncertainties(one_row_an_input(y), logits.softmax(-1), log_decoder.exp())
    np.testing.assert_allclose(held, torch.autograd.grad(table.uncertainty, logits)[0], atol=1e-15)


@pytest.mark.parametrize("name", OBJECTIVES)
def test_extreme_codes_have_finite_losses_and_gradients(name):
    """Probabilities that underflow, a class that is absent, a code that nobody uses."""
    logits = torch.tensor([[300.0, 0, -300], [0, 300, -300], [300, 0, -300]], requires_grad=True)
    y = torch.tensor([0, 1, 0])
    log_decoder = torch.randn(3, 4, generator=torch.Generator().manual_seed(0)).log_softmax(-1)
    loss = OBJECTIVES[name](output(logits, log_decoder), y)["loss"]
    (slope,) = torch.autograd.grad(loss, logits)
    assert loss.isfinite()
    assert slope.isfinite().all()
    z = logits.detach().softmax(-1)
    assert all(np.isfinite(v) for v in measured(z, y, log_optimal_decoder(z, y, 4)).values())


def test_the_uncertainty_of_a_batch_is_too_low_and_the_cross_entropies_are_not():
    logits, y, log_decoder = problem(n=3000, states=20)
    whole = measured(logits.softmax(-1), y, log_decoder)
    order = torch.randperm(3000, generator=torch.Generator().manual_seed(1))
    low = {}
    for size in (30, 300):
        batches = [(output(logits[batch], log_decoder), y[batch]) for batch in order.split(size)]
        means = {
            name: np.mean([objective(*batch)["loss"] for batch in batches])
            for name, objective in OBJECTIVES.items()
        }
        for name in ("decoder_cross_entropy", "prediction_cross_entropy"):
            assert means[name] == pytest.approx(whole[name], rel=1e-12)
        low[size] = whole["uncertainty"] - means["uncertainty"]
    assert low[30] > 5 * low[300] > 0.01


@pytest.mark.source("S1.5.4c")
def test_a_table_can_be_set_and_a_net_cannot():
    logits, y, _ = problem(dtype=torch.float32)
    best = log_optimal_decoder(logits.softmax(-1), y, 3)
    decoder = TableDecoder(5, classes=3)
    decoder.set_table(best)
    np.testing.assert_allclose(decoder().detach(), best, atol=1e-6)
    with pytest.raises(ValueError, match="has hidden layers and cannot be set"):
        TableDecoder(5, 8, classes=3).set_table(best)


def make(hidden=(6,)):
    return CodeClassifier(dense(4, 8, 5), TableDecoder(5, *hidden, classes=3)).double()


@pytest.mark.parametrize("name", OBJECTIVES)
def test_an_ensemble_is_its_members(name):
    x = torch.randn(30, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    y = torch.arange(30) % 3
    hidden = () if name == "uncertainty" else (6,)
    options = {"epochs": 3, "batch_size": 7, "learning_rate": 0.01, "progress": False}

    def measure(model, epoch):
        z = model(x, x.new_empty(0)).z
        if name == "uncertainty":
            model.decoder.set_table(log_optimal_decoder(z, y, 3))
        return measured(z, y, model.decoder())

    both = fit_ensemble(
        partial(make, hidden), OBJECTIVES[name], x, y, seeds=[3, 4], measure=measure, **options
    )
    for m, seed in enumerate([3, 4]):
        torch.manual_seed(seed)
        one = fit(make(hidden), OBJECTIVES[name], x, y, seed=seed, measure=measure, **options)
        for key, values in one.history.items():
            np.testing.assert_allclose(both.history[key][:, m], values, rtol=1e-9, err_msg=key)
        for ours, theirs in zip(one.model.parameters(), both.member(m).parameters(), strict=True):
            np.testing.assert_allclose(ours.detach(), theirs.detach(), atol=1e-9)


@pytest.mark.parametrize("name", OBJECTIVES)
def test_each_loss_is_learnt(name):
    """Three separated clusters, five codes: a few hundred steps bring the loss near zero."""
    draw = torch.Generator().manual_seed(0)
    y = torch.arange(60) % 3
    x = 3 * torch.eye(4)[y] + 0.3 * torch.randn(60, 4, generator=draw)
    torch.manual_seed(1)
    model = CodeClassifier(dense(4, 32, 5), TableDecoder(5, 32, classes=3))
    before = copy.deepcopy(model)(x, x.new_empty(0))
    start = OBJECTIVES[name](before, y)["loss"].item()
    run = fit(model, OBJECTIVES[name], x, y, epochs=100, batch_size=30, learning_rate=0.02, progress=False)
    assert start > 0.9
    assert run.history["loss"][-1] < 0.1
