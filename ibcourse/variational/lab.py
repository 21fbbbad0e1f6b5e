r"""The lab of topic 05: the variational bottleneck on digits (CPU) and, full size, on MNIST.

Full size repeats Alemi et al. (2017) as their notebook has it: 784-1024-1024-2K with K = 256, pixels from −1
to 1, scales softplus(ρ − 5), a linear decoder, Adam at 1e-4 with β₁ = 0.5, a learning rate that falls by 0.97
every two epochs, weights averaged with decay 0.999, 200 epochs of batches of 100.  Differences: all 60,000
training images are used, where the notebook holds 5,000 back; and what is measured is measured once, after
the last epoch, so that nothing is selected on test data.

The same code serves all sizes::

    python -m ibcourse.variational.lab vib --size full --seeds 0 1 2 --checkpoints FOLDER --record

A run that was stopped goes on from its checkpoint when the command is repeated.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial, wraps
from pathlib import Path
from typing import Any

import numpy as np

from ibcourse.nets import (  # first: without torch it says what to install
    Bottleneck,
    Gaussian,
    GaussianHead,
    Run,
    Tensors,
    dense,
    fit,
    fit_ensemble,
    pick_device,
    seeded,
    tensors,
)

# isort: split
import torch
from torch import Tensor, nn

from ibcourse.data import load
from ibcourse.data.command import Stated, checkpoint_file, lab_parser, run_lab
from ibcourse.estimators import mixture
from ibcourse.information import entropy
from ibcourse.variational.objectives import WarmUp, free_bits
from ibcourse.variational.objectives import vib as objective

Results = dict[str, Any]


@dataclass(frozen=True)
class Setup:
    """The set-up of an experiment at one size."""

    data: str
    hidden: tuple[int, ...]
    k: int
    epochs: int
    learning_rate: float
    average: float
    seeds: tuple[int, ...]
    betas: tuple[float, ...]
    timing_epochs: int
    samples: int


def _powers(first: float, last: float, count: int) -> tuple[float, ...]:
    return tuple(float(f"{beta:.4g}") for beta in np.logspace(first, last, count))


SETUPS = {
    "tiny": Setup("digits", (16,), 4, 2, 1e-3, 0.9, (0, 1), _powers(-4, 0, 2), 1, 100),
    "cpu": Setup("digits", (96, 96), 16, 60, 2e-3, 0.99, (0, 1, 2), _powers(-9, 0, 10), 2, 1437),
    "full": Setup("mnist", (1024, 1024), 256, 200, 1e-4, 0.999, (0, 1, 2), _powers(-9, 0, 19), 1, 1000),
}
BATCH = 100
SAMPLES = 12  # of the code, in the averaged prediction


def _small_in_one_thread(experiment: Callable[..., Results]) -> Callable[..., Results]:
    """Run small sizes in one thread: a second one gains little, and where cores are busy costs much."""

    @wraps(experiment)
    def run(size: str = "cpu", *arguments: Any, **options: Any) -> Results:
        threads = torch.get_num_threads()
        torch.set_num_threads(threads if size == "full" else 1)
        try:
            return experiment(size, *arguments, **options)
        finally:
            torch.set_num_threads(threads)

    return run


@_small_in_one_thread
def vib(
    size: str = "cpu",
    device: str | None = None,
    seeds: Sequence[int] | None = None,
    checkpoints: str | Path | None = None,
    *,
    beta: float = 1e-3,
    epochs: int | None = None,
    bfloat16: bool = False,
) -> Results:
    """Train the variational bottleneck once a seed and measure it.

    Parameters
    ----------
    size : str
        ``"cpu"``, ``"full"`` or ``"tiny"``, a key of ``SETUPS``.
    device : str, optional
        As for `ibcourse.nets.pick_device`.
    seeds : sequence of int, optional
        Of weights, noise and shuffles.
    checkpoints : path, optional
        A folder from which a stopped run goes on.
    beta : float
        The price of compression.
    epochs : int, optional
        Fewer epochs than the set-up has.
    bfloat16 : bool
        Compute layers in bfloat16.

    Returns
    -------
    dict
        The set-up, and in ``runs`` for each seed: ``seconds``, ``history``, ``test`` and ``train`` (see
        `evaluate`), and ``information`` (see `honest_information`).

    Raises
    ------
    ValueError
        If there is no such size or device.

    Notes
    -----
    Source: Alemi et al. (2017), section 4.2.  Lesson: 05 Variational, the lab.
    """
    setup, data = _begin(size, device)
    seeds, epochs = list(setup.seeds if seeds is None else seeds), setup.epochs if epochs is None else epochs
    runs = []
    for seed in seeds:
        run = fit(
            _seeded(setup, data, setup.k, seed),
            objective,
            data.x,
            data.y,
            hyper={"beta": beta},
            seed=seed,
            order=seed,
            **_plan(setup, epochs, bfloat16),
            checkpoint=_checkpoint(checkpoints, f"vib-{size}-beta{beta:g}-seed{seed}", epochs, bfloat16),
        )
        runs.append(_finished(run, data, setup.samples, seed))
    return _about(setup, data, setup.k, epochs, bfloat16) | {"beta": beta, "runs": runs}


@_small_in_one_thread
def beta_sweep(
    size: str = "cpu",
    device: str | None = None,
    seeds: Sequence[int] | None = None,
    checkpoints: str | Path | None = None,
    *,
    epochs: int | None = None,
    bfloat16: bool = False,
) -> Results:
    """Train the variational bottleneck for many β and seeds as one ensemble, and time it beside the loop.

    Parameters
    ----------
    size, device, seeds, checkpoints, epochs, bfloat16
        As for `vib`.

    Returns
    -------
    dict
        The set-up; in ``members`` for each β and seed what `vib` measures; and in ``timing`` the seconds that
        the same epochs of all members take as one ensemble, and one member after the other.

    Raises
    ------
    ValueError
        If there is no such size or device.

    Notes
    -----
    Source: Alemi et al. (2017), figure 1.  Lesson: 05 Variational, the lab.
    """
    setup, data = _begin(size, device)
    seeds, epochs = list(setup.seeds if seeds is None else seeds), setup.epochs if epochs is None else epochs
    members = [(beta, seed) for beta in setup.betas for seed in seeds]
    ensemble = partial(
        fit_ensemble,
        lambda: _net(setup, data.x[0].numel(), setup.k),
        objective,
        seeds=[seed for _, seed in members],
        hyper={"beta": [beta for beta, _ in members]},
    )
    run = ensemble(
        data.x,
        data.y,
        **_plan(setup, epochs, bfloat16),
        checkpoint=_checkpoint(checkpoints, f"vib-beta-sweep-{size}", epochs, bfloat16),
    )
    plan = _plan(setup, setup.timing_epochs, bfloat16)

    def loop(x: Tensor, y: Tensor) -> float:
        return sum(
            fit(_seeded(setup, data, setup.k, s), objective, x, y, hyper={"beta": b}, seed=s, **plan).seconds
            for b, s in members
        )

    loop(data.x[:BATCH], data.y[:BATCH])  # both are timed warm
    ensemble(data.x[:BATCH], data.y[:BATCH], **plan)
    loop_seconds = loop(data.x, data.y)
    ensemble_seconds = ensemble(data.x, data.y, **plan).seconds
    return _about(setup, data, setup.k, epochs, bfloat16) | {
        "seconds": round(run.seconds, 1),
        "members": [
            {"beta": beta, "seed": seed} | _measure(average, data, setup.samples, seed)
            for (beta, seed), average in zip(members, run.averages or [], strict=True)
        ],
        "timing": {
            "members": len(members),
            "epochs": setup.timing_epochs,
            "loop_seconds": round(loop_seconds, 3),
            "ensemble_seconds": round(ensemble_seconds, 3),
            "ratio": round(loop_seconds / ensemble_seconds, 2),
        },
    }


@_small_in_one_thread
def plane(
    size: str = "cpu",
    device: str | None = None,
    seeds: Sequence[int] | None = None,
    checkpoints: str | Path | None = None,
    *,
    betas: Sequence[float] = (1e-4, 1e-3, 1e-2, 1e-1, 1.0),
    epochs: int | None = None,
    bfloat16: bool = False,
    points: int = 300,
) -> Results:
    """Train codes of two dimensions, one a price, for pictures.

    Parameters
    ----------
    size, device, seeds, checkpoints, epochs, bfloat16
        As for `vib`; the first seed is used for all prices.
    betas : sequence of float
        The prices.
    points : int
        How many test images are returned.

    Returns
    -------
    dict
        The set-up, the ``seconds`` of training, ``labels`` of the first test images, and in ``members`` for
        each β their ``means`` and ``scales``, lists of pairs, beside what `vib` measures.

    Raises
    ------
    ValueError
        If there is no such size or device.

    Notes
    -----
    Source: Alemi et al. (2017), figure 2.  Lesson: 05 Variational, the lab.
    """
    setup, data = _begin(size, device)
    seed, epochs = (setup.seeds if seeds is None else seeds)[0], setup.epochs if epochs is None else epochs
    run = fit_ensemble(
        lambda: _net(setup, data.x[0].numel(), 2),
        objective,
        data.x,
        data.y,
        seeds=[seed] * len(betas),
        hyper={"beta": list(betas)},
        **_plan(setup, epochs, bfloat16),
        checkpoint=_checkpoint(checkpoints, f"vib-plane-{size}", epochs, bfloat16),
    )
    members = []
    for beta, average in zip(betas, run.averages or [], strict=True):
        means, scales = _codes(average, data.x_test[:points])
        pictures = {
            "means": means.cpu().numpy().round(3).tolist(),
            "scales": scales.cpu().numpy().round(4).tolist(),
        }
        members.append({"beta": beta, "seed": seed} | pictures | _measure(average, data, setup.samples, seed))
    labels = data.y_test[:points].tolist()
    about = _about(setup, data, 2, epochs, bfloat16) | {"seconds": round(run.seconds, 1)}
    return about | {"labels": labels, "members": members}


@_small_in_one_thread
def collapse(
    size: str = "cpu",
    device: str | None = None,
    seeds: Sequence[int] | None = None,
    *,
    beta: float = 0.9,
    free: float = 3.0,
    epochs: int | None = None,
    bfloat16: bool = False,
) -> Results:
    """Train at a price at which the code collapses, and with each of three cures.

    Parameters
    ----------
    size, device, seeds, epochs, bfloat16
        As for `vib`; there are no checkpoints, since the price changes during a run.
    beta : float
        The price.
    free : float
        The allowance of free bits, in nats.

    Returns
    -------
    dict
        The set-up, and in ``runs`` for each seed and ``cure`` (``"none"``, ``"lower price"``: a third of it,
        ``"warm-up"``: over half of the epochs, ``"free bits"``) what `vib` measures.

    Raises
    ------
    ValueError
        If there is no such size or device.

    Notes
    -----
    Lesson: 05 Variational, collapse.
    """
    setup, data = _begin(size, device)
    seeds, epochs = list(setup.seeds if seeds is None else seeds), setup.epochs if epochs is None else epochs
    runs = []
    for seed in seeds:
        rising = WarmUp(beta, max(1, epochs // 2))
        cures: dict[str, Any] = {
            "none": partial(objective, beta=beta),
            "lower price": partial(objective, beta=beta / 3),
            "warm-up": partial(objective, beta=rising.price),
            "free bits": partial(free_bits, beta=beta, free=free),
        }
        for cure, loss in cures.items():
            run = fit(
                _seeded(setup, data, setup.k, seed),
                loss,
                data.x,
                data.y,
                seed=seed,
                order=seed,
                measure=rising if cure == "warm-up" else None,
                **_plan(setup, epochs, bfloat16),
            )
            runs.append({"cure": cure, **_finished(run, data, setup.samples, seed)})
    return _about(setup, data, setup.k, epochs, bfloat16) | {"beta": beta, "free_nats": free, "runs": runs}


@torch.no_grad()
def evaluate(model: Any, x: Tensor, y: Tensor, *, seed: int = 0) -> dict[str, float]:
    """Return the errors and bounds of a trained model on labelled images.

    Parameters
    ----------
    model : Bottleneck
        With a Gaussian code.
    x : torch.Tensor, shape (N, ...)
        Images.
    y : torch.Tensor of int64, shape (N,)
        Labels.
    seed : int
        Of the samples of the code.

    Returns
    -------
    dict
        ``error_1``, ``error_12`` and ``error_mean``: the share of wrong answers with one sample of the code,
        with the mean of 12 predicted distributions, and with the mean code; ``rate``, ``cross_entropy`` (of
        one sample) and ``i_zy_bound`` = H(Y) − cross_entropy, each in nats and in bits.

    Notes
    -----
    What holds for one sample is averaged over the 12.
    Source: Alemi et al. (2017), section 4.2.  Lesson: 05 Variational, the lab.
    """
    generator = torch.Generator(x.device).manual_seed(seed)
    totals = torch.zeros(5, dtype=torch.float64)
    for images, labels in zip(x.split(1000), y.cpu().split(1000), strict=True):
        n = len(images)
        noise = model.draw(SAMPLES * n, generator).unflatten(0, (SAMPLES, n))
        output = model(images, torch.cat([noise, torch.zeros_like(noise[:1])]))
        code = output.code
        log_p = output.logits.cpu().double().log_softmax(-1)  # an Apple GPU has no double precision
        sampled, at_mean = log_p[:-1], log_p[-1]
        rate = Gaussian(code.mean.cpu().double(), code.scale.cpu().double()).kl_to_standard()
        totals += torch.stack(
            [
                (sampled.argmax(-1) != labels).double().mean(0).sum(),
                (sampled.exp().mean(0).argmax(-1) != labels).double().sum(),
                (at_mean.argmax(-1) != labels).double().sum(),
                rate.sum(),
                -sampled.mean(0).gather(-1, labels[:, None]).sum(),
            ]
        )
    error_1, error_12, error_mean, rate, cross_entropy = (totals / len(x)).tolist()
    h_y = float(entropy(np.bincount(y.cpu().numpy()) / len(y)))
    nats = {"rate": rate, "cross_entropy": cross_entropy, "i_zy_bound": h_y - cross_entropy}
    return {"error_1": error_1, "error_12": error_12, "error_mean": error_mean} | _both_units(nats)


def honest_information(
    model: Any, x: Tensor, y: Tensor, *, samples: int = 1000, seed: int = 0
) -> dict[str, float]:
    """Return the information that the code has about which image it was made from, and about its label.

    Parameters
    ----------
    model : Bottleneck
        With a Gaussian code.
    x : torch.Tensor, shape (N, ...)
        Images.
    y : torch.Tensor of int64, shape (N,)
        Labels.
    samples : int
        How many codes are drawn.
    seed : int
        Of the draws.

    Returns
    -------
    dict
        ``i_xz`` and ``i_zy`` with their Monte Carlo errors ``i_xz_error`` and ``i_zy_error``, and
        ``ceiling`` = ln N, each in nats and in bits.

    See Also
    --------
    ibcourse.estimators.mixture : How, and what it assumes.

    Notes
    -----
    Given the images nothing about the code is unknown, so that no bound is needed.  The rate exceeds i_xz by
    the divergence of the code's marginal from N(0, 1), in expectation.
    Source: Kolchinsky, Tracey and Wolpert (2019).  Lesson: 05 Variational, the lab.
    """
    means, scales = _codes(model, x)
    found = mixture(means, scales, y, samples=samples, seed=seed)
    return _both_units(
        {
            "i_xz": found.i_xz.value,
            "i_xz_error": found.i_xz.error,
            "i_zy": found.i_yz.value,
            "i_zy_error": found.i_yz.error,
            "ceiling": math.log(len(x)),
        }
    )


EXPERIMENTS = {"vib": vib, "beta-sweep": beta_sweep, "plane": plane}
RECORDS = {"vib": "vib-mnist", "beta-sweep": "vib-beta-sweep", "plane": "vib-plane"}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run an experiment from the command line; print its results, or record them."""
    parser = lab_parser(
        "python -m ibcourse.variational.lab",
        "Train the variational bottleneck: at one price, at many, or with a code of two numbers.",
        EXPERIMENTS,
        SETUPS,
    )
    parser.add_argument(
        "--bfloat16", action="store_true", default=None, help="compute the layers in bfloat16"
    )
    run_lab(parser, EXPERIMENTS, _stated, arguments)


