"""Ensembles against the loop, member by member."""

import copy

import numpy as np
import pytest
import torch
from torch import nn
from torch.func import functional_call

from ibcourse.nets import Bottleneck, CategoricalHead, FixedNoiseHead, dense, fit, fit_ensemble, resnet18

SEEDS = [5, 6, 6]
BETAS = [0.0, 0.1, 3.0]


def make_head(head):
    return lambda: Bottleneck(dense(64, 16, head.features), copy.deepcopy(head), dense(4, 12, 10))


@pytest.mark.parametrize(
    ("dtype", "tolerance"), [(torch.float64, 1e-10), (torch.float32, 1e-5)], ids=["double", "single"]
)
def test_members_agree_with_the_loop(problem, dtype, tolerance):
    x, y = problem.x.to(dtype), problem.y

    def make():
        return problem.make().to(dtype)

    def measure(model, epoch):
        return {"norm": sum(p.square().sum() for p in model.parameters())}

    settings = {
        "epochs": 4, "batch_size": 16, "learning_rate": 3e-3, "betas": (0.5, 0.99), "average": 0.8,
        "order": 2, "schedule": lambda epoch: 0.9**epoch, "measure": measure,
        "augment": lambda x, generator: x * torch.rand(len(x), 1, 1, 1, generator=generator, dtype=dtype),
    }  # fmt: skip
    ensemble = fit_ensemble(make, problem.objective, x, y, seeds=SEEDS, hyper={"beta": BETAS}, **settings)
    assert ensemble.history["loss"].shape == (4, 3)
    for m, (seed, beta) in enumerate(zip(SEEDS, BETAS, strict=True)):
        torch.manual_seed(seed)
        run = fit(make(), problem.objective, x, y, seed=seed, hyper={"beta": beta}, **settings)
        for own, other in ((ensemble.member(m), run.model), (ensemble.averages[m], run.average)):
            assert own.state_dict().keys() == other.state_dict().keys()
            for weights, expected in zip(own.parameters(), other.parameters(), strict=True):
                torch.testing.assert_close(weights, expected, rtol=tolerance, atol=tolerance)
        for name, values in run.history.items():
            np.testing.assert_allclose(
                ensemble.history[name][:, m], values, rtol=10 * tolerance, atol=tolerance
            )
    # Members of one seed differ by their β alone, and so do not stay equal.
    assert not torch.equal(ensemble.member(1).decoder[1].weight, ensemble.member(2).decoder[1].weight)


@pytest.mark.parametrize("head", [FixedNoiseHead(4, 0.3), CategoricalHead(4)], ids=["fixed", "categorical"])
def test_other_heads_agree_too(problem, head):
    def objective(output, y):
        return {"loss": nn.functional.cross_entropy(output.logits, y)}

    make = make_head(head)
    ensemble = fit_ensemble(make, objective, problem.x, problem.y, seeds=[1, 2], epochs=3, batch_size=20)
    for m, seed in enumerate([1, 2]):
        torch.manual_seed(seed)
        run = fit(make(), objective, problem.x, problem.y, seed=seed, epochs=3, batch_size=20)
        np.testing.assert_allclose(ensemble.history["loss"][:, m], run.history["loss"], rtol=1e-5)


def test_members_work_by_themselves(problem):
    run = fit_ensemble(problem.make, problem.objective, problem.x, problem.y, seeds=[1, 2], epochs=1)
    model = run.member(1)
    noise = torch.zeros(50, 4)
    assert not model.training
    before = run.member(0)(problem.x, noise).logits
    expected = functional_call(problem.make(), dict(model.named_parameters()), (problem.x, noise)).logits
    assert torch.equal(model(problem.x, noise).logits, expected)
    with torch.no_grad():
        model.decoder[1].weight.zero_()
    assert torch.equal(run.member(0)(problem.x, noise).logits, before)
    model(problem.x, noise).logits.sum().backward()  # it can be trained on
    assert run.averages == []


def test_measure_may_change_the_weights_of_one_member(problem):
    def shrink(model, epoch):
        if len(calls) % 2 == 1:
            model.decoder[1].weight.mul_(0)
        calls.append(epoch)
        return {"norm": model.decoder[1].weight.norm()}

    calls = []
    run = fit_ensemble(
        problem.make, problem.objective, problem.x, problem.y, seeds=[1, 2], epochs=2, measure=shrink
    )
    assert calls == [0, 0, 1, 1]
    assert (run.history["norm"][:, 0] > 0).all()
    assert (run.history["norm"][:, 1] == 0).all()
    assert run.member(1).decoder[1].weight.count_nonzero() == 0


