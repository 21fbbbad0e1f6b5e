"""The training loop behind `fit` and `fit_ensemble`."""

import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim.swa_utils import get_ema_multi_avg_fn
from tqdm.auto import tqdm

from ibcourse._array import as_number, check_whole
from ibcourse.nets.checkpoint import Checkpoint, architecture, fingerprint
from ibcourse.nets.randomness import (
    DROPOUT,
    NOISE,
    SHUFFLES,
    generator,
    global_states,
    own_randomness,
    set_global_states,
    stream,
)

Objective = Callable[..., Mapping[str, Tensor]]
Measure = Callable[[nn.Module, int], Mapping[str, float]]
Augment = Callable[[Tensor, torch.Generator], Tensor]

BLOCK = 16  # batches whose noise is drawn at once: on a GPU each call costs, whatever its size


@dataclass(frozen=True)
class Settings:
    """The arguments that `fit` and `fit_ensemble` share; they are described there."""

    epochs: int
    batch_size: int
    learning_rate: float
    betas: tuple[float, float]
    schedule: Callable[[int], float] | None
    average: float | None
    bfloat16: bool
    compile: bool
    augment: Augment | None
    order: int
    checkpoint: str | os.PathLike[str] | None
    progress: bool | None

    def __post_init__(self) -> None:
        check_whole(1, epochs=self.epochs, batch_size=self.batch_size)
        check_whole(order=self.order)
        # Python's numbers, because a checkpoint with NumPy's cannot be read back.
        numbers: dict[str, Any] = {
            name: int(getattr(self, name)) for name in ("epochs", "batch_size", "order")
        }
        numbers["learning_rate"] = as_number(learning_rate=self.learning_rate)
        numbers["betas"] = tuple(as_number(betas=beta) for beta in self.betas)
        if self.average is not None:
            numbers["average"] = as_number(average=self.average)
        for name, number in numbers.items():
            object.__setattr__(self, name, number)
        if self.average is not None and not 0 <= self.average < 1:
            raise ValueError(f"average is {self.average}; expected a decay below 1, such as 0.999, or None.")
        if not all(np.isfinite(rate) and rate >= 0 for rate in self.rates()):
            raise ValueError(
                f"the learning rates of the epochs are {self.rates()}; expected finite numbers ≥ 0. "
                "Look at learning_rate and schedule."
            )

    def rates(self) -> list[float]:
        """The learning rate of each epoch."""
        schedule = self.schedule or (lambda epoch: 1.0)
        return [self.learning_rate * float(schedule(epoch)) for epoch in range(self.epochs)]

    def plan(self) -> dict[str, Any]:
        """What decides the result."""
        names = ("epochs", "batch_size", "average", "bfloat16", "order", "augment")
        plan: dict[str, Any] = {name: getattr(self, name) for name in names}
        plan["betas"] = list(self.betas)
        plan["learning rates"] = self.rates()
        return plan


@dataclass
class Trainee:
    """What is trained: one model, or several as one batched model.

    ``state`` and ``averaged`` are the live tensors, which the modules of ``models`` and ``averages`` share.
    """

    models: list[nn.Module]
    averages: list[nn.Module]
    state: dict[str, Tensor]
    averaged: dict[str, Tensor]
    parameters: list[Tensor]
    seeds: list[int]
    draw: Callable[[int, list[torch.Generator]], Tensor]  # noise, examples on the first axis
    terms: Callable[[Tensor, Tensor, Tensor], Mapping[str, Tensor]]  # the objective of inputs, labels, noise
    shape: tuple[int, ...]  # of one term: (), or (M,)


