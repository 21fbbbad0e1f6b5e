"""Records: what a long run printed, kept as a small file that ships with the package.

A page that shows a recorded figure reads it here, and says when and on what machine it was made.
"""

import json
import os
import platform
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

RECORDS = Path(__file__).parent / "records"
#: What every record states beside its results.
STATED = ("command", "revision", "date", "machine", "seconds", "seeds", "data")


def record(name: str) -> dict[str, Any]:
    """Return the record of a run.

    Parameters
    ----------
    name : str
        Its name, such as ``"rate-distortion"``.

    Returns
    -------
    dict
        What the run was, by the keys ``command``, ``revision``, ``date``, ``machine``, ``seconds``, ``seeds``
        and ``data``, and what it gave, by the key ``results``.

    Raises
    ------
    LookupError
        If the run was not recorded; the message lists the records that there are.
    """
    path = RECORDS / f"{name}.json"
    if not path.is_file():
        known = ", ".join(sorted(file.stem for file in RECORDS.glob("*.json"))) or "none"
        raise LookupError(f'the run "{name}" is not recorded; recorded are: {known}.')
    return json.loads(path.read_text(encoding="utf8"))


def write_record(name: str, results: Any, *, seconds: float, seeds: list[int], data: str) -> Path:
    """Record what the running program measured, in the course's source.

    Parameters
    ----------
    name : str
        The name of the record; an older one of this name is replaced.
    results : dict or list
        What JSON can hold, with units in the keys.
    seconds : float
        How long the run took.
    seeds : list of int
        All seeds that it used; empty if nothing was random.
    data : str
        What it ran on, in words.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    ValueError
        If the results hold what JSON cannot, such as NaN.
    """
    # where a folder lies on this machine says nothing on another one
    words = ("FOLDER" if Path(word).is_absolute() else word for word in sys.orig_argv[1:])
    about = {
        "command": " ".join(["python", *words]),
        "revision": _revision(),
        "date": date.today().isoformat(),
        "machine": machine(),
        "seconds": round(seconds, 1),
        "seeds": seeds,
        "data": data,
    }
    text = json.dumps(about | {"results": results}, indent=1, ensure_ascii=False, allow_nan=False)
    RECORDS.mkdir(exist_ok=True)
    path = RECORDS / f"{name}.json"
    path.write_text(text + "\n", encoding="utf8")
    return path


def machine() -> str:
    """The processor, its cores and Python, and the accelerator where torch was imported and has one."""
    words = [f"{_processor()}, {os.cpu_count()} cores", f"Python {platform.python_version()}"]
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        words.append(f"{torch.cuda.get_device_name()}, torch {torch.__version__}")
    return "; ".join(words)


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text(encoding="utf8").splitlines() if cpuinfo.is_file() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, "") or platform.processor() or platform.machine()


def _revision() -> str:
    """The commit of the source, marked where files differ from it; empty outside of a checkout."""
    root = RECORDS.parents[2]
    if not (root / ".git").exists():  # an installed package may lie within another repository
        return ""
    try:
        done = subprocess.run(
            ["git", "describe", "--always", "--dirty", "--abbrev=10"],
            cwd=root,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.strip()