def _stated(experiment: str, results: Results) -> Stated:
    if experiment == "vib":
        nets, seconds = results["runs"], sum(run["seconds"] for run in results["runs"])
    else:
        nets, seconds = results["members"], results["seconds"]
    return Stated(RECORDS[experiment], results["data"], seconds, sorted({net["seed"] for net in nets}))


def _begin(size: str, device: str | None) -> tuple[Setup, Tensors]:
    if size not in SETUPS:
        raise ValueError(f'there is no size "{size}"; expected one of: {", ".join(SETUPS)}.')
    setup = SETUPS[size]
    return setup, tensors(load(setup.data), pick_device(device), centred=True)


def _net(setup: Setup, inputs: int, k: int) -> Bottleneck:
    """Return a new net; weights as the authors' notebook starts them, Glorot's uniform, biases 0."""
    net = Bottleneck(dense(inputs, *setup.hidden, 2 * k), GaussianHead(k), dense(k, 10))
    for layer in net.modules():
        if isinstance(layer, nn.Linear):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)
    return net


def _seeded(setup: Setup, data: Tensors, k: int, seed: int) -> Bottleneck:
    return seeded(lambda: _net(setup, data.x[0].numel(), k), seed, data.x.device)


def _plan(setup: Setup, epochs: int, bfloat16: bool) -> Results:
    return {
        "epochs": epochs,
        "batch_size": BATCH,
        "learning_rate": setup.learning_rate,
        "betas": (0.5, 0.999),
        "schedule": _decay,
        "average": setup.average,
        "bfloat16": bfloat16,
    }


