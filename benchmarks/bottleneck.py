"""Our solver of the bottleneck beside embo: ``python -m benchmarks.bottleneck [FOLDER] [--record]``.

FOLDER holds the peers, installed by ``pip install --target FOLDER -r benchmarks/requirements.txt``; without
it embo's times are left out.  Every instance is solved at 100 β, log-spaced from 0.1 to 100.  The gap is the
Lagrangian less the reference, at its largest; an instance without a reference has only the bound.  Times are
CPU seconds of one thread, without imports, the check of every β included.  embo's are for 100 β, evenly
spaced over the same range, as it allows no other, and with its own stopping rule.
"""

import argparse
import os
import resource
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from benchmarks.instances import BETAS, Instance, instances, load
from ibcourse.bottleneck import ib_curve
from ibcourse.data import write_record

# Instances that are timed with care, and the share of embo's time that is aimed at; for the largest, seconds.
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
TOO_LONG = 1e9  # rows² × cells, from which embo is not run: hours


@dataclass(frozen=True)
class Row:
    """One instance; the largest gap and bound over the β, and what they and the time were to be."""

    instance: str
    rows: int
    columns: int
    gap_nats: float | None
    allowed_nats: float
    bound_nats: float
    ours_s: float
    embo_s: float | None  # None where embo was not run
    goal_s: float | None
    peak_mib: int  # of this process so far
    misses: str  # "gap", "bound" if that does not cover the gap, "time": what is missed; empty if nothing


def measure(instance: Instance, reference: np.ndarray | None, peers: bool) -> Row:
    """Solve one instance and compare."""
    p_xy, name = instance.p_xy, instance.name
    seconds = []
    for _ in range(5 if name in TIMED and p_xy.size < 2000 else 1):
        start = time.process_time()
        curve = ib_curve(p_xy, BETAS)
        seconds.append(time.process_time() - start)
    ours = statistics.median(seconds)
    embo = goal = None
    if name in TIMED:
        if p_xy.size * len(p_xy) ** 2 >= TOO_LONG:
            goal = TIMED[name]
        elif peers:
            embo = _embo(p_xy)
            goal = TIMED[name] * embo
    allowed = {"discretised Gaussian": 1e-5}.get(instance.family, 1e-4 if len(p_xy) >= 1024 else 1e-6)
    gap = curve.bound if reference is None else curve.lagrangian - reference
    misses = {
        "gap": gap.max() > allowed,
        "bound": (gap - curve.bound).max() > 1e-9,
        "time": goal is not None and ours > goal,
    }
    return Row(
        instance=name,
        rows=len(p_xy),
        columns=p_xy.shape[1],
        gap_nats=None if reference is None else max(0.0, float(gap.max())),
        allowed_nats=allowed,
        bound_nats=float(curve.bound.max()),
        ours_s=round(ours, 4),
        embo_s=None if embo is None else round(embo, 4),
        goal_s=None if goal is None else round(goal, 4),
        peak_mib=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        misses=", ".join(what for what, missed in misses.items() if missed),
    )


def rows(peers: bool) -> Iterator[Row]:
    """Measure the timed instances, then the others, the smallest first."""
    references = load()
    for instance in sorted(instances(), key=lambda instance: instance.name not in TIMED):
        yield measure(instance, references.get(instance.name), peers)


def main() -> None:
    """Print the table, and record it if that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", nargs="?", help="where the peers are installed")
    parser.add_argument("--record", action="store_true", help='replace the record "ib-solver"')
    given = parser.parse_args()
    sys.path.extend([given.folder] if given.folder else [])  # behind our own packages
    start, table = time.perf_counter(), []
    print(f"{'instance':20}{'gap':>9}{'bound':>9}{'ours s':>9}{'embo s':>9}{'goal s':>9}{'MiB':>6}  misses")
    for row in rows(peers=bool(given.folder)):
        table.append(asdict(row))
        gap = f"{'':9}" if row.gap_nats is None else f"{row.gap_nats:9.1e}"
        embo, goal = (f"{value:9.3f}" if value else f"{'':9}" for value in (row.embo_s, row.goal_s))
        print(
            f"{row.instance:20}{gap}{row.bound_nats:9.1e}{row.ours_s:9.4f}{embo}{goal}"
            f"{row.peak_mib:6}  {row.misses}",
            flush=True,
        )
    missed = sum(bool(row["misses"]) for row in table)
    print(f"{len(table)} instances, {missed} of them miss an aim.")
    if given.record:
        write_record(
            "ib-solver",
            table,
            seconds=time.perf_counter() - start,
            seeds=[],
            data="the joint distributions of benchmarks/instances.py, each with a seed of its name, at 100 β",
        )


def _embo(p_xy: np.ndarray) -> float:
    """Return embo's CPU seconds, those of its pool of one process included."""
    import embo

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
