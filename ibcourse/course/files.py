"""Notebooks on the student's disk: written whole or not at all, and never over work."""

import glob
import hashlib
import json
import os
import time
import warnings
from contextlib import suppress
from enum import Enum
from pathlib import Path
from typing import NamedTuple

import nbformat

from ibcourse.course import CourseError

HOUR = 3600.0  # no write takes that long


class Outcome(Enum):
    """What `put` did."""

    NEW = "written"
    LEFT = "already there"
    UPDATED = "updated: you had not changed the older copy"
    BESIDE = "kept as you left it; the course's copy is beside it"


class Put(NamedTuple):
    """Where a notebook is.

    ``path`` is the student's own notebook, ``fresh`` the one that equals the course's.
    """

    path: Path
    fresh: Path
    outcome: Outcome


def write(path: Path, text: str) -> None:
    """Write a file whole or not at all: beside its place first, then moved there in one step.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write(Path(folder, "a.txt"), "text")
    ...     [path.name for path in Path(folder).iterdir()]
    ['a.txt']
    """
    path = path.resolve()  # the file behind a link is replaced, not the link
    for left in path.parent.glob(f".{glob.escape(path.name)}.*.tmp"):  # by a process that was killed
        with suppress(FileNotFoundError):
            if time.time() - left.stat().st_mtime > HOUR:
                left.unlink()
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("w", encoding="utf8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def digest(notebook: nbformat.NotebookNode) -> str:
    """A fingerprint of what the cells say and the files pasted into them, without outputs and metadata.

    JupyterLab changes metadata when it saves a notebook in which nothing was done.
    """
    cells = [[cell.cell_type, cell.source, cell.get("attachments") or {}] for cell in notebook.cells]
    return hashlib.sha256(json.dumps(cells).encode()).hexdigest()


def put(notebook: nbformat.NotebookNode, path: Path) -> Put:
    """Put a notebook of the course at a path, and lose no work that is there.

    A notebook with the same cells is left, whatever its outputs.  An older copy is replaced if its cells are
    still those that the course wrote and it holds no output; the fingerprint in its metadata tells.  Anything
    else is kept, and the course's copy is written beside it as ``NAME-new.ipynb``, ``NAME-new2.ipynb`` and so
    on.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        The course's notebook; it gains the fingerprint ``metadata.ibcourse.digest``.
    path : pathlib.Path
        Where the student's notebook stands or will stand.  Missing folders are made.

    Returns
    -------
    Put
        The student's notebook, the course's copy, and what was done.

    Raises
    ------
    CourseError
        If ``path`` is a folder, a link to nothing or no file of any other kind, or if its folder cannot be
        made or written.
    """
    notebook.metadata["ibcourse"] = {"digest": digest(notebook)}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise CourseError(
            f"{path.parent} is not a folder: a file is in its place. Choose a folder with --to."
        ) from None
    except PermissionError:
        raise _closed(path.parent) from None
    target, outcome, copy = path, Outcome.NEW, 1
    while os.path.lexists(target):
        if _same(notebook, target):
            return Put(path, target, Outcome.LEFT if target == path else Outcome.BESIDE)
        if _untouched(target):
            outcome = Outcome.UPDATED if target == path else Outcome.BESIDE
            break
        outcome = Outcome.BESIDE
        target = path.with_name(f"{path.stem}-new{copy if copy > 1 else ''}{path.suffix}")
        copy += 1
    try:
        write(target, nbformat.writes(notebook) + "\n")
    except PermissionError:
        raise _closed(path.parent) from None
    return Put(path, target, outcome)


def _closed(folder: Path) -> CourseError:
    return CourseError(
        f"you may not write into {folder.absolute()}. "
        "Change to a folder of your own, or choose one with --to."
    )


def _same(notebook: nbformat.NotebookNode, path: Path) -> bool:
    other = _read(path)
    return other is not None and digest(other) == digest(notebook)


def _untouched(path: Path) -> bool:
    other = _read(path)
    if other is None or any(cell.get("outputs") or cell.get("execution_count") for cell in other.cells):
        return False
    return other.metadata.get("ibcourse") == {"digest": digest(other)}


def _read(path: Path) -> nbformat.NotebookNode | None:
    """The notebook in a file; None where the file holds anything else."""
    if not path.is_file():
        kind = "a folder" if path.is_dir() else "a link to nothing" if path.is_symlink() else "not a file"
        raise CourseError(f"{path} is {kind}. Rename it, or choose another place with --to.")
    try:
        with warnings.catch_warnings(action="ignore"):  # about cells without ids
            notebook = nbformat.reads(path.read_text(encoding="utf8"), as_version=4)
            nbformat.validate(notebook)
    except (
        Exception
    ):  # nbformat stumbles over broken files in many ways; all mean that it is not the course's
        return None
    return notebook