def test_bfloat16_rounds_the_products_only(problem):
    losses = [
        fit_ensemble(
            problem.make, problem.objective, problem.x, problem.y, seeds=[1, 2], epochs=2, bfloat16=bfloat16
        ).history["loss"]
        for bfloat16 in (False, True)
    ]
    assert (losses[0] != losses[1]).all()
    np.testing.assert_allclose(losses[1], losses[0], rtol=0.01)


def test_the_callers_generator_is_left_alone(problem):
    torch.manual_seed(1)
    expected = torch.get_rng_state()
    fit_ensemble(problem.make, problem.objective, problem.x, problem.y, seeds=[1, 2], epochs=1)
    assert torch.equal(torch.get_rng_state(), expected)


@pytest.mark.parametrize(
    ("encoder", "message"),
    [
        (lambda: dense(64, 8, 8, dropout=0.1), "has a Dropout: dropout draws .* one by one with fit"),
        (lambda: resnet18(8, channels=1), "has a BatchNorm2d: batch norm changes buffers"),
    ],
)
def test_models_with_state_or_masks_are_refused(problem, encoder, message):
    def make():
        return Bottleneck(encoder(), CategoricalHead(8), dense(8, 10))

    with pytest.raises(ValueError, match=message):
        fit_ensemble(make, problem.objective, problem.x, problem.y, seeds=[1], epochs=1)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"seeds": []}, "seeds is empty"),
        ({"seeds": 3}, r"seeds is 3; expected one seed for each member, such as range\(3\)"),
        ({"seeds": [0, -1]}, r"seeds\[1\] is -1; expected a whole number, at least 0"),
        ({"measure": lambda model, epoch: None}, "measure returned None; expected a dict"),
        ({"hyper": {"beta": [1, 2, 3]}}, r"beta has shape \(3,\); expected 2 numbers, one for each seed"),
        ({"hyper": {"beta": 1}}, r"beta has shape \(\); expected 2 numbers"),
        ({"batch_size": 0}, "batch_size is 0"),
    ],
)
def test_settings_that_cannot_be_are_refused(problem, settings, message):
    with pytest.raises(ValueError, match=message):
        fit_ensemble(
            problem.make, problem.objective, problem.x, problem.y, **{"seeds": [1, 2], "epochs": 1} | settings
        )


def test_models_that_are_not_alike_are_refused(problem):
    def made(*heads):
        left = iter(heads)
        return lambda: Bottleneck(dense(64, 4), next(left), dense(4, 10))

    for make, message in (
        (problem.make(), "make is a model; expected a function"),
        (made(FixedNoiseHead(4, 0.1), FixedNoiseHead(4, 0.2)), "differ in more than their weights"),
        (made(FixedNoiseHead(4, 0.1), CategoricalHead(4)), "differ in more than their weights"),
    ):
        with pytest.raises(ValueError, match=message):
            fit_ensemble(make, problem.objective, problem.x, problem.y, seeds=[1, 2], epochs=1)


def test_measure_names_the_same_for_each_member(problem):
    names = iter("ab")
    with pytest.raises(ValueError, match=r"measure gave \['a'\] and \['b'\] for the members"):
        fit_ensemble(
            problem.make, problem.objective, problem.x, problem.y, seeds=[1, 2], epochs=1,
            measure=lambda model, epoch: {next(names): 1},
        )  # fmt: skip


def test_a_term_with_axes_is_refused(problem):
    def objective(output, y):
        return {"loss": output.logits.mean(1)}

    with pytest.raises(ValueError, match=r"loss has shape \(2, 50\); expected \(2,\)"):
        fit_ensemble(problem.make, objective, problem.x, problem.y, seeds=[1, 2], epochs=1)


def test_the_members_that_diverge_are_named(problem):
    def objective(output, y, beta):
        return {"loss": (output.logits.square().mean() * beta).log()}

    with pytest.raises(FloatingPointError, match=r"the loss of the members \[0, 2\] became"):
        fit_ensemble(
            problem.make,
            objective,
            problem.x,
            problem.y,
            seeds=[1, 2, 3],
            hyper={"beta": [0, 1, -1]},
            epochs=1,
        )
