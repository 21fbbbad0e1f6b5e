"""The lab of topic 06: train on each of the three uncertainties in turn, and measure all three.

The experiment is that of figure 3 of Kirsch, Lyle and Gal (2020).  An encoder chooses one of K states, a
decoder net reads the state.  The loss is H(Y|Z), H_Θ(Y|Z) or H_Θ(Y|X).  After each epoch all three are
measured on the whole training set::

    python -m ibcourse.decoder_uncertainty.lab three-losses
    python -m ibcourse.decoder_uncertainty.lab three-losses --data permuted-mnist --size full --record

As in the paper: the encoders, K = 100, the decoder 100-1024-1024-10, Adam with learning rate 1e-4, eight
trials on Permutation-MNIST.  Where the text is silent, or the course differs:

- Batches of 500.  The text gives no size.  H(Y|Z) of a batch is too low, the more so the fewer inputs a state
  has, so that a batch should be large beside K.
- The mean training image is subtracted, the pixels are divided by their standard deviation, and the one-hot
  codes that the decoder reads are scaled to mean square one.  The text says nothing of either.  Both matter:
  else a new net gives all inputs nearly the same code and all codes nearly the same label, several classes
  end in one code, and the cross-entropies part them only slowly.
- The learning rate falls by a fixed schedule: to 0.8 of itself at half time and after each further tenth of
  the epochs.  In the paper it does so when the loss stalls, and then depends on the run.
- The trials differ in their initial weights and see the batches in the same order.
- No augmentation of CIFAR-10, and as many seeds as time allows.
- The encoder and the decoder compute in bfloat16 in training, and in float32 when they are measured.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from ibcourse.nets import (  # first: without torch it says what to install
    Tensors,
    dense,
    fit,
    fit_ensemble,
    pick_device,
    resnet18,
    seeded,
    tensors,
)

# isort: split
import torch
from torch import Tensor

from ibcourse.data import Images, load
from ibcourse.data.command import Stated, checkpoint_file, lab_parser, run_lab
from ibcourse.decoder_uncertainty.objectives import (
    OBJECTIVES,
    CodeClassifier,
    TableDecoder,
    log_optimal_decoder,
    measured,
)

CHUNK = 5000  # images that are encoded at once when all are measured


@dataclass(frozen=True)
class Setup:
    """What one size of the experiment fixes.

    ``layers`` are the widths of the hidden layers of a dense encoder; none means ResNet-18.
    """

    data: str
    layers: tuple[int, ...]
    states: int
    decoder: tuple[int, ...]
    epochs: int
    batch_size: int
    learning_rate: float
    seeds: int
    bfloat16: bool


_DENSE = Setup("permuted-mnist", (1024, 1024), 100, (1024, 1024), 40, 500, 1e-4, 8, True)
_RESNET = replace(_DENSE, data="cifar10", layers=(), epochs=30, seeds=2)
_DIGITS = Setup("digits", (128, 128), 100, (128, 128), 30, 100, 1e-3, 8, False)
SETUPS: dict[tuple[str, str], Setup] = {
    ("digits", "cpu"): _DIGITS,
    ("digits", "tiny"): replace(_DIGITS, layers=(16,), decoder=(16,), states=12, epochs=2, seeds=2),
    ("permuted-mnist", "full"): _DENSE,
    ("cifar10", "full"): _RESNET,
    ("cifar10", "tiny"): replace(_RESNET, states=12, decoder=(16,), epochs=1, batch_size=8, seeds=1),
}


def three_losses(
    size: str = "cpu",
    data: str = "digits",
    *,
    device: str | None = None,
    seeds: Sequence[int] | None = None,
    epochs: int | None = None,
    checkpoints: Path | str | None = None,
    progress: bool | None = None,
) -> dict[str, Any]:
    """Train on each of the three uncertainties in turn, and measure all three on the training data.

    Parameters
    ----------
    size : str
        ``"cpu"`` (digits), ``"full"`` (permuted-mnist and cifar10), or ``"tiny"`` (digits, and random images
        in place of cifar10), which shows only that the code runs.
    data : str
        ``"digits"``, ``"permuted-mnist"`` or ``"cifar10"``.
    device : str, optional
        Where to train; by default the best there is.
    seeds : sequence of int, optional
        The trials; by default 0, 1, … as many as the size has.
    epochs : int, optional
        How long; by default as the size has it.
    checkpoints : path, optional
        A folder.  A run that was stopped goes on from there.
    progress : bool, optional
        Whether to show a bar; by default in a terminal.

    Returns
    -------
    dict
        ``"setup"``: what was run.  ``"losses"``: for the name of each loss that was trained (the fields of
        `ibcourse.decoder_uncertainty.Uncertainties`) the ``"seconds"`` of training and, in nats and a list
        with one entry an epoch, ``"median"``, ``"lower"`` and ``"upper"`` quartile over the trials of
        ``"uncertainty"``, ``"decoder_cross_entropy"``, ``"prediction_cross_entropy"``, of ``"loss"`` (the
        mean over the batches of the epoch) and of ``"error"``.  ``"final"`` has the last value of each trial,
        ``"test_error"`` among them.

    Raises
    ------
    ValueError
        If there is no such size of this data.

    Notes
    -----
    When H(Y|Z) is trained, the decoder is set to p(y|z) after each epoch, before it is measured.  Its gap to
    H_Θ(Y|Z) is zero there by construction.
    Source: Kirsch, Lyle and Gal (2020), section 7.1 and figure 3.  Lesson: 06 Decoder uncertainty, lab.
    """
    if (data, size) not in SETUPS:
        known = ", ".join(f"{d} {s}" for d, s in SETUPS)
        raise ValueError(f"there is no size {size} of {data}; expected one of: {known}.")
    setup = SETUPS[data, size]
    seeds = list(range(setup.seeds)) if seeds is None else list(seeds)
    setup = replace(setup, seeds=len(seeds), epochs=setup.epochs if epochs is None else epochs)
    images = _noise_images() if (data, size) == ("cifar10", "tiny") else load(data)
    x, y, x_test, y_test = _centred(tensors(images, pick_device(device)))
    results = {}
    for name in OBJECTIVES:
        models, history, seconds = _train(name, setup, seeds, x, y, checkpoints, progress)
        tested = [_evaluate(model, x_test, y_test)["error"] for model in models]
        results[name] = {"seconds": seconds} | _summary(history, tested)
    about = {"trials": seeds, "images": images.source, "note": images.note, "training_images": len(x)}
    return {"setup": asdict(setup) | about, "losses": results}


def _train(
    name: str,
    setup: Setup,
    seeds: list[int],
    x: Tensor,
    y: Tensor,
    checkpoints: Path | str | None,
    progress: bool | None,
) -> tuple[list[Any], dict[str, np.ndarray], float]:
    """Train the trials on one loss; return the models, the history (epochs, trials) and the seconds."""
    make = partial(_make, name, setup, x[0].numel())
    options: dict[str, Any] = {
        "epochs": setup.epochs,
        "batch_size": setup.batch_size,
        "learning_rate": setup.learning_rate,
        "schedule": partial(_schedule, epochs=setup.epochs),
        "bfloat16": setup.bfloat16,
        "measure": partial(_measure, name=name, x=x, y=y),
        "progress": progress,
    }

    def file(trial: str) -> Path | None:
        return checkpoint_file(checkpoints, f"{setup.data}-{name}{trial}")

    if setup.layers:
        run = fit_ensemble(make, OBJECTIVES[name], x, y, seeds=seeds, checkpoint=file(""), **options)
        return run.members, run.history, run.seconds
    runs = []
    for seed in seeds:
        model = seeded(make, seed, x.device)
        runs.append(fit(model, OBJECTIVES[name], x, y, seed=seed, checkpoint=file(f"-{seed}"), **options))
    history = {key: np.stack([run.history[key] for run in runs], axis=1) for key in runs[0].history}
    return [run.model for run in runs], history, sum(run.seconds for run in runs)


def _centred(data: Tensors) -> Tensors:
    """Return the images without the mean training image, in units of the standard deviation of its pixels."""
    mean, scale = data.x.mean(0), data.x.std()
    return data._replace(x=(data.x - mean) / scale, x_test=(data.x_test - mean) / scale)


def _make(name: str, setup: Setup, inputs: int) -> CodeClassifier:
    """Return an untrained net.  Where the decoder is not trained but set, it is a plain table."""
    encoder = dense(inputs, *setup.layers, setup.states) if setup.layers else resnet18(setup.states)
    hidden = () if name == "uncertainty" else setup.decoder
    return CodeClassifier(encoder, TableDecoder(setup.states, *hidden, classes=10))


def _schedule(epoch: int, *, epochs: int) -> float:
    """Return the factor of the learning rate: 1 in the first half, then 0.8 once more in each tenth."""
    return 0.8 ** max(0, 10 * epoch // epochs - 4)


@torch.no_grad()
def _encode(model: CodeClassifier, x: Tensor) -> Tensor:
    """Return the codes p(z|x) of all inputs."""
    return torch.cat([model(chunk, chunk.new_empty(0)).z for chunk in x.split(CHUNK)])


def _measure(model: CodeClassifier, epoch: int, *, name: str, x: Tensor, y: Tensor) -> dict[str, float]:
    """Return the three uncertainties on the training data; where H(Y|Z) is trained, set the decoder first."""
    z = _encode(model, x)
    if name == "uncertainty":
        model.decoder.set_table(log_optimal_decoder(z, y, classes=10))
    return measured(z, y, model.decoder())


def _evaluate(model: CodeClassifier, x: Tensor, y: Tensor) -> dict[str, float]:
    return measured(_encode(model, x), y, model.decoder())


def _summary(history: dict[str, np.ndarray], test_error: list[float]) -> dict[str, Any]:
    """Return median and quartiles over trials, and the last values, rounded to what is worth keeping."""
    quartiles = {"lower": 25, "median": 50, "upper": 75}
    summary: dict[str, Any] = {
        key: {q: np.percentile(values, p, axis=1).round(5).tolist() for q, p in quartiles.items()}
        for key, values in history.items()
    }
    final = {key: values[-1].round(6).tolist() for key, values in history.items()}
    return summary | {"final": final | {"test_error": test_error}}


def _noise_images() -> Images:
    """Return random numbers as small images in three colours."""
    rng = np.random.default_rng(0)
    x = rng.integers(0, 256, (24, 3, 8, 8), dtype=np.uint8)
    y = rng.integers(0, 10, 24)
    return Images("noise", x[:16], y[:16], x[16:], y[16:], 255, tuple("0123456789"), "random numbers")


EXPERIMENTS: dict[str, Callable[..., dict[str, Any]]] = {"three-losses": three_losses}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run an experiment from the command line; print its results, or record them."""
    parser = lab_parser(
        "python -m ibcourse.decoder_uncertainty.lab",
        "Train on each of the three uncertainties in turn, and measure all three.",
        EXPERIMENTS,
        {size for _, size in SETUPS},
    )
    parser.add_argument("--data", choices=sorted({data for data, _ in SETUPS}), help="digits by default")
    run_lab(parser, EXPERIMENTS, _stated, arguments)


def _stated(experiment: str, results: dict[str, Any]) -> Stated:
    data = results["setup"]["data"]
    seconds = sum(loss["seconds"] for loss in results["losses"].values())
    return Stated(f"decoder-uncertainty-{data}", data, seconds, results["setup"]["trials"])


if __name__ == "__main__":
    main()
