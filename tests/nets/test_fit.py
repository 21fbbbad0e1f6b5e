"""The training loop against loops written out, its settings, and its errors."""

import copy
import math

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.utils._python_dispatch import TorchDispatchMode

from ibcourse.nets import Bottleneck, CategoricalHead, FixedNoiseHead, dense, dropout_cnn, fit, loop, resnet18
from ibcourse.nets.loop import _no_bar


def classify(output, y):
    return {"loss": F.cross_entropy(output.logits, y)}


def noiseless():
    """A model that needs no noise, in double precision, so that a plain loop can follow it."""
    torch.manual_seed(0)
    return Bottleneck(dense(64, 8), CategoricalHead(8), dense(8, 10)).double()


def weights(model):
    return torch.cat([parameter.detach().flatten() for parameter in model.parameters()])


def test_full_batches_give_the_steps_of_adam(problem):
    x, y = problem.x.double(), problem.y
    plain = noiseless()
    optimiser = torch.optim.Adam(plain.parameters(), lr=0.01, betas=(0.5, 0.99))
    losses, rates, passed = [], [], []
    for epoch in range(6):
        optimiser.param_groups[0]["lr"] = 0.01 * 0.5**epoch
        loss = F.cross_entropy(plain(x, None).logits, y)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
        passed.append(weights(plain))
    run = fit(
        noiseless(), classify, x, y, epochs=6, batch_size=len(x), learning_rate=0.01, betas=(0.5, 0.99),
        schedule=lambda epoch: 0.5**epoch, average=0.9,
        measure=lambda model, epoch: rates.append(epoch) or {"norm": weights(model).norm()},
    )  # fmt: skip
    np.testing.assert_allclose(run.history["loss"], losses, rtol=1e-12)
    torch.testing.assert_close(weights(run.model), passed[-1], rtol=1e-12, atol=1e-12)
    proportions = [0.9 ** (5 - i) for i in range(6)]
    mean = sum(p * w for p, w in zip(proportions, passed, strict=True)) / sum(proportions)
    torch.testing.assert_close(weights(run.average), mean, rtol=1e-12, atol=1e-12)
    assert run.history["norm"][-1] == pytest.approx(mean.norm().item())
    assert rates == list(range(6))
    assert {values.dtype for values in run.history.values()} == {np.dtype(np.float64)}


def test_an_epoch_sees_each_example_once_and_in_a_new_order(problem):
    seen = []

    def objective(output, y):
        seen.append(y)
        return classify(output, y) | {"mean": y.double().mean()}

    y = torch.arange(50) % 10
    index = torch.arange(50)
    run = fit(
        noiseless(), lambda o, i: objective(o, y[i]), problem.x.double(), index, epochs=2, batch_size=16
    )
    assert [len(batch) for batch in seen] == [16, 16, 16, 2] * 2
    first, second = torch.cat(seen[:4]), torch.cat(seen[4:])
    assert torch.equal(first.sort().values, y.sort().values)
    assert not torch.equal(first, second)
    # The mean weighs the last, smaller batch by its size.
    np.testing.assert_allclose(run.history["mean"], [4.5, 4.5], rtol=1e-6)


def test_seed_sets_the_noise_and_order_the_shuffles(problem):
    def trained(**settings):
        torch.manual_seed(0)
        model = problem.make()
        torch.manual_seed(torch.seed() % 1000)  # whatever the caller's generator does
        return fit(model, problem.objective, problem.x, problem.y, epochs=2, batch_size=20, **settings)

    same = trained(seed=1, order=2)
    assert torch.equal(weights(same.model), weights(trained(seed=1, order=2).model))
    assert not torch.equal(weights(same.model), weights(trained(seed=3, order=2).model))
    assert not torch.equal(weights(same.model), weights(trained(seed=1, order=3).model))


