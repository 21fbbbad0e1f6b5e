"""Ensembles: several dense nets of one shape, trained as one batched model."""

import copy
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.func import functional_call, stack_module_state, vmap

from ibcourse._array import check_whole
from ibcourse.nets.checkpoint import architecture
from ibcourse.nets.loop import (
    Augment,
    Measure,
    Objective,
    Settings,
    Trainee,
    as_mapping,
    as_numbers,
    check_data,
    check_tensors,
    train,
)
from ibcourse.nets.randomness import seeded


@dataclass(frozen=True)
class EnsembleRun:
    """A finished run of `fit_ensemble`.

    Attributes
    ----------
    members : list of torch.nn.Module
        The M trained models, in evaluation mode.
    averages : list of torch.nn.Module
        The models with averaged weights; empty if no average was asked for.
    history : dict of numpy.ndarray, float64, shape (epochs, M)
        The terms of the objective, averaged over each epoch, and what ``measure`` returned.
    seconds : float
        Wall time, over all parts of a run that was resumed.
    """

    members: list[nn.Module]
    averages: list[nn.Module]
    history: dict[str, np.ndarray]
    seconds: float

    def member(self, m: int) -> nn.Module:
        """Return trained model m.

        Parameters
        ----------
        m : int
            Its place among the seeds.

        Returns
        -------
        torch.nn.Module
            The model, in evaluation mode.
        """
        return self.members[m]


