r"""The lab of topic 07: rescaled codes, and information planes with an estimate that can be trusted.

The commands of the full size::

    python -m ibcourse.differential_entropy.lab rescaling --size full --checkpoints FOLDER --record
    python -m ibcourse.differential_entropy.lab information-plane --size full --data mnist --record

Both experiments run in three sizes: ``"tiny"`` in seconds for a test, ``"cpu"`` on scikit-learn's digits in
less than half a minute, ``"full"`` on MNIST or CIFAR-10.  A run that was stopped goes on from its
checkpoints when the same command is given again.
"""

import copy
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from ibcourse.nets import (  # first: without torch it says what to install
    Bottleneck,
    FixedNoiseHead,
    Output,
    Run,
    Tensors,
    dense,
    dropout_cnn,
    fit,
    pick_device,
    resnet18,
    seeded,
    tensors,
)

# isort: split
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from ibcourse.data import load
from ibcourse.data.command import Stated, checkpoint_file, lab_parser, run_lab
from ibcourse.differential_entropy.bounds import ZERO_ENTROPY_SCALE, ZERO_ENTROPY_VARIANCE, log_variance
from ibcourse.differential_entropy.layers import reparameterise
from ibcourse.differential_entropy.objectives import OBJECTIVES
from ibcourse.estimators import entropy_knn, mixture
from ibcourse.information import entropy
from ibcourse.information.gaussian import LN_2_PI_E

NOISE_SAMPLES = 12  # of each test image; their predicted probabilities are averaged
REFERENCE = 5000  # training images that normalise a code
SMALLEST = 149  # 2^-149 is the smallest positive number of single precision

Measure = Callable[[nn.Module, int], dict[str, float]]


@dataclass(frozen=True)
class _Setting:
    """What an experiment trains on, and how."""

    data: str
    encoder: Callable[[int], nn.Module]  # of K outputs
    k: int
    epochs: int
    learning_rate: float
    first: int = 0  # epochs before the code is rescaled
    gammas: tuple[float, ...] = ()
    images: int | None = None  # of the training set; all if None
    knn: int = 2000  # codes that nearest neighbours see
    samples: int = 1000  # of the Monte Carlo over the mixture
    batch_size: int = 100
    bfloat16: bool = False


def _small_cnn(k: int) -> nn.Module:
    return dropout_cnn(k, size=8)


def _digits_net(k: int) -> nn.Module:
    return dense(64, 128, 128, k)


def _mnist_net(k: int) -> nn.Module:
    return dense(784, 512, 512, k)


RESCALING = {
    "tiny": _Setting("digits", _small_cnn, 4, 2, 1e-3, first=1, images=200, knn=100, samples=100),
    "cpu": _Setting("digits", _small_cnn, 32, 10, 1e-3, first=60, knn=1000, samples=500),
    "full": _Setting("mnist", dropout_cnn, 128, 10, 1e-4, first=10, bfloat16=True),
}
DECADES = (1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0)
PLANE = {
    ("tiny", "digits"): _Setting(
        "digits", _digits_net, 4, 2, 1e-3, gammas=(1e-3, 1.0), images=200, knn=100, samples=100
    ),
    ("cpu", "digits"): _Setting("digits", _digits_net, 32, 30, 1e-3, gammas=DECADES, knn=500, samples=500),
    ("full", "mnist"): _Setting("mnist", _mnist_net, 100, 30, 1e-4, gammas=DECADES, bfloat16=True),
    ("full", "cifar10"): _Setting(
        "cifar10", resnet18, 100, 30, 1e-4, gammas=DECADES, batch_size=128, bfloat16=True
    ),
}


# ----------------------------------------------------------------------------------------------- experiments


