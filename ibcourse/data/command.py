"""The command line that the labs share: run an experiment, then print its results or record them."""

import argparse
import inspect
import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ibcourse.data import DataError, load, records

Results = dict[str, Any]


class Stated(NamedTuple):
    """What a record states of a run.

    Parameters
    ----------
    name : str
        Of the record.
    data : str
        A name that `ibcourse.data.load` knows.
    seconds : float
        How long the run took.
    seeds : list of int
        All that it used.
    """

    name: str
    data: str
    seconds: float
    seeds: list[int]


def lab_parser(
    prog: str, description: str, experiments: Iterable[str], sizes: Iterable[str]
) -> argparse.ArgumentParser:
    """Return the options that all labs have; a lab adds its own, with None as the default.

    Parameters
    ----------
    prog : str
        How the lab is started.
    description : str
        What it does, in a sentence.
    experiments, sizes : iterable of str
        What can be chosen.

    Returns
    -------
    argparse.ArgumentParser
        For `run_lab`.
    """
    parser = argparse.ArgumentParser(prog=prog, description=description)
    parser.add_argument("experiment", choices=sorted(experiments))
    parser.add_argument(
        "--size",
        choices=sorted(sizes),
        default="cpu",
        help="of nets and data; cpu by default",
    )
    parser.add_argument("--device", help="cuda, mps or cpu; the first there is by default")
    parser.add_argument("--seeds", type=_at_least(0), nargs="+", help="one net for each")
    parser.add_argument("--epochs", type=_at_least(1), help="in place of those of the size")
    parser.add_argument(
        "--checkpoints", type=Path, metavar="FOLDER", help="where a stopped run is kept, and goes on from"
    )
    parser.add_argument(
        "--record", action="store_true", help="write the record that the pages show, with --size full"
    )
    return parser


def run_lab(
    parser: argparse.ArgumentParser,
    experiments: Mapping[str, Callable[..., Results]],
    stated: Callable[[str, Results], Stated],
    arguments: Sequence[str] | None = None,
) -> None:
    """Run the experiment that the arguments name; print its results as JSON, or record them.

    Parameters
    ----------
    parser : argparse.ArgumentParser
        From `lab_parser`.
    experiments : mapping of str to callable
        By name.  Options that are given become arguments.
    stated : callable
        ``stated(name of the experiment, results)`` is what the record states.
    arguments : sequence of str, optional
        Those of the command line by default.

    Raises
    ------
    SystemExit
        With a message, if the arguments do not fit together, no record could be written, data are missing or
        the experiment refuses what it is given.
    """
    given = {name: value for name, value in vars(parser.parse_args(arguments)).items() if value is not None}
    experiment, record = given.pop("experiment"), given.pop("record")
    run = experiments[experiment]
    if others := sorted(given.keys() - inspect.signature(run).parameters.keys()):
        parser.error(f"{experiment} takes no {', '.join(f'--{name}' for name in others)}")
    if record and given["size"] != "full":
        parser.error("--record is for --size full: pages compute the smaller sizes themselves")
    if record and not os.access(records.RECORDS, os.W_OK):  # known before hours of training, not after
        parser.error(f"no record can be written into {records.RECORDS}; use a checkout of the course")
    try:
        results = run(**given)
    except (ValueError, DataError) as error:
        raise SystemExit(f"{parser.prog}: {error}") from error
    # six digits are what such a run is worth
    results = json.loads(json.dumps(results), parse_float=lambda number: float(f"{float(number):.6g}"))
    if not record:
        print(json.dumps(results, indent=1))
        return
    about = stated(experiment, results)
    data = load(about.data)
    words = "; ".join(filter(None, [about.data, data.source, data.note]))
    print(records.write_record(about.name, results, seconds=about.seconds, seeds=about.seeds, data=words))


def checkpoint_file(folder: str | Path | None, name: str) -> Path | None:
    """Return the file of the run of this name, or None where no checkpoints are asked for.

    >>> print(checkpoint_file("runs", "vib-0").as_posix(), checkpoint_file(None, "vib-0"))
    runs/vib-0.pt None
    """
    return None if folder is None else Path(folder) / f"{name}.pt"


def _at_least(least: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if not text.isascii() or not text.isdigit() or int(text) < least:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {least} on")
        return int(text)

    return number
