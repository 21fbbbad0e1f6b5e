"""Notebooks on the student's disk: written whole or not at all, and never over work."""

import hashlib
import json
import os
from enum import Enum
from pathlib import Path
from typing import NamedTuple

import nbformat

from ibcourse.course import CourseError


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
    """A fingerprint of what the cells say, without outputs and metadata."""
    cells = [[cell.cell_type, cell.source] for cell in notebook.cells]
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
        If ``path`` is a folder.
    """
    notebook.metadata["ibcourse"] = {"digest": digest(notebook)}
    path.parent.mkdir(parents=True, exist_ok=True)
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
    write(target, nbformat.writes(notebook) + "\n")
    return Put(path, target, outcome)


def _same(notebook: nbformat.NotebookNode, path: Path) -> bool:
    other = _read(path)
    return other is not None and digest(other) == digest(notebook)


def _untouched(path: Path) -> bool:
    other = _read(path)
    if other is None or any(cell.get("outputs") or cell.get("execution_count") for cell in other.cells):
        return False
    return digest(other) == other.metadata.get("ibcourse", {}).get("digest")


def _read(path: Path) -> nbformat.NotebookNode | None:
    """The notebook in a file; None where the file holds anything else."""
    if path.is_dir():
        raise CourseError(f"{path} is a folder. Rename it, or choose another place with --to.")
    try:
        notebook = nbformat.reads(path.read_text(encoding="utf8"), as_version=4)
        nbformat.validate(notebook)
    except (
        Exception
    ):  # nbformat stumbles over broken files in many ways; all mean that it is not the course's
        return None
    return notebook
