"""Our solver of the bottleneck beside embo: ``OMP_NUM_THREADS=1 python -m benchmarks.bottleneck [name ...]``.

The peers of `benchmarks/requirements.txt` are looked for on the path and in the folder that ``PEERS`` names,
such as one that ``pip install --target`` made.  Times are CPU seconds of one thread, without imports.  Ours
are for 100 β, log-spaced from 0.1 to 100, the check of every β included; embo's for 100 β, evenly spaced over
the same range, as it allows no other.  The gap is the Lagrangian less the stored reference, at its largest.
"""

import os
import resource
import statistics
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from benchmarks.instances import BETAS, Instance, instances, load
from ibcourse.bottleneck import ib_curve

# Instances that are timed, and the share of embo's time that is aimed at, or seconds where it takes too long.
TIMED = {
    "bsc-0.1": 1 / 5,
    "identity-4": 1 / 5,
    "dense-5x5": 1 / 5,
    "sparse-5x5": 1 / 5,
    "dense-16x8": 1 / 2,
    "sparse-16x8": 1 / 2,
    "labels-64x2": 1 / 2,
    "dense-64x16": 1 / 4,
    "sparse-64x16": 1 / 4,
    "dense-256x32": 1 / 10,
    "sparse-256x32": 1 / 10,
    "dense-1024x64": 12.0,
    "sparse-1024x64": 12.0,
}
TOO_LONG = 1e9  # rows² × cells, from which embo is not run
ALLOWED = {"discretised Gaussian": 1e-5}


@dataclass(frozen=True)
class Row:
    """One line of the table; times in CPU seconds, the rest in nats."""

    name: str
    rows: int
    columns: int
    ours: float
    embo: float  # nan where it was not run
    goal: float  # what our time was to be
    gap: float
    bound: float  # the largest bound that we give
    unmet: int  # β with a bound above the default tolerance, 1e-6
    memory: float  # of this process at its peak, MiB


def main() -> None:
    """Print the table, then every instance that misses its accuracy."""
    if os.environ.get("OMP_NUM_THREADS") != "1":
        sys.exit("Set OMP_NUM_THREADS=1, so that CPU seconds are those of one thread.")
    wanted = sys.argv[1:] or list(TIMED)
    references = load()
    known = {instance.name: instance for instance in instances()}
    print(
        f"{'instance':16}{'ours':>9}{'goal':>9}{'embo':>9}{'ratio':>7}{'gap':>10}{'bound':>10}{'unmet':>6}{'MiB':>7}"
    )
    for name in wanted:
        row = measure(known[name], references.get(name))
        print(
            f"{row.name:16}{row.ours:9.4f}{row.goal:9.4f}{row.embo:9.3f}{row.embo / row.ours:7.1f}"
            f"{row.gap:10.1e}{row.bound:10.1e}{row.unmet:6}{row.memory:7.0f}",
            flush=True,
        )
    if not sys.argv[1:]:
        accuracy(known, references)


def table() -> list[dict[str, float | str]]:
    """Return the rows for a record."""
    references = load()
    known = {instance.name: instance for instance in instances()}
    return [asdict(measure(known[name], references.get(name))) for name in TIMED]


def measure(instance: Instance, reference: np.ndarray | None) -> Row:
    """Time one instance."""
    p_xy = instance.p_xy
    repeats = 5 if p_xy.size < 300 else 1
    seconds = []
    for _ in range(repeats):
        start = time.process_time()
        curve = ib_curve(p_xy, BETAS)
        seconds.append(time.process_time() - start)
    embo = _embo(p_xy)
    goal = TIMED.get(instance.name, np.nan)
    return Row(
        name=instance.name,
        rows=len(p_xy),
        columns=p_xy.shape[1],
        ours=statistics.median(seconds),
        embo=embo,
        goal=goal * embo if goal < 1 else goal,
        gap=np.nan if reference is None else float((curve.lagrangian - reference).max()),
        bound=float(curve.bound.max()),
        unmet=int(np.sum(curve.bound > 1e-6)),
        memory=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    )


def accuracy(known: dict[str, Instance], references: dict[str, np.ndarray]) -> None:
    """Print the largest gap over all instances with a reference, and the instances that miss theirs."""
    worst, missed = 0.0, []
    for name, reference in references.items():
        curve = ib_curve(known[name].p_xy, BETAS)
        gap = float((curve.lagrangian - reference).max())
        uncovered = float((curve.lagrangian - reference - curve.bound).max())
        worst = max(worst, gap)
        allowed = 1e-4 if len(known[name].p_xy) >= 1024 else ALLOWED.get(known[name].family, 1e-6)
        if gap > allowed or uncovered > 1e-9:
            missed.append(f"{name}: gap {gap:.1e} (allowed {allowed:g}), beyond the bound {uncovered:.1e}")
    print(f"\n{len(references)} instances with a reference; the largest gap is {worst:.1e}.")
    print("\n".join(missed) or "None misses its accuracy.")


def _embo(p_xy: np.ndarray) -> float:
    """Return embo's CPU seconds, those of its pool of one process included."""
    if p_xy.size * len(p_xy) ** 2 > TOO_LONG:
        return np.nan
    if peers := os.environ.get("PEERS"):
        sys.path.extend(str(path) for path in Path(peers).iterdir() if str(path) not in sys.path)
    try:
        import embo
    except ImportError:
        return np.nan
    # It divides the array in place by its sum, and turns floating-point warnings off for all.
    used = p_xy[p_xy.sum(axis=1) > 0][:, p_xy.sum(axis=0) > 0].copy()
    start = _cpu()
    embo.InformationBottleneck(pxy=used, numbeta=100, minbeta=0.1, maxbeta=100, processes=1).get_bottleneck()
    return _cpu() - start


def _cpu() -> float:
    usage = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in usage)


if __name__ == "__main__":
    main()
