"""Our estimators on known truth, and their speed: ``python -m benchmarks.estimators [FOLDER] [--record]``.

FOLDER holds the peers, installed by ``pip install --target FOLDER -r benchmarks/requirements.txt``; without
it only our own speed is measured.  Each estimator gets the same samples of a task.  Times are CPU seconds of
one thread, without imports.  Those beside the peers, nearest neighbours with k = 3, are the median of
``REPEATS``, or one alone if it is long, on Gaussians that correlate by 0.6 in each of d pairs of coordinates.
npeet_plus adds noise of 1e-10 to break ties; scikit-learn, which takes d = 1 alone, scales the data and adds
noise too.
"""

import argparse
import math
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import torch

from ibcourse.data import load, write_record
from ibcourse.estimators import Estimate, binned, ksg
from ibcourse.estimators.critics import neural_information

SAMPLES = 5000
SEED = 0
REPEATS = 5
LONG = 1.0  # seconds
SPEED = [(1, 1000), (1, 10_000), (1, 50_000), (5, 1000), (5, 10_000), (5, 50_000), (20, 1000), (20, 10_000)]
TASKS = [
    "normal",
    "normal-cdf",
    "normal-half-cube",
    "swiss-roll",
    "uniform-0.1",
    "uniform-0.75",
    "student-1-1",
    "student-1-1-asinh",
    "student-5-2",
    "corners-1",
    "corners-5",
    "dense-2",
    "dense-5",
    "dense-25",
    "dense-50",
    "sparse-5",
    "sparse-5-spiral",
    "pairs-1",
    "pairs-5",
    "pairs-20",
]
Estimator = Callable[[np.ndarray, np.ndarray], Estimate]


class Accuracy(NamedTuple):
    """One estimator on one task."""

    task: str
    estimator: str
    truth_nats: float
    value_nats: float
    error_nats: float | None  # as the estimator states it
    cpu_s: float
    warning: str  # the first sentence


class Speed(NamedTuple):
    """One program on one size."""

    dimensions: int
    samples: int
    program: str
    cpu_s: float
    value_nats: float


def estimators() -> dict[str, Estimator]:
    """Return what is measured, by name."""

    def critic(bound: str) -> Estimator:
        return lambda x, y: neural_information(x, y, bound, steps=300, learning_rate=3e-3, seed=SEED)

    return {
        "binned, 10 bins": lambda x, y: binned(x, y, bins=10),
        "binned, Chao–Shen": lambda x, y: binned(x, y, bins=10, method="chao-shen"),
        "KSG 1": ksg,
        "KSG 2": lambda x, y: ksg(x, y, kind=2),
        "InfoNCE": critic("info-nce"),
        "MINE": critic("mine"),
        "SMILE": critic("smile"),
    }


def accuracy() -> Iterator[Accuracy]:
    """Measure every estimator on every task."""
    tasks = load("known-information")
    for name in TASKS:
        task = tasks[name]
        x, y = task.sample(SAMPLES, np.random.default_rng(SEED))
        for label, estimator in estimators().items():
            start = time.process_time()
            found = estimator(x, y)
            yield Accuracy(
                name,
                label,
                task.information,
                found.value,
                None if math.isnan(found.error) else found.error,
                round(time.process_time() - start, 4),
                found.warning.partition(". ")[0].rstrip("."),
            )


def programs(peers: bool) -> dict[str, Callable[[np.ndarray, np.ndarray], float]]:
    """Return the nearest-neighbour estimators by name."""
    found: dict[str, Callable[[np.ndarray, np.ndarray], float]] = {
        "ibcourse": lambda x, y: ksg(x, y).value,
    }
    if peers:
        import npeet_plus
        from sklearn.feature_selection import mutual_info_regression

        found["npeet_plus"] = lambda x, y: npeet_plus.mi(x, y, k=3, base=math.e)
        found["scikit-learn"] = lambda x, y: mutual_info_regression(x, y[:, 0], random_state=SEED).item()
    return found


def speed(peers: bool) -> Iterator[Speed]:
    """Measure every program at every size that it takes, one after the other on the same samples."""
    for d, n in SPEED:
        rng = np.random.default_rng(SEED)
        x = rng.normal(size=(n, d))
        y = 0.6 * x + 0.8 * rng.normal(size=(n, d))
        for name, program in programs(peers).items():
            if name == "scikit-learn" and d > 1:
                continue
            seconds: list[float] = []
            while len(seconds) < REPEATS and sum(seconds) < LONG:
                start = time.process_time()
                value = program(x, y)
                seconds.append(time.process_time() - start)
            yield Speed(d, n, name, round(statistics.median(seconds), 5), float(value))


def main() -> None:
    """Print both tables, and record them if that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", nargs="?", help="where the peers are installed")
    parser.add_argument("--record", action="store_true", help='replace the record "estimators"')
    given = parser.parse_args()
    sys.path.extend([given.folder] if given.folder else [])  # behind our own packages
    torch.set_num_threads(1)
    start = time.perf_counter()
    results: dict[str, list[dict]] = {"speed": [], "accuracy": []}
    print(f"{'d':>3}{'n':>7}  {'program':14}{'CPU s':>9}{'nats':>12}")
    for one in speed(bool(given.folder)):
        results["speed"].append(one._asdict())
        numbers = f"{one.cpu_s:9.4f}{one.value_nats:12.8f}"
        print(f"{one.dimensions:3}{one.samples:7}  {one.program:14}{numbers}", flush=True)
    print(f"\n{'task':20}{'estimator':20}{'truth':>8}{'value':>9}{'error':>8}{'CPU s':>8}  warning")
    for row in accuracy():
        results["accuracy"].append(row._asdict())
        error = f"{'':8}" if row.error_nats is None else f"{row.error_nats:8.4f}"
        print(
            f"{row.task:20}{row.estimator:20}{row.truth_nats:8.4f}{row.value_nats:9.4f}{error}{row.cpu_s:8.3f}"
            f"  {row.warning[:60]}",
            flush=True,
        )
    if given.record:
        write_record(
            "estimators",
            results,
            seconds=time.perf_counter() - start,
            seeds=[SEED],
            data=f"the tasks of known information, {SAMPLES} samples each; correlated Gaussians for speed",
        )


if __name__ == "__main__":
    main()