def test_the_callers_generator_is_left_alone_and_dropout_follows_the_seed(problem):
    def trained(seed, measure=None):
        torch.manual_seed(0)
        model = Bottleneck(dropout_cnn(4, size=8), FixedNoiseHead(4, 0.1), dense(4, 10))
        torch.manual_seed(12)
        run = fit(model, classify, problem.x, problem.y, epochs=2, batch_size=25, seed=seed, measure=measure)
        assert torch.equal(torch.get_rng_state(), torch.manual_seed(12).get_state())
        return weights(run.model)

    assert torch.equal(trained(1), trained(1))
    assert not torch.equal(trained(1), trained(2))
    # What is drawn to measure changes nothing in training.
    assert torch.equal(trained(1), trained(1, lambda model, epoch: {"drawn": torch.rand(3).sum()}))


def test_augment_draws_from_the_order(problem):
    def flip(x, generator):
        return torch.where(torch.rand(len(x), 1, 1, 1, generator=generator) < 0.5, x.flip(-1), x)

    torch.manual_seed(0)
    start = problem.make()
    runs = [
        fit(
            copy.deepcopy(start),
            problem.objective,
            problem.x,
            problem.y,
            epochs=1,
            augment=augment,
            order=order,
        )
        for augment, order in ((flip, 0), (flip, 0), (flip, 1), (None, 0))
    ]
    first, *others = (weights(run.model) for run in runs)
    assert [torch.equal(first, other) for other in others] == [True, False, False]


def test_measure_may_change_the_weights(problem):
    def rescale(model, epoch):
        model.decoder[-1].weight.mul_(0)
        return {"training": model.training, "gradients": torch.is_grad_enabled()}

    run = fit(problem.make(), problem.objective, problem.x, problem.y, epochs=2, measure=rescale)
    assert run.model.decoder[-1].weight.count_nonzero() == 0
    assert run.history["training"].tolist() == [0, 0]
    assert run.history["gradients"].tolist() == [0, 0]
    assert not run.model.training


def test_batch_norm_is_averaged_with_the_weights(problem):
    model = Bottleneck(resnet18(4, channels=1), FixedNoiseHead(4, 0.1), dense(4, 10))
    run = fit(model, classify, problem.x[:4], problem.y[:4], epochs=2, batch_size=2, average=0.5)
    norm, averaged = run.model.encoder[1], run.average.encoder[1]
    assert averaged.num_batches_tracked == norm.num_batches_tracked == 4
    assert not torch.equal(averaged.running_var, norm.running_var)
    assert not torch.equal(averaged.running_var, torch.ones(64))
    assert model.encoder[0].weight.is_contiguous(memory_format=torch.channels_last)


def test_bfloat16_rounds_the_products_only(problem):
    def trained(bfloat16):
        torch.manual_seed(0)
        run = fit(problem.make(), problem.objective, problem.x, problem.y, epochs=3, bfloat16=bfloat16)
        assert next(run.model.parameters()).dtype == torch.float32
        return run.history["loss"]

    exact, rounded = trained(False), trained(True)
    assert (exact != rounded).all()
    np.testing.assert_allclose(rounded, exact, rtol=0.01)


class Reads(TorchDispatchMode):
    """Count how often a number is read from a tensor."""

    def __init__(self):
        super().__init__()
        self.count = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        self.count += "_local_scalar_dense" in str(func)
        return func(*args, **(kwargs or {}))


def test_no_step_waits_for_the_device(problem):
    def reads(batch_size):
        with Reads() as mode:
            fit(
                problem.make(),
                problem.objective,
                problem.x,
                problem.y,
                epochs=1,
                batch_size=batch_size,
                average=0.9,
            )
        return mode.count

    assert reads(5) == reads(50)


def test_a_learning_signal_is_learnt():
    x = torch.eye(10, dtype=torch.float32).repeat(10, 1)
    model = Bottleneck(dense(10, 8), CategoricalHead(8), dense(8, 10))
    run = fit(model, classify, x, x.argmax(1), epochs=60, batch_size=20, learning_rate=0.05)
    assert run.history["loss"][-1] < 0.1 < 2 < run.history["loss"][0]
    assert run.seconds > 0