def train(
    trainee: Trainee,
    x: Tensor,
    y: Tensor,
    settings: Settings,
    plan: dict[str, Any],
    measure: Callable[[int], Mapping[str, Any]] | None,
) -> tuple[dict[str, np.ndarray], float]:
    """Train in place; return the history and the seconds."""
    device, rates = x.device, settings.rates()
    began = time.perf_counter()
    fused = device.type in ("cpu", "cuda", "mps")
    optimiser = torch.optim.Adam(trainee.parameters, betas=settings.betas, fused=fused)
    noises = [generator(device, seed, NOISE) for seed in trainee.seeds]
    shuffles = generator(device, settings.order, SHUFFLES)
    terms = _compiled(trainee.terms, device) if settings.compile else trainee.terms
    history: dict[str, list[Any]] = {}
    file = None
    start = 0
    with own_randomness(device):
        torch.manual_seed(stream(trainee.seeds[0], DROPOUT))
        if settings.checkpoint is not None:
            _set_training(trainee, True)  # whatever mode the model came in, it is the same run
            file = Checkpoint(settings.checkpoint, plan | settings.plan() | _origin(trainee, x, y))
            if content := file.load():
                start = content["epoch"]
                began -= content["seconds"]
                history = {name: list(values.numpy()) for name, values in content["history"].items()}
                for live, saved in zip(_live(trainee), content["live"], strict=True):
                    live.copy_(saved)
                optimiser.load_state_dict(content["optimiser"])
                for own, saved in zip([*noises, shuffles], content["generators"], strict=True):
                    own.set_state(saved)
                set_global_states(device, content["global generators"])
            if start < settings.epochs:
                file.check_place()
        bar = tqdm(
            range(start, settings.epochs),
            initial=start,
            total=settings.epochs,
            unit="epoch",
            disable=_no_bar(settings.progress),
        )
        for epoch in bar:
            for group in optimiser.param_groups:
                group["lr"] = rates[epoch]
            results = _epoch(trainee, x, y, settings, optimiser, terms, noises, shuffles, epoch)
            _check_finite(results["loss"], trainee, epoch, settings)
            if measure is not None:
                with torch.no_grad(), own_randomness(device):
                    results |= _measured(measure(epoch), results)
            if history and history.keys() != results.keys():
                raise ValueError(
                    f"epoch {epoch} gave {sorted(results)} and the epochs before {sorted(history)}; expected "
                    "the same names in each. Give nan where nothing was measured."
                )
            for name, value in results.items():
                history.setdefault(name, []).append(value)
            bar.set_postfix(loss=f"{np.mean(results['loss']):.4g}", refresh=False)
            if file and (file.due() or epoch + 1 == settings.epochs):
                file.save(
                    {
                        "epoch": epoch + 1,
                        "seconds": time.perf_counter() - began,
                        "history": {k: torch.from_numpy(v) for k, v in _arrays(history).items()},
                        "live": list(_live(trainee)),
                        "optimiser": optimiser.state_dict(),
                        "generators": [own.get_state() for own in (*noises, shuffles)],
                        "global generators": global_states(device),
                    }
                )
    _set_training(trainee, False)
    return _arrays(history), time.perf_counter() - began