def rescaling(
    size: str = "cpu",
    device: str | None = None,
    seeds: Sequence[int] = (0,),
    checkpoints: str | Path | None = None,
    epochs: int | None = None,
    progress: bool | None = None,
) -> dict[str, Any]:
    r"""Shrink the code of a network after every epoch, with noise and without.

    The network is PyTorch's dropout CNN with K outputs and a linear decoder.  It is trained first.  Then
    two copies are trained on, one with zero-entropy noise.  After every epoch each component of the code is
    brought to mean 0 and a standard deviation, 1 at first and halved from epoch to epoch, and the decoder
    takes back what was done (`reparameterise`).  Each halving lowers the entropy bound of a code without
    noise by K ln 2.

    Parameters
    ----------
    size : str
        ``"tiny"``, ``"cpu"`` (digits, K = 32) or ``"full"`` (MNIST, K = 128).
    device : str, optional
        As for `ibcourse.nets.pick_device`.
    seeds : sequence of int
        One network each.
    checkpoints : path, optional
        A folder in which stopped runs are kept, and from which they go on.
    epochs : int, optional
        Epochs with rescaling, if not those of the size.
    progress : bool, optional
        A progress bar; by default where the output is a terminal.

    Returns
    -------
    dict
        ``runs``: for each seed, without noise and with it, after each epoch the standard deviation
        ``scale``, the ``entropy_bound_nats`` of what the decoder reads, its nearest-neighbour estimate
        ``knn_nats``, with noise the entropy of the mixture ``h_z_nats`` and its standard error, the test
        error before and after rescaling, and the error on training images after it.
        ``untrained``: the network that was trained first, its code halved again and again with no training
        in between, until single precision gives out; the test error without noise and with it.

    Raises
    ------
    ValueError
        If there is no such size or device.

    Notes
    -----
    Training takes one sample of dropout and noise.  When measured, dropout is off, and the predicted
    probabilities of 12 noise samples are averaged; the paper averages 12 samples of dropout.  Scale,
    bound and mixture are those of 5000 training images.  Codes of finitely many images without noise have
    no density, and their entropy is −∞ at every scale: the bound and the nearest-neighbour estimate are
    what one sees who takes them for samples of a density.  Adam's steps do not shrink with the code, so
    that training itself disturbs a small code more and more, and the loss grows; ``untrained`` leaves
    this out.
    Source: Kirsch, Lyle and Gal (2020), section 7.2 and figure 4.  Lesson: 07 Lab.

    Examples
    --------
    >>> result = rescaling("tiny", "cpu", progress=False)
    >>> quiet = result["runs"][0]
    >>> quiet["noise_scale"], quiet["error"] == quiet["error_before"]
    (0.0, True)
    """
    setting = _choose(RESCALING, size, epochs)
    where, data = _data(setting, device)
    first_epochs = replace(setting, epochs=setting.first)

    def train(model: Bottleneck, setting: _Setting, name: str, measure: Measure | None = None) -> Run:
        file = checkpoint_file(checkpoints, f"rescaling-{size}-{name}-{seed}")
        return _fit(
            model, _cross_entropy, data, setting, seed, measure=measure, checkpoint=file, progress=progress
        )

    runs, untrained = [], []
    for seed in seeds:
        first = train(_model(setting, 0.0, seed, where), first_epochs, "first")
        untrained.append({"seed": seed, "seconds": first.seconds} | _shrink_untrained(first.model, data))
        for noise in (0.0, ZERO_ENTROPY_SCALE):
            model: Any = copy.deepcopy(first.model)
            model.head = FixedNoiseHead(setting.k, noise)
            measure = partial(_shrink, data=data, setting=setting)
            done = train(model, setting, "noise" if noise else "plain", measure)
            curves = {name: values.tolist() for name, values in done.history.items()}
            runs.append({"seed": seed, "noise_scale": noise, "seconds": done.seconds} | curves)
    about = _about(setting, size) | {"first_epochs": setting.first}
    return about | {"runs": runs, "untrained": untrained}