def test_the_bar_shows_the_loss_when_asked(problem, capsys):
    for progress in (None, False, True):
        fit(problem.make(), problem.objective, problem.x, problem.y, epochs=2, progress=progress)
        assert ("loss=" in capsys.readouterr().err) == (progress is True)


def test_a_loss_that_is_not_finite_stops_the_run(problem):
    def objective(output, y):
        return {"loss": (output.logits.mean() - 1e9).log()}

    with pytest.raises(
        FloatingPointError, match=r"the loss became infinite or nan in epoch 0 of 3 .*Lower learn"
    ):
        fit(problem.make(), objective, problem.x, problem.y, epochs=3)


def test_weights_that_are_not_finite_stop_the_run(problem):
    def objective(output, y):  # a finite loss, an infinite gradient
        return {"loss": (output.logits * 0).abs().sum().sqrt()}

    with pytest.raises(FloatingPointError, match="a weight became infinite or nan in epoch 0"):
        fit(problem.make(), objective, problem.x, problem.y, epochs=1, batch_size=50)


@pytest.mark.parametrize(
    ("returned", "message"),
    [
        (lambda o, y: {"error": o.logits.mean()}, "returned error; expected a term loss"),
        (lambda o, y: None, "objective returned None; expected a dict"),
        (lambda o, y: o.logits.mean(), "objective returned a Tensor; expected a dict"),
        (lambda o, y: {}, "returned nothing; expected a term loss"),
        (lambda o, y: {"loss": o.logits.mean(1)}, r"loss has shape \(50,\).* Take the mean"),
        (lambda o, y: {"loss": o.logits.mean(), "one": 1.0}, r"term one is 1\.0; expected a tensor"),
    ],
)
def test_an_objective_that_returns_something_else_is_refused(problem, returned, message):
    with pytest.raises(ValueError, match=message):
        fit(problem.make(), returned, problem.x, problem.y, epochs=1)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"epochs": 0}, "epochs is 0; expected a whole number, at least 1"),
        ({"epochs": 1.5}, r"epochs is 1\.5"),
        ({"epochs": "3"}, "epochs is '3'"),
        ({"epochs": None}, "epochs is None"),
        ({"batch_size": 2.5}, r"batch_size is 2\.5"),
        ({"seed": -1}, "seed is -1; expected a whole number, at least 0"),
        ({"order": -1}, "order is -1; expected a whole number, at least 0"),
        ({"learning_rate": "1e-3"}, "learning_rate is '1e-3'; expected a finite number"),
        ({"average": "0.9"}, r"average is '0\.9'; expected a finite number"),
        ({"betas": (None, 0.9)}, "betas is None; expected a finite number"),
        ({"batch_size": 0}, "batch_size is 0"),
        ({"average": 1.0}, r"average is 1\.0; expected a decay below 1"),
        ({"learning_rate": math.nan}, "learning_rate is nan; expected a finite number"),
        (
            {"schedule": lambda epoch: -epoch, "epochs": 2},
            r"learning rates of the epochs are \[-?0.0, -0.001\]",
        ),
        ({"hyper": {"beta": "big"}}, "beta is 'big'; expected numbers. Bind anything else"),
        ({"hyper": {"beta": [1, 2]}}, r"beta has shape \(2,\); expected one number"),
        ({"measure": lambda model, epoch: None}, "measure returned None; expected a dict"),
        ({"measure": lambda model, epoch: {"loss": 0}}, "objective and measure both return loss"),
        (
            {"measure": lambda model, epoch: {f"at {epoch}": 0}, "epochs": 2},
            "expected the same names in each",
        ),
    ],
)
def test_settings_that_cannot_be_are_refused(problem, settings, message):
    with pytest.raises(ValueError, match=message):
        fit(problem.make(), problem.objective, problem.x, problem.y, **{"epochs": 1} | settings)


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        (
            np.zeros((3, 64)),
            torch.zeros(3),
            r"x is a ndarray; expected a tensor, such as torch\.as_tensor\(x\)",
        ),
        (torch.zeros(3, 64), [0, 0, 0], "y is a list; expected a tensor"),
        (torch.zeros(3, 64), torch.zeros(2), "x has 3 examples and y has 2"),
        (torch.zeros(0, 64), torch.zeros(0), "at least one"),
        (torch.zeros(3, 64, device="meta"), torch.zeros(3), "x is on meta, the model on cpu"),
        (torch.zeros(3, 64).double(), torch.zeros(3), r"x is torch\.float64, the model torch\.float32"),
    ],
)
def test_data_that_do_not_fit_the_model_are_refused(problem, x, y, message):
    with pytest.raises(ValueError, match=message):
        fit(problem.make(), problem.objective, x, y, epochs=1)