def _decay(epoch: int) -> float:
    return 0.97 ** (epoch // 2)


def _checkpoint(folder: str | Path | None, name: str, epochs: int, bfloat16: bool) -> Path | None:
    return checkpoint_file(folder, f"{name}-epochs{epochs}{'-bfloat16' if bfloat16 else ''}")


@torch.no_grad()
def _codes(model: Any, x: Tensor) -> tuple[Tensor, Tensor]:
    """Return the means and scales of the code of each image."""
    codes = [model.head(model.encoder(images)) for images in x.split(1000)]
    return torch.cat([c.mean for c in codes]), torch.cat([c.scale for c in codes])


def _finished(run: Run, data: Tensors, samples: int, seed: int) -> Results:
    """Return what is kept of a run."""
    return {
        "seed": seed,
        "seconds": round(run.seconds, 1),
        "history": {name: _rounded(values) for name, values in run.history.items()},
        **_measure(run.average, data, samples, seed),
    }


def _measure(model: Any, data: Tensors, samples: int, seed: int) -> Results:
    return {
        "test": _rounded(evaluate(model, data.x_test, data.y_test, seed=seed)),
        "train": _rounded(evaluate(model, data.x, data.y, seed=seed)),
        "information": _rounded(honest_information(model, data.x, data.y, samples=samples, seed=seed)),
    }


def _about(setup: Setup, data: Tensors, k: int, epochs: int, bfloat16: bool) -> Results:
    return {
        "data": setup.data,
        "layers": [data.x[0].numel(), *setup.hidden, 2 * k],
        "k": k,
        "epochs": epochs,
        "precision": "bfloat16" if bfloat16 else "float32",
        "n_train": len(data.x),
        "n_test": len(data.x_test),
    }


def _both_units(nats: Mapping[str, float]) -> dict[str, float]:
    return {
        f"{name}_{unit}": value / scale
        for name, value in nats.items()
        for unit, scale in (("nats", 1.0), ("bits", math.log(2)))
    }


def _rounded(values: Any) -> Any:
    """Return numbers with six significant digits, which is more than any of them deserves."""
    if isinstance(values, Mapping):
        return {name: _rounded(value) for name, value in values.items()}
    if isinstance(values, np.ndarray):
        return [_rounded(value) for value in values.tolist()]
    return float(f"{values:.6g}")


if __name__ == "__main__":
    main()
