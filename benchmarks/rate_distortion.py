"""Rate–distortion beside dit: ``python -m benchmarks.rate_distortion [FOLDER] [--record]``.

FOLDER holds the peers, installed by ``pip install --target FOLDER -r benchmarks/requirements.txt``; without
them only our own rows are measured.  CPU seconds of one thread, imports excluded, the median of ``REPEATS``.
dit counts in bits, and so does its β: it is our slope divided by ln 2.
"""

import argparse
import math
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from ibcourse.data import write_record
from ibcourse.information import entropy
from ibcourse.rate_distortion import hamming, rd_curve, squared_error

REPEATS = 3
TOL = 1e-9


class Problem(NamedTuple):
    """A source, its distortions, evenly spaced slopes, and its R(D) in closed form, if it has one."""

    name: str
    p_x: np.ndarray
    distortion: np.ndarray
    slopes: np.ndarray
    rate: Callable[[np.ndarray], np.ndarray] | None


class Row(NamedTuple):
    """One solver on one problem; all but the seconds in nats, the largest over the slopes."""

    problem: str
    solver: str
    cpu_s: float
    excess_nats: float  # of R + sD over the least one, as far as our lower bound proves it
    error_nats: float | None  # distance of R from the closed form at the solver's own D, if there is one
    gap_nats: float | None  # what the solver itself proves, if anything


def problems() -> list[Problem]:
    """Return the problems, with 51 slopes each."""

    def binary(d: np.ndarray) -> np.ndarray:
        return entropy(np.stack([d, 1 - d], axis=-1))

    def bernoulli(d: np.ndarray) -> np.ndarray:
        d = np.minimum(d, 0.3)
        return binary(np.array(0.3)) - binary(d)

    def uniform(d: np.ndarray) -> np.ndarray:
        d = np.minimum(d, 0.8)
        return math.log(5) - binary(d) - d * math.log(4)

    x = np.linspace(-4, 4, 61)
    gaussian = np.exp(-(x**2) / 2)
    p, critical = np.array([0.3, 0.7]), math.log(7 / 3)
    wide, near = np.linspace(0, 10 * math.log(2), 51), np.linspace(critical - 1e-3, critical + 0.05, 51)
    return [
        Problem("Bernoulli(0.3), Hamming", p, hamming(2), wide, bernoulli),
        Problem("the same, near D_max", p, hamming(2), near, bernoulli),
        Problem("5 equal symbols, Hamming", np.full(5, 0.2), hamming(5), wide, uniform),
        Problem("Gaussian on 61 points", gaussian / gaussian.sum(), squared_error(x, x), wide, None),
    ]


def ours(problem: Problem) -> tuple[np.ndarray, np.ndarray]:
    """Return rates and distortions by `rd_curve`."""
    curve = rd_curve(problem.p_x, problem.distortion, problem.slopes, tol=TOL)
    return curve.rate, curve.distortion


def by_dit(method: str) -> Callable[[Problem], tuple[np.ndarray, np.ndarray]]:
    """Return a function that solves a problem by one of dit's methods."""
    import dit
    from dit.rate_distortion.curves import RDCurve
    from dit.rate_distortion.distortions import Distortion, hamming

    def solve(problem: Problem) -> tuple[np.ndarray, np.ndarray]:
        def matrix(p_x: Any, p_y_x: Any) -> np.ndarray:
            return problem.distortion

        source = dit.Distribution([chr(97 + i) for i in range(len(problem.p_x))], problem.p_x)
        betas = problem.slopes / math.log(2)
        curve = RDCurve(
            source,
            beta_min=betas[0],
            beta_max=betas[-1],
            beta_num=len(betas),
            method=method,
            distortion=Distortion("given", matrix, hamming.optimizer),
        )
        return curve.rates * math.log(2), curve.distortions

    return solve


def rows(peers: bool = True) -> Iterator[Row]:
    """Measure each solver on each problem that it takes."""
    for problem in problems():
        certified = rd_curve(problem.p_x, problem.distortion, problem.slopes, tol=TOL)
        least = certified.lower + problem.slopes * certified.distortion
        solvers = {"ibcourse": ours}
        if peers:
            solvers["dit ba"] = by_dit("ba")
            if problem.rate:  # sp knows no squared error
                solvers["dit sp"] = by_dit("sp")
        for name, solve in solvers.items():
            times = []
            for _ in range(REPEATS if solve is ours else 1):
                start = time.process_time()
                rate, distortion = solve(problem)
                times.append(time.process_time() - start)
            yield Row(
                problem.name,
                name,
                round(statistics.median(times), 5),
                np.max(rate + problem.slopes * distortion - least).item(),
                np.max(np.abs(rate - problem.rate(distortion))).item() if problem.rate else None,
                np.max(certified.gap).item() if solve is ours else None,
            )


def main() -> None:
    """Print the table, and record it if that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", nargs="?", help="where the peers are installed")
    parser.add_argument("--record", action="store_true", help='replace the record "rate-distortion"')
    given = parser.parse_args()
    sys.path.extend([given.folder] if given.folder else [])  # behind our own packages
    start, table = time.perf_counter(), []
    print(f"{'problem':26}{'solver':10}{'CPU s':>8}{'excess':>10}{'R error':>10}{'gap':>10}")
    for row in rows(peers=bool(given.folder)):
        table.append(row._asdict())
        numbers = "".join(
            f"{'':10}" if value is None else f"{value:10.1e}"
            for value in (row.excess_nats, row.error_nats, row.gap_nats)
        )
        print(f"{row.problem:26}{row.solver:10}{row.cpu_s:8.4f}{numbers}", flush=True)
    if given.record:
        write_record(
            "rate-distortion",
            table,
            seconds=time.perf_counter() - start,
            seeds=[],
            data="sources and distortions of benchmarks/rate_distortion.py, 51 slopes each",
        )


if __name__ == "__main__":
    main()