def information_plane(
    size: str = "cpu",
    data: str | None = None,
    device: str | None = None,
    seeds: Sequence[int] = (0,),
    checkpoints: str | Path | None = None,
    epochs: int | None = None,
    progress: bool | None = None,
) -> dict[str, Any]:
    r"""Train with each of the three regularisers at several γ, and follow every run in the information plane.

    The code has K components with zero-entropy noise, and the decoder is linear.  The code is measured
    before training, after epochs 1, 2, 3, 5, 8, … and after the last, in two ways: as the mixture that it
    is given the training set, and by nearest neighbours, as the paper does.

    Parameters
    ----------
    size : str
        ``"tiny"``, ``"cpu"`` or ``"full"``.
    data : str, optional
        ``"digits"`` for the two small sizes; ``"mnist"`` (by default) or ``"cifar10"`` for ``"full"``.
    device : str, optional
        As for `ibcourse.nets.pick_device`.
    seeds : sequence of int
        One network each for every regulariser and γ.
    checkpoints : path, optional
        A folder in which stopped runs are kept, and from which they go on.
    epochs : int, optional
        Fewer or more than the size has.
    progress : bool, optional
        A progress bar; by default where the output is a terminal.

    Returns
    -------
    dict
        ``runs``: for each regulariser, γ and seed the measured epochs ``epoch``, and at each the test
        ``error`` and, with the ending ``_nats``: ``h_z``, ``h_z_given_y``, ``i_xz``, ``i_yz``,
        ``i_xz_given_y`` and ``h_y_given_z`` of the mixture, each with its standard error (``_error_nats``);
        ``knn_h_z`` and ``knn_h_z_given_y``; and ``cross_entropy``, the decoder's on the training set, which
        is at least H(Y|Z).
        ``ceiling_nats``: ln N, which I(X;Z) cannot exceed.

    Raises
    ------
    ValueError
        If there is no such size, data or device.

    Notes
    -----
    The mixture takes the training set for the population and answers which of its images was shown.  Nearest
    neighbours see a sample of codes without their means, and look for a density.  The two differ by design
    where the code tells all images apart, and by the failure of nearest neighbours elsewhere.
    h(Z|X) is the entropy of the noise, which is zero, so that h(Z) = I(X;Z).  A label is a function of its
    image here, so the residual information I(X;Y|Z) is H(Y|Z).  The net for digits and MNIST is dense and has
    no dropout; ResNet-18 uses the running averages of its batch normalisation when measured.  The learning
    rate falls by 0.8 each tenth of the epochs, in place of the paper's rule that watches a plateau.
    Source: Kirsch, Lyle and Gal (2020), section 7.3 and figures 1, 5 and 6.  Lesson: 07 Lab.

    Examples
    --------
    >>> result = information_plane("tiny", device="cpu", progress=False)
    >>> [(run["regulariser"], run["gamma"]) for run in result["runs"][:2]]
    [('second-moment', 0.001), ('second-moment', 1.0)]
    >>> all(i <= result["ceiling_nats"] for run in result["runs"] for i in run["i_xz_nats"])
    True
    """
    data = data or ("mnist" if size == "full" else "digits")
    setting = _choose(PLANE, (size, data), epochs)
    where, images = _data(setting, device)
    measured = _measured_epochs(setting.epochs)

    def measure(model: nn.Module, epoch: int) -> dict[str, float]:
        if epoch + 1 not in measured:
            return dict.fromkeys(MEASURED, math.nan)
        return _measure(model, images, setting)

    runs = []
    for (regulariser, objective), gamma, seed in product(OBJECTIVES.items(), setting.gammas, seeds):
        model = _model(setting, ZERO_ENTROPY_SCALE, seed, where)
        start = _measure(model, images, setting)
        done = _fit(
            model,
            objective,
            images,
            setting,
            seed,
            hyper={"gamma": gamma},
            schedule=lambda epoch: 0.8 ** (10 * epoch // setting.epochs),
            measure=measure,
            checkpoint=checkpoint_file(checkpoints, f"plane-{size}-{data}-{regulariser}-{gamma:g}-{seed}"),
            progress=progress,
        )
        curves = {
            name: [value, *(float(done.history[name][epoch - 1]) for epoch in measured)]
            for name, value in start.items()
        }
        about = {"regulariser": regulariser, "gamma": gamma, "seed": seed, "seconds": done.seconds}
        runs.append(about | {"epoch": [0, *measured]} | curves)
    ceiling = {"ceiling_nats": math.log(len(images.x)), "h_y_nats": _label_entropy(images.y)}
    return _about(setting, size) | ceiling | {"runs": runs}


# ------------------------------------------------------------------------------------------------- measuring


@torch.no_grad()
def _shrink(model: Any, epoch: int, data: Tensors, setting: _Setting) -> dict[str, float]:
    """Bring every component of the code to mean 0 and the next standard deviation, and measure."""
    scale = 0.5**epoch
    hidden, hidden_test = _hidden(model, data)
    before = _error(model, hidden_test, data.y_test)
    _normalise(model, hidden, scale)
    means = model.encoder[-1](hidden)
    z = means + model.head.scale * _noise(means.shape).to(means)
    found = {
        "scale": scale,
        "entropy_bound_nats": log_variance(z).item(),
        "knn_nats": entropy_knn(_array(z[: setting.knn])).value,
        "error_before": before,
        "error": _error(model, hidden_test, data.y_test),
        "error_train": _error(model, hidden, data.y[: len(hidden)]),
    }
    if model.head.scale:
        estimate = mixture(means, model.head.scale, samples=setting.samples).h_z
        found |= {"h_z_nats": estimate.value, "h_z_error_nats": estimate.error}
    return found


def _shrink_untrained(model: Any, data: Tensors) -> dict[str, list[float]]:
    """Halve the code in single precision until nothing is left, and measure the error each time."""
    model = copy.deepcopy(model)
    noisy = FixedNoiseHead(model.head.features, ZERO_ENTROPY_SCALE)
    hidden, hidden_test = _hidden(model, data)
    _normalise(model, hidden, 1.0)
    names = ("scale", "entropy_bound_nats", "entropy_bound_with_noise_nats", "error", "error_with_noise")
    curves: dict[str, list[float]] = {name: [] for name in names}
    for halvings in range(SMALLEST + 1):
        scale = 0.5**halvings
        with_noise = Bottleneck(model.encoder, noisy, model.decoder)
        values = (
            scale,
            model.head.features * (LN_2_PI_E / 2 + math.log(scale)),
            model.head.features * math.log1p(scale**2 / ZERO_ENTROPY_VARIANCE) / 2,
            _error(model, hidden_test, data.y_test),
            _error(with_noise, hidden_test, data.y_test),
        )
        for name, value in zip(names, values, strict=True):
            curves[name].append(value)
        reparameterise(model.encoder[-1], model.decoder[-1], 0.5)
    return curves


def _hidden(model: Any, data: Tensors) -> tuple[Tensor, Tensor]:
    """What enters the last layer of the encoder: for 5000 training images, and for all test images."""
    return _outputs(model.encoder[:-1], data.x[:REFERENCE]), _outputs(model.encoder[:-1], data.x_test)


@torch.no_grad()
def _normalise(model: Any, hidden: Tensor, scale: float) -> None:
    """Reparameterise the code to mean 0 and the given standard deviation on these hidden units."""
    z = model.encoder[-1](hidden).double().cpu()
    factor = scale / z.std(dim=0)
    reparameterise(model.encoder[-1], model.decoder[-1], factor, -z.mean(dim=0) * factor)


QUANTITIES = ("h_z", "h_z_given_y", "i_xz", "i_yz", "i_xz_given_y", "h_y_given_z")
MEASURED = [
    *(f"{name}_{what}" for name in QUANTITIES for what in ("nats", "error_nats")),
    "knn_h_z_nats",
    "knn_h_z_given_y_nats",
    "cross_entropy_nats",
    "error",
]


@torch.no_grad()
def _measure(model: Any, data: Tensors, setting: _Setting) -> dict[str, float]:
    """The information plane of the mixture and by nearest neighbours, and the test error: `MEASURED`."""
    model.eval()
    means = _outputs(model.encoder, data.x)
    exact = mixture(means, ZERO_ENTROPY_SCALE, data.y, samples=setting.samples)
    estimates = [getattr(exact, name) for name in QUANTITIES]
    z = means + ZERO_ENTROPY_SCALE * _noise(means.shape).to(means)
    few, y = _array(z[: setting.knn]), _array(data.y[: setting.knn])
    classes = [few[y == c] for c in np.unique(y)]
    values = [
        *(value for estimate in estimates for value in (estimate.value, estimate.error)),
        entropy_knn(few).value,
        sum(len(group) / len(few) * entropy_knn(group).value for group in classes),
        float(cross_entropy(model.decoder(z), data.y)),
        _error(model, _outputs(model.encoder[:-1], data.x_test), data.y_test),
    ]
    return dict(zip(MEASURED, values, strict=True))


@torch.no_grad()
def _error(model: Any, hidden: Tensor, y: Tensor) -> float:
    """The share of wrong predictions from the averaged probabilities of the noise samples."""
    means = model.encoder[-1](hidden)
    samples = NOISE_SAMPLES if model.head.scale else 1
    probabilities = torch.zeros(1, device=y.device)
    for sample in range(samples):
        z = means + model.head.scale * _noise(means.shape, sample).to(means)
        probabilities = probabilities + model.decoder(z).softmax(dim=-1) / samples
    right = (probabilities.argmax(dim=-1) == y) & probabilities.isfinite().all(dim=-1)
    return 1 - float(right.double().mean())


@torch.no_grad()
def _outputs(module: nn.Module, x: Tensor) -> Tensor:
    return torch.cat([module(batch) for batch in x.split(1000)])


def _noise(shape: torch.Size, seed: int = 0) -> Tensor:
    """Standard normal numbers, the same on every device."""
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def _array(tensor: Tensor) -> np.ndarray:
    return tensor.detach().double().cpu().numpy()


def _label_entropy(y: Tensor) -> float:
    return float(entropy(np.bincount(_array(y).astype(int)) / len(y)))


# ---------------------------------------------------------------------------------------------------- set-up


def _fit(model: Bottleneck, objective: Any, data: Tensors, setting: _Setting, seed: int, **more: Any) -> Run:
    return fit(
        model,
        objective,
        data.x,
        data.y,
        epochs=setting.epochs,
        batch_size=setting.batch_size,
        learning_rate=setting.learning_rate,
        bfloat16=setting.bfloat16,
        seed=seed,
        order=seed,
        **more,
    )


def _cross_entropy(output: Output, y: Tensor) -> dict[str, Tensor]:
    return {"loss": cross_entropy(output.logits, y)}


def _measured_epochs(epochs: int) -> list[int]:
    """Fibonacci's numbers up to the last epoch, and the last epoch."""
    numbers = [1, 2]
    while numbers[-1] < epochs:
        numbers.append(numbers[-2] + numbers[-1])
    return [number for number in numbers if number < epochs] + [epochs]


def _choose(settings: dict[Any, _Setting], key: Any, epochs: int | None) -> _Setting:
    if key not in settings:
        raise ValueError(f"there is no setting {key!r}; expected one of: {', '.join(map(repr, settings))}.")
    return settings[key] if epochs is None else replace(settings[key], epochs=epochs)


def _data(setting: _Setting, device: str | None) -> tuple[torch.device, Tensors]:
    where = pick_device(device)
    data = tensors(load(setting.data), where)
    few = slice(setting.images)
    return where, data._replace(x=data.x[few], y=data.y[few])


def _model(setting: _Setting, noise: float, seed: int, device: torch.device) -> Bottleneck:
    def make() -> Bottleneck:
        encoder, decoder = setting.encoder(setting.k), dense(setting.k, 10)
        return Bottleneck(encoder, FixedNoiseHead(setting.k, noise), decoder)

    return seeded(make, seed, device)


def _about(setting: _Setting, size: str) -> dict[str, Any]:
    return {
        "size": size,
        "data": setting.data,
        "k": setting.k,
        "epochs": setting.epochs,
        "batch_size": setting.batch_size,
        "learning_rate": setting.learning_rate,
        "zero_entropy_scale": ZERO_ENTROPY_SCALE,
    }


EXPERIMENTS: dict[str, Callable[..., dict[str, Any]]] = {
    "rescaling": rescaling,
    "information-plane": information_plane,
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run an experiment from the command line; print its results, or record them."""
    parser = lab_parser(
        "python -m ibcourse.differential_entropy.lab",
        "Rescale a code with noise and without, or follow training in the information plane.",
        EXPERIMENTS,
        RESCALING,
    )
    parser.add_argument(
        "--data", choices=sorted({data for _, data in PLANE}), help="of the information plane"
    )
    run_lab(parser, EXPERIMENTS, _stated, arguments)


def _stated(experiment: str, results: dict[str, Any]) -> Stated:
    trained = results["runs"] + results.get("untrained", [])
    seconds, seeds = sum(run["seconds"] for run in trained), sorted({run["seed"] for run in trained})
    return Stated(f"{experiment}-{results['data']}", results["data"], seconds, seeds)


if __name__ == "__main__":
    main()