def fit_ensemble(
    make: Callable[[], nn.Module],
    objective: Objective,
    x: Tensor,
    y: Tensor,
    *,
    seeds: Sequence[int],
    hyper: Mapping[str, Sequence[float]] | None = None,
    epochs: int,
    batch_size: int = 100,
    learning_rate: float = 1e-3,
    betas: tuple[float, float] = (0.9, 0.999),
    schedule: Callable[[int], float] | None = None,
    average: float | None = None,
    bfloat16: bool = False,
    compile: bool = False,
    augment: Augment | None = None,
    order: int = 0,
    measure: Measure | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    progress: bool | None = None,
) -> EnsembleRun:
    """Train several models of one shape at once, as one batched model.

    Member m starts as ``make()`` after ``torch.manual_seed(seeds[m])``, has the m-th value of each
    hyper-parameter and noise of its own seed.  All see the same batches.  Its steps are, up to rounding,
    those of ``fit(make(), ..., seed=seeds[m])``.  An objective that magnifies small differences lets the
    rounding grow from step to step, so that the two may end apart.

    Parameters
    ----------
    make : callable
        Returns a new dense model, without batch norm and dropout.
    objective : callable
        As in `fit`; it sees one member at a time.
    x, y : torch.Tensor, shape (N, ...)
        Inputs and labels.  The models move to their device.
    seeds : sequence of M ints
        One for each member, of its weights and its noise.
    hyper : dict of sequences of M floats, optional
        The values of each hyper-parameter.
    epochs, batch_size, learning_rate, betas, schedule, average, bfloat16, compile, augment, order
        As in `fit`, for all members alike.
    measure : callable, optional
        As in `fit`; called for one member after the other.
    checkpoint, progress
        As in `fit`.

    Returns
    -------
    EnsembleRun
        The models, their averages, the history and the seconds.

    Raises
    ------
    ValueError
        As in `fit`; if there is no seed; if a model has batch norm or dropout; if the models differ in more
        than their weights; if a hyper-parameter has not one value for each seed.
    FloatingPointError
        If the loss of a member or a weight is infinite or nan; the message names the members.

    Notes
    -----
    What it saves is the start of many small operations, which costs most on a GPU.  On one core of a CPU, in
    batches of 100, nine members of ``dense(64, 128, 128, 32)`` took 4.2 ms a step, and 9.0 ms one after the
    other.  Nine of ``dense(784, 1024, 1024, 512)`` took 168 to 184 ms, and 159 ms one after the other: where
    the arithmetic dominates, nothing is saved.

    Lesson: 05 Variational bounds.

    Examples
    --------
    >>> from torch.nn import functional as F
    >>> from ibcourse.nets import Bottleneck, GaussianHead, dense
    >>> def make():
    ...     return Bottleneck(dense(4, 4), GaussianHead(2), dense(2, 4))
    >>> def objective(output, y, beta):
    ...     error, rate = F.cross_entropy(output.logits, y), output.code.kl_to_standard().mean()
    ...     return {"loss": error + beta * rate, "rate": rate}
    >>> x = torch.eye(4).repeat(25, 1)
    >>> run = fit_ensemble(
    ...     make, objective, x, x.argmax(1), seeds=[0, 1, 2], hyper={"beta": [0, 0.1, 1]}, epochs=2
    ... )
    >>> run.history["rate"].shape
    (2, 3)
    """
    settings = Settings(
        epochs=epochs,
        batch_size=batch_size,
        learning_rate=learning_rate,
        betas=betas,
        schedule=schedule,
        average=average,
        bfloat16=bfloat16,
        compile=compile,
        augment=augment,
        order=order,
        checkpoint=checkpoint,
        progress=progress,
    )
    if isinstance(make, nn.Module):
        raise ValueError("make is a model; expected a function that returns a new one at each call.")
    if not isinstance(seeds, Iterable):
        raise ValueError(f"seeds is {seeds!r}; expected one seed for each member, such as range(3).")
    seeds = list(seeds)
    if not seeds:
        raise ValueError("seeds is empty; expected one seed for each member.")
    check_whole(**{f"seeds[{m}]": seed for m, seed in enumerate(seeds)})
    seeds = [int(seed) for seed in seeds]
    check_tensors(x=x, y=y)
    models = [seeded(make, seed, x.device) for seed in seeds]
    _check_independent(models[0])
    _check_alike(models)
    shape = (len(seeds),)
    numbers = as_numbers(hyper, x, check_data(models[0], x, y), shape)

    stacked, buffers = stack_module_state(models)
    # Matrices lie as (M, in, out), as their gradients come: else each step would transpose every gradient.
    leaves = {name: _turned(weights).detach().contiguous() for name, weights in stacked.items()}
    averages = [] if average is None else copy.deepcopy(models)
    averaged = {} if average is None else {name: leaf.clone() for name, leaf in leaves.items()}
    _share(models, leaves)
    _share(averages, averaged)
    parameters = {name: nn.Parameter(leaf) for name, leaf in leaves.items()}
    base: Any = copy.deepcopy(models[0]).to("meta")

    def one(
        weights: dict[str, Tensor],
        buffers: dict[str, Tensor],
        numbers: dict[str, Tensor],
        x: Tensor,
        y: Tensor,
        noise: Tensor,
    ) -> dict[str, Tensor]:
        with torch.autocast(x.device.type, torch.bfloat16, enabled=bfloat16):
            output = functional_call(base, (weights, buffers), (x, noise))
        return dict(as_mapping("objective", objective(output, y, **numbers)))

    batched = vmap(one, in_dims=(0, 0, 0, None, None, 1))

    def terms(x: Tensor, y: Tensor, noise: Tensor) -> dict[str, Tensor]:
        weights = {name: _turned(parameter) for name, parameter in parameters.items()}
        return batched(weights, buffers, numbers, x, y, noise)

    def draw(n: int, generators: list[torch.Generator]) -> Tensor:
        return torch.stack([base.draw(n, generator) for generator in generators], dim=1)

    def measured(epoch: int) -> dict[str, list[float]]:
        assert measure is not None
        results = [as_mapping("measure", measure(model, epoch)) for model in averages or models]
        if any(result.keys() != results[0].keys() for result in results):
            raise ValueError(
                f"measure gave {' and '.join(str(sorted(result)) for result in results)} for the members; "
                "expected the same names for each. Give nan where nothing was measured."
            )
        return {name: [result[name] for result in results] for name in results[0]}

    trainee = Trainee(
        models=models,
        averages=averages,
        state=leaves,
        averaged=averaged,
        parameters=list(parameters.values()),
        seeds=seeds,
        draw=draw,
        terms=terms,
        shape=shape,
    )
    plan: dict[str, Any] = {
        "objective": objective,
        "hyper": {name: values.tolist() for name, values in numbers.items()},
        "measure": measure,
    }
    history, seconds = train(trainee, x, y, settings, plan, measured if measure else None)
    return EnsembleRun(models, averages, history, seconds)


def _turned(weights: Tensor) -> Tensor:
    """Swap inputs and outputs of stacked matrices; leave stacked vectors."""
    return weights.mT if weights.ndim == 3 else weights


def _share(models: list[nn.Module], leaves: dict[str, Tensor]) -> None:
    """Make the parameters of the models views of the stacked ones."""
    for m, model in enumerate(models):
        for name, parameter in model.named_parameters():
            parameter.data = _turned(leaves[name])[m]


def _check_alike(models: list[nn.Module]) -> None:
    kinds = {
        (architecture(model), *(weights.shape for weights in model.state_dict().values())) for model in models
    }
    if len(kinds) > 1:
        raise ValueError(
            "make returned models that differ in more than their weights: in modules, their attributes or "
            "shapes. Make them alike, or train one by one with fit."
        )


def _check_independent(model: nn.Module) -> None:
    for module in model.modules():
        if isinstance(module, nn.modules.batchnorm._NormBase):
            reason = "batch norm changes buffers at each step, which a batched model cannot do"
        elif isinstance(module, nn.modules.dropout._DropoutNd) and module.p > 0:
            reason = "dropout draws from PyTorch's global generator, so no member would agree with fit"
        else:
            continue
        raise ValueError(
            f"the model has a {type(module).__name__}: {reason}. Take it out, or train one by one with fit."
        )