def _epoch(
    trainee: Trainee,
    x: Tensor,
    y: Tensor,
    settings: Settings,
    optimiser: torch.optim.Optimizer,
    terms: Callable[[Tensor, Tensor, Tensor], Mapping[str, Tensor]],
    noises: list[torch.Generator],
    shuffles: torch.Generator,
    epoch: int,
) -> dict[str, Any]:
    """Train for one epoch; return the means of the objective's terms.

    Nothing is read from the device before the end, so that a GPU never waits for Python.
    """
    _set_training(trainee, True)
    totals: Any = 0.0
    steps = epoch * -(-len(x) // settings.batch_size)
    for batch, noise in _batches(len(x), settings.batch_size, trainee, noises, shuffles, x.device):
        steps += 1
        inputs = x[batch] if settings.augment is None else settings.augment(x[batch], shuffles)
        try:
            values = terms(inputs, y[batch], noise)
        except Exception as error:
            error.add_note(_given(trainee, inputs, y[batch]))
            raise
        _check_terms(values, trainee.shape)
        values["loss"].sum().backward()
        optimiser.step()
        optimiser.zero_grad()
        if settings.average is not None:
            _update(trainee, settings.average, steps)
        totals = totals + len(batch) * torch.stack([value.detach() for value in values.values()])
    _set_training(trainee, False)
    means = (totals / len(x)).cpu().double().numpy()
    return dict(zip(values, means, strict=True))


def _no_bar(progress: bool | None) -> bool | None:
    """What tqdm takes: None is no bar but on a terminal or in a notebook; none in the book's pages either."""
    if progress is None:
        return True if os.environ.get("IBCOURSE_BOOK") == "1" else None
    return not progress


def _batches(
    n: int,
    size: int,
    trainee: Trainee,
    noises: list[torch.Generator],
    shuffles: torch.Generator,
    device: torch.device,
) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield the indices and the noise of each batch of an epoch; the last one may be smaller."""
    for block in torch.randperm(n, generator=shuffles, device=device).split(BLOCK * size):
        yield from zip(block.split(size), trainee.draw(len(block), noises).split(size), strict=True)


def _update(trainee: Trainee, decay: float, steps: int) -> None:
    """Update the running average of weights after so many steps."""
    weight = (1 - decay) / (1 - decay**steps)
    averaged = list(trainee.averaged.values())
    state = list(trainee.state.values())
    floating = [tensor.is_floating_point() for tensor in averaged]
    get_ema_multi_avg_fn(1 - weight)(
        [tensor for tensor, yes in zip(averaged, floating, strict=True) if yes],
        [tensor for tensor, yes in zip(state, floating, strict=True) if yes],
        None,
    )
    for own, live, yes in zip(averaged, state, floating, strict=True):
        if not yes:  # the counter of a batch norm
            own.copy_(live)


def _given(trainee: Trainee, x: Tensor, y: Tensor) -> str:
    """What model and objective were given, for whoever reads what torch says of it."""
    given = "; ".join(f"{n} is {t.dtype} of shape {tuple(t.shape)}" for n, t in (("x", x), ("y", y)))
    return (
        f"In this batch {given}. The model's weights are {trainee.parameters[0].dtype}. Most layers take x "
        "of this type, and a cross-entropy y of torch.int64 and shape (n,), labels counted from 0."
    )


def as_mapping(name: str, value: Any) -> Mapping[str, Any]:
    """Return what the function of this name returned; raise ValueError unless it is a dict."""
    if not isinstance(value, Mapping):
        raise ValueError(
            f"{name} returned {value if value is None else f'a {type(value).__qualname__}'}; expected a dict."
        )
    return value


def _check_terms(values: Mapping[str, Tensor], shape: tuple[int, ...]) -> None:
    if "loss" not in values:
        raise ValueError(
            f"the objective returned {', '.join(values) or 'nothing'}; expected a term loss too."
        )
    for name, value in values.items():
        if not isinstance(value, Tensor) or value.shape != shape:
            given = f"has shape {tuple(value.shape)}" if isinstance(value, Tensor) else f"is {value!r}"
            raise ValueError(
                f"the objective's term {name} {given}; expected {shape or 'a tensor without axes'}. "
                "Take the mean over the batch."
            )


def _check_finite(loss: np.ndarray, trainee: Trainee, epoch: int, settings: Settings) -> None:
    finite = np.isfinite(loss)
    if finite.all() and all(bool(weights.isfinite().all()) for weights in trainee.parameters):
        return
    what = "the loss" if not finite.all() else "a weight"
    which = f" of the members {np.flatnonzero(~finite).tolist()}" if finite.ndim and not finite.all() else ""
    raise FloatingPointError(
        f"{what}{which} became infinite or nan in epoch {epoch} of {settings.epochs} (counted from 0). "
        "Lower learning_rate, or look in the objective for the logarithm of zero and for division by zero; "
        "torch.autograd.set_detect_anomaly(True) shows where. No checkpoint of this epoch was written."
    )


def _measured(values: Mapping[str, Any], results: Mapping[str, Any]) -> dict[str, np.ndarray]:
    if both := sorted(values.keys() & results.keys()):
        raise ValueError(f"objective and measure both return {', '.join(both)}; rename one.")
    return {name: np.asarray(value, np.float64) for name, value in values.items()}


def _set_training(trainee: Trainee, mode: bool) -> None:
    for model in (*trainee.models, *trainee.averages):
        model.train(mode)


def _live(trainee: Trainee) -> Iterator[Tensor]:
    yield from trainee.state.values()
    yield from trainee.averaged.values()


def _arrays(history: dict[str, list[Any]]) -> dict[str, np.ndarray]:
    return {name: np.array(values, np.float64) for name, values in history.items()}


def _origin(trainee: Trainee, x: Tensor, y: Tensor) -> dict[str, Any]:
    """What a run starts from."""
    return {
        "seeds": trainee.seeds,
        "model": architecture(trainee.models[0]),
        "weights at the start": fingerprint(trainee.state.values()),
        "data": fingerprint([x, y], most=2**16),
        "device": x.device.type,
    }


def _compiled(function: Callable[..., Any], device: torch.device) -> Callable[..., Any]:
    """Compile a function by torch.compile; raise ValueError where that cannot work."""
    compilers = (os.environ.get("CXX") or "g++", "clang++", "cl")
    possible = {"cuda": find_spec("triton"), "cpu": any(shutil.which(compiler) for compiler in compilers)}
    if not possible.get(device.type):
        raise ValueError(
            f"compile=True cannot work on the device {device.type} here: it needs a CUDA GPU and the package "
            "triton, or the CPU and a C++ compiler. Leave it out; the results are the same up to rounding."
        )
    return torch.compile(function)


def check_tensors(**given: Tensor) -> None:
    """Raise ValueError unless all are tensors."""
    for name, value in given.items():
        if not isinstance(value, Tensor):
            kind = type(value).__qualname__
            raise ValueError(f"{name} is a {kind}; expected a tensor, such as torch.as_tensor({name}).")


def check_data(model: nn.Module, x: Tensor, y: Tensor) -> torch.dtype:
    """Return the type of the parameters; raise ValueError unless model and data fit together."""
    if not (isinstance(model, nn.Module) and callable(getattr(model, "draw", None))):
        raise ValueError(
            f"the model is a {type(model).__qualname__}; expected a torch.nn.Module with a method "
            "draw(n, generator), such as Bottleneck(encoder, head, decoder)."
        )
    parameter = next(model.parameters(), None)
    if parameter is None:
        raise ValueError("the model has no parameters, so that there is nothing to train.")
    check_tensors(x=x, y=y)
    if len(x) != len(y) or len(x) == 0:
        raise ValueError(f"x has {len(x)} examples and y has {len(y)}; expected as many, and at least one.")
    for name, tensor in (("x", x), ("y", y)):
        if tensor.device != parameter.device:
            raise ValueError(
                f"{name} is on {tensor.device}, the model on {parameter.device}. Move one with .to(device)."
            )
    if x.is_floating_point() and x.dtype != parameter.dtype:
        raise ValueError(f"x is {x.dtype}, the model {parameter.dtype}. Convert one with .to(dtype).")
    return parameter.dtype


def as_numbers(
    hyper: Mapping[str, Any] | None, like: Tensor, dtype: torch.dtype, shape: tuple[int, ...]
) -> dict[str, Tensor]:
    """Return hyper-parameters as tensors; raise ValueError unless each has the shape."""
    tensors = {}
    for name, value in (hyper or {}).items():
        try:
            tensors[name] = torch.as_tensor(value, dtype=dtype, device=like.device)
        except (TypeError, ValueError, RuntimeError):
            raise ValueError(
                f"the hyper-parameter {name} is {value!r}; expected numbers. "
                "Bind anything else to the objective by functools.partial."
            ) from None
        if tensors[name].shape != shape:
            expected = f"{shape[0]} numbers, one for each seed" if shape else "one number"
            raise ValueError(
                f"the hyper-parameter {name} has shape {tuple(tensors[name].shape)}; expected {expected}."
            )
    return tensors