@pytest.mark.parametrize(
    ("x", "y"),
    [
        (torch.zeros(3, 64, dtype=torch.uint8), torch.zeros(3, dtype=torch.int64)),
        (torch.zeros(3, 64), torch.zeros(3)),
        (torch.zeros(3, 64), torch.tensor([1, 2, 10])),
    ],
)
def test_an_error_of_torch_comes_with_what_was_given(problem, x, y):
    with pytest.raises(Exception) as caught:  # noqa: PT011
        fit(problem.make(), problem.objective, x, y, epochs=1)
    assert f"x is {x.dtype} of shape (3, 64); y is {y.dtype} of shape (3,)" in caught.value.__notes__[0]


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (dense(64, 10), r"the model is a Sequential; expected .* with a method draw\(n, generator\)"),
        (Bottleneck, "the model is a type"),
        (Bottleneck(nn.Flatten(), CategoricalHead(64), nn.Identity()), "the model has no parameters"),
    ],
)
def test_what_cannot_be_trained_is_refused(problem, model, message):
    with pytest.raises(ValueError, match=message):
        fit(model, problem.objective, problem.x, problem.y, epochs=1)


def test_compile_compiles_model_and_objective(problem, monkeypatch):
    compiled = []

    def pretend(function):
        compiled.append(function)
        return function

    monkeypatch.setattr(torch, "compile", pretend)
    monkeypatch.setattr(loop.shutil, "which", lambda name: "/usr/bin/c++")
    fit(problem.make(), problem.objective, problem.x, problem.y, epochs=1, compile=True)
    (function,) = compiled
    assert "loss" in function(problem.x, problem.y, torch.zeros(50, 4))


def test_compile_without_a_compiler_is_refused(problem, monkeypatch):
    monkeypatch.setattr(loop.shutil, "which", lambda name: None)
    with pytest.raises(ValueError, match=r"compile=True cannot work on the device cpu here.*C\+\+ compiler"):
        fit(problem.make(), problem.objective, problem.x, problem.y, epochs=1, compile=True)


def test_any_module_that_draws_its_noise_can_be_trained(problem):
    class Mean(nn.Module):
        def __init__(self):
            super().__init__()
            self.mean = nn.Parameter(torch.zeros(64))

        def draw(self, n, generator):
            return torch.randn(n, 64, generator=generator)

        def forward(self, x, noise):
            return (x.flatten(1) + 0.1 * noise - self.mean).square().mean()

    run = fit(
        Mean(), lambda output, y: {"loss": output}, problem.x, problem.y, epochs=200, batch_size=50,
        learning_rate=0.03, average=0.9,
    )  # fmt: skip
    torch.testing.assert_close(run.average.mean.detach(), problem.x.flatten(1).mean(0), atol=0.05, rtol=0)


def test_the_books_pages_have_no_bar(monkeypatch):
    assert _no_bar(None) is None  # tqdm then looks at where it writes
    monkeypatch.setenv("IBCOURSE_BOOK", "1")
    assert _no_bar(None) is True
    assert _no_bar(True) is False
