"""Training one model."""

import copy
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ibcourse._array import check_whole
from ibcourse.nets.loop import (
    Augment,
    Measure,
    Objective,
    Settings,
    Trainee,
    as_mapping,
    as_numbers,
    check_data,
    train,
)


@dataclass(frozen=True)
class Run:
    """A finished run of `fit`.

    Attributes
    ----------
    model : torch.nn.Module
        The model that was given, trained, in evaluation mode.
    average : torch.nn.Module or None
        The model with averaged weights, if an average was asked for.
    history : dict of numpy.ndarray, float64, shape (epochs,)
        The terms of the objective, averaged over each epoch, and what ``measure`` returned.
    seconds : float
        Wall time, over all parts of a run that was resumed.
    """

    model: nn.Module
    average: nn.Module | None
    history: dict[str, np.ndarray]
    seconds: float


def fit(
    model: nn.Module,
    objective: Objective,
    x: Tensor,
    y: Tensor,
    *,
    hyper: Mapping[str, float] | None = None,
    epochs: int,
    batch_size: int = 100,
    learning_rate: float = 1e-3,
    betas: tuple[float, float] = (0.9, 0.999),
    schedule: Callable[[int], float] | None = None,
    average: float | None = None,
    bfloat16: bool = False,
    compile: bool = False,
    augment: Augment | None = None,
    seed: int = 0,
    order: int = 0,
    measure: Measure | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    progress: bool | None = None,
) -> Run:
    r"""Train a model by Adam: the one training loop of the course.

    Each epoch goes once through the data in a new order, in batches, the last of which may be smaller.

    Parameters
    ----------
    model : torch.nn.Module
        What is trained, in place, on the device where it lies.  ``model.draw(n, generator)`` returns noise
        for n examples, ``model(x, noise)`` an output; `Bottleneck` does.
    objective : callable
        ``objective(output, y, **hyper)`` returns a dict of scalar tensors.  The term ``loss`` is minimised;
        all are recorded.
    x : torch.Tensor, shape (N, ...)
        Inputs, on the model's device.
    y : torch.Tensor, shape (N, ...)
        Labels or targets, on the same device.
    hyper : dict of float, optional
        Numbers for the objective, which it receives as tensors without axes.
    epochs, batch_size : int
        How often to go through the data, and how many examples a step sees.
    learning_rate, betas : float, (float, float)
        Of Adam.
    schedule : callable, optional
        ``schedule(epoch)``, epochs counted from 0, is the factor of the learning rate in that epoch.
    average : float, optional
        The decay d of a running average of the weights, such as 0.999.
    bfloat16 : bool
        Let encoder and decoder multiply in bfloat16 (`torch.autocast`).  Weights, codes and the objective
        stay in float32.
    compile : bool
        Compile model and objective by `torch.compile`.
    augment : callable, optional
        ``augment(x, generator)`` returns the batch to train on.
    seed : int
        Of the noise and of dropout.
    order : int
        Of the shuffles and of ``augment``: models of equal order see equal batches.
    measure : callable, optional
        ``measure(model, epoch)`` returns a dict of numbers after each epoch, the same names each time.  It
        gets the averaged model if there is one, in evaluation mode and without gradients.  It may change
        weights in place.
    checkpoint : path, optional
        A file for the state of the run.  If it is there, the run goes on from it.  It is written after each
        epoch, or less often where writing would take more than a tenth of the time.  Model, data, objective,
        settings, ``augment`` and ``measure`` must be those of the run, with all that these functions bind or
        close over.  What they find by a global name is not compared.
    progress : bool, optional
        Show a bar over the epochs; by default on a terminal and in a notebook, not in the book's pages.

    Returns
    -------
    Run
        The model, its average, the history and the seconds.

    Raises
    ------
    ValueError
        If model, data, objective and settings do not fit together; if the checkpoint is damaged, belongs to
        another run or cannot be written; if ``compile`` cannot work here.
    FloatingPointError
        If the loss or a weight is infinite or nan.  It is noticed at the end of the epoch.

    Notes
    -----
    The average after step t is :math:`\bar w_t = \bar w_{t-1} + \frac{1 - d}{1 - d^t} (w_t - \bar w_{t-1})`:
    the mean of :math:`w_1, \dots, w_t` in the proportions :math:`d^{t-i}`.  The weights before the first step
    have no part in it, so that it serves short runs too.

    On the CPU, equal arguments give equal bits, and a run that was killed and started again gives the bits of
    one that was not.  The state of PyTorch's global generators is left as it was.

    What pays: the milliseconds of a step, on one core of a CPU with units for bfloat16 (AMX).

    ==================================== ===== ======= ========
    encoder                              batch float32 bfloat16
    ==================================== ===== ======= ========
    ``dense(64, 128, 128, 32)``            100     1.0      1.4
    ``dense(784, 1024, 1024, 512)``        100    17.5       13
    `dropout_cnn`, 28×28                   100     120       67
    `resnet18`, 32×32                       32     990      430
    ==================================== ===== ======= ========

    Compiling the first took 106 s there, and gained nothing.  Convolutions always run with the channels last,
    which took up to 15 % less time.

    Sources: D. P. Kingma and J. Ba, Adam (2015); B. T. Polyak and A. B. Juditsky, Acceleration of stochastic
    approximation by averaging (1992).  Lesson: 05 Variational bounds.

    Examples
    --------
    >>> from torch.nn import functional as F
    >>> from ibcourse.nets import Bottleneck, CategoricalHead, dense
    >>> def objective(output, y):
    ...     return {"loss": F.cross_entropy(output.logits, y)}
    >>> x = torch.eye(4).repeat(25, 1)
    >>> model = Bottleneck(dense(4, 2), CategoricalHead(2), dense(2, 2))
    >>> run = fit(model, objective, x, x.argmax(1) // 2, epochs=10, learning_rate=0.1)
    >>> run.history["loss"].shape
    (10,)
    >>> bool(run.history["loss"][-1] < run.history["loss"][0])
    True
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
    check_whole(seed=seed)
    numbers = as_numbers(hyper, x, check_data(model, x, y), ())
    convolves = any(isinstance(module, nn.Conv2d) for module in model.modules())
    if convolves:
        model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    averaged = None if average is None else copy.deepcopy(model)
    draw: Callable[[int, torch.Generator], Tensor] = model.draw  # type: ignore[assignment]

    def terms(x: Tensor, y: Tensor, noise: Tensor) -> Mapping[str, Tensor]:
        if convolves:
            x = x.contiguous(memory_format=torch.channels_last)
        with torch.autocast(x.device.type, torch.bfloat16, enabled=bfloat16):
            output = model(x, noise)
        return as_mapping("objective", objective(output, y, **numbers))

    trainee = Trainee(
        models=[model],
        averages=[] if averaged is None else [averaged],
        state=model.state_dict(),
        averaged={} if averaged is None else averaged.state_dict(),
        parameters=list(model.parameters()),
        seeds=[int(seed)],
        draw=lambda n, generators: draw(n, generators[0]),
        terms=terms,
        shape=(),
    )
    plan: dict[str, Any] = {
        "objective": objective,
        "hyper": {name: number.item() for name, number in numbers.items()},
        "measure": measure,
    }
    history, seconds = train(
        trainee,
        x,
        y,
        settings,
        plan,
        None if measure is None else lambda epoch: as_mapping("measure", measure(averaged or model, epoch)),
    )
    return Run(model, averaged, history, seconds)
