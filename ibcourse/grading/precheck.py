"""What a student handed in, made safe to run: plain files, read with care, the course's cells restored.

Of a student's notebook only the kind, the text and the name of each cell is taken.  All else is made anew
from the assignment: tests, points, checksums, metadata, the kernel.  Nothing here runs the student's code.
"""

import json
import os
import re
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import nbformat
from nbformat import NotebookNode

from ibcourse.grading.submission import Assignment, SourceCell, Submission

MIB = 2**20
MAX_FILE = 20 * MIB  # notebooks carry their outputs
MAX_FILES = 200
MAX_TOTAL = 60 * MIB
MAX_CELLS = 1000
MAX_TEXT = 2 * MIB  # of all cells together
MAX_BRACKETS = 10**6  # an empty list in JSON takes 3 bytes, in memory 64
MAX_DEPTH = 50
MAX_PATH = 200
IGNORED = {"timestamp.txt", ".DS_Store", "Thumbs.db", "desktop.ini"}
IGNORED_FOLDERS = {".ipynb_checkpoints", "__MACOSX", "__pycache__", ".git", ".venv"}


@dataclass(frozen=True)
class Checked:
    """A submission that can be run.

    Parameters
    ----------
    notebooks : dict of str to nbformat.NotebookNode
        One for each notebook of the assignment.  Where none could be read, the assignment's own, as released.
    refused : dict of str to str
        Why a notebook is not worth running, by its name: to be told to the student.
    files : dict of str to bytes
        What the student's code finds beside the notebook, the assignment's data files not among them.
    remarks : tuple of str
        What the student should know.
    flagged : bool
        A person must look.
    unreadable : bool
        A notebook was handed in that could not be read.
    """

    notebooks: dict[str, NotebookNode]
    refused: dict[str, str]
    files: dict[str, bytes]
    remarks: tuple[str, ...]
    flagged: bool
    unreadable: bool


class Unreadable(Exception):
    """Why a file is not a notebook that can be graded, in words for the student."""


class _Cell(NamedTuple):
    """All that is taken of a student's cell."""

    cell_type: str
    source: str
    grade_id: str
    attachments: bool


# ------------------------------------------------------------------------------------------------------------
# Reading a folder


def read_folder(folder: Path, student: str) -> Submission:
    """Read what a student handed in from the disk: plain files of sane sizes, never what a link points to.

    Parameters
    ----------
    folder : pathlib.Path
        ``submitted/STUDENT/ASSIGNMENT``.
    student : str
        The student's id.

    Returns
    -------
    Submission
        Its remarks name what was left out, and why.
    """
    files: dict[str, bytes] = {}
    remarks: list[str] = []
    total = 0
    for path in _walk(folder, remarks):
        name = path.relative_to(folder).as_posix()
        if path.name in IGNORED:
            continue
        try:
            # a link is refused, a pipe does not block
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError:
            remarks.append(f"{quote(name)} was left out: it is a link, or cannot be opened.")
            continue
        with open(descriptor, "rb") as file:
            about = os.fstat(descriptor)
            if not stat.S_ISREG(about.st_mode):
                remarks.append(f"{quote(name)} was left out: it is not a plain file.")
                continue
            data = file.read(MAX_FILE + 1)
        if len(data) > MAX_FILE:
            size = f"{about.st_size / MIB:.0f} MiB; at most {MAX_FILE // MIB} MiB are read"
            remarks.append(f"{quote(name)} was left out: it has {size}.")
        elif len(files) == MAX_FILES or total + len(data) > MAX_TOTAL:
            most = f"{MAX_FILES} files and {MAX_TOTAL // MIB} MiB"
            remarks.append(f"Files were left out, {quote(name)} first: at most {most} are read.")
            break
        else:
            files[name] = data
            total += len(data)
    return Submission(student, files, tuple(remarks))


def _walk(folder: Path, remarks: list[str]) -> Iterator[Path]:
    """The files below a folder, notebooks at the top first, so that they are read whatever else there is."""
    if folder.is_symlink():
        remarks.append(f"{quote(folder.name)} was left out: it is a link.")
        return
    for parent, folders, files in os.walk(folder, followlinks=False):
        for name in folders:
            if os.path.islink(os.path.join(parent, name)):
                remarks.append(f"{quote(name)} was left out: it is a link.")
        folders[:] = sorted(set(folders) - IGNORED_FOLDERS)
        for name in sorted(files, key=lambda name: (not _is_notebook(name), name)):
            yield Path(parent, name)


def quote(name: str) -> str:
    """A name of the student's choice as code of one line in a remark, which is Markdown.

    >>> quote("a`<b>`.ipynb")
    '`a<b>.ipynb`'
    """
    plain = "".join(letter for letter in name if letter.isprintable() and letter != "`")
    return f"`{plain[:100] + '…' if len(plain) > 100 else plain or '?'}`"


def _is_notebook(path: str) -> bool:
    return path.casefold().endswith(".ipynb")


# ------------------------------------------------------------------------------------------------------------
# Reading a notebook


def read_cells(data: bytes) -> list[_Cell]:
    """The cells of a student's notebook.

    Parameters
    ----------
    data : bytes
        The file.  A byte order mark and other Unicode encodings are understood; JSON's NaN does no harm.

    Raises
    ------
    Unreadable
        If it is no notebook, or too large or too deep to be one.

    Examples
    --------
    >>> [cell] = read_cells(b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": ["a = 1"]}]}')
    >>> cell.cell_type, cell.source
    ('code', 'a = 1')
    >>> read_cells(b"[]")
    Traceback (most recent call last):
    ibcourse.grading.precheck.Unreadable: is JSON, but not a notebook
    """
    if len(data) > MAX_FILE:
        raise Unreadable(f"has {len(data) / MIB:.0f} MiB; at most {MAX_FILE // MIB} MiB are read")
    if not data.strip():
        raise Unreadable("is empty")
    if data.count(b"[") + data.count(b"{") > MAX_BRACKETS:
        raise Unreadable("holds far more lists than a notebook has")
    try:
        notebook = json.loads(_decode(data), parse_constant=lambda name: None)
        _check_depth(notebook)
    except RecursionError:
        raise Unreadable("is nested too deeply for a notebook") from None
    except ValueError as error:
        raise Unreadable(f"is not valid JSON ({str(error)[:100]})") from None
    if not isinstance(notebook, dict) or not isinstance(version := notebook.get("nbformat"), int):
        raise Unreadable("is JSON, but not a notebook")
    if version > 4:
        raise Unreadable(f"has the notebook format {version}; format 4 was expected")
    if version < 4:
        try:
            notebook = nbformat.reads(json.dumps(notebook), as_version=4)
        except Exception:  # old formats were never checked: what is missing shows in many ways
            raise Unreadable(f"has the old notebook format {version} and cannot be upgraded") from None
    cells = notebook.get("cells")
    if not isinstance(cells, list):
        raise Unreadable("is a notebook without cells")
    if len(cells) > MAX_CELLS:
        raise Unreadable(f"has {len(cells)} cells; at most {MAX_CELLS} are read")
    taken = [_take(cell, number) for number, cell in enumerate(cells, 1)]
    if sum(len(cell.source) for cell in taken) > MAX_TEXT:
        raise Unreadable(f"holds more than {MAX_TEXT // MIB} MiB of text in its cells")
    return taken


def _decode(data: bytes) -> str:
    try:
        return data.decode(json.detect_encoding(data))
    except UnicodeDecodeError:  # an editor of another age; only letters beyond ASCII can suffer
        return data.decode("cp1252", errors="replace")


def _check_depth(value: Any) -> None:
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [
            inner
            for outer in level
            if isinstance(outer, list | dict)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
    if level:
        raise RecursionError


def _take(cell: Any, number: int) -> _Cell:
    source = cell.get("source", "") if isinstance(cell, dict) else None
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if not isinstance(source, str):
        raise Unreadable(f"has no text in cell {number}")
    # half of a pair of surrogates is valid JSON, and no text
    source = source.encode("utf8", errors="replace").decode("utf8")
    metadata = cell.get("metadata")
    marks = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    grade_id = marks.get("grade_id") if isinstance(marks, dict) else None
    if grade_id is None:  # some editors drop metadata and keep the ids of cells, which are the same here
        grade_id = cell.get("id")
    kind = cell.get("cell_type")
    return _Cell(
        kind if kind in ("code", "markdown") else "raw",
        source,
        grade_id if isinstance(grade_id, str) else "",
        bool(cell.get("attachments")),
    )


# ------------------------------------------------------------------------------------------------------------
# Restoring


def restore(
    cells: Iterable[_Cell], source: tuple[SourceCell, ...], name: str
) -> tuple[NotebookNode, list[str]]:
    """Put a student's text into the assignment's cells.

    Parameters
    ----------
    cells : iterable
        From `read_cells`; none gives the notebook as it was released.
    source : tuple of SourceCell
        The assignment's notebook.
    name : str
        Its name, for the remarks.

    Returns
    -------
    notebook : nbformat.NotebookNode
        Every cell of the assignment once, with the student's own cells between them.
    remarks : list of str
        What a person must look at: answers or tests that were missing, stood twice or held pictures.
    """
    known = {cell.grade_id: cell for cell in source}
    seen: set[str] = set()
    twice: list[str] = []
    pictures: list[str] = []
    restored: list[NotebookNode] = []
    for number, cell in enumerate(cells, 1):
        original = known.get(cell.grade_id)
        if original is None or cell.grade_id in seen:
            if original is not None and (original.grade or original.solution):
                twice.append(cell.grade_id)
            restored.append(_new(cell.cell_type, cell.source, f"own-{number}"))
            continue
        seen.add(cell.grade_id)
        if cell.attachments and original.grade:
            pictures.append(cell.grade_id)
        restored.append(_managed(original, None if original.locked else cell.source))
    missing = _put_back(restored, source)
    _set_up_first(restored, source)
    if not seen:
        missing = []  # the whole notebook is missing, or another one: said once, by who knows
    notebook = nbformat.v4.new_notebook(
        cells=restored,
        metadata={
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
            "language_info": {"name": "python"},
        },
    )
    remarks = [
        f"{quote(name)}: {what} {', '.join(map(quote, dict.fromkeys(ids)))}."
        for what, ids in (
            ("cells that stand more than once, of which the first counts:", twice),
            ("cells that were missing, and were put back as released:", missing),
            ("pictures pasted into an answer are not kept:", pictures),
        )
        if ids
    ]
    return notebook, remarks


def _put_back(cells: list[NotebookNode], source: tuple[SourceCell, ...]) -> list[str]:
    """Insert the assignment's cells that are missing; return the ids of those that matter for marks.

    An answer comes right after the cell before it, so that one written in another cell takes its place; a
    test comes after the student's own cells that follow.
    """
    missing = []
    place = 0
    for original in source:
        ids = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in cells]
        if original.grade_id in ids:
            place = ids.index(original.grade_id) + 1
            continue
        if original.grade and not original.solution:
            while place < len(cells) and ids[place] is None:
                place += 1
        cells.insert(place, _managed(original, None))
        place += 1
        if original.grade or original.solution or original.task:
            missing.append(original.grade_id)
    return missing


def _set_up_first(cells: list[NotebookNode], source: tuple[SourceCell, ...]) -> None:
    """Move the course's own code before the tests that it stands before in the assignment.

    A test that runs before its imports would find names of the student's in their place.
    """
    for number, original in enumerate(source):
        if original.cell_type == "code" and original.locked and not original.grade:
            ids = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in cells]
            here = ids.index(original.grade_id)
            tests = [
                ids.index(cell.grade_id) for cell in source[number + 1 :] if cell.grade and not cell.solution
            ]
            if tests and min(tests) < here:
                cells.insert(min(tests), cells.pop(here))


def _managed(original: SourceCell, answer: str | None) -> NotebookNode:
    """A cell of the assignment, with a student's answer if there is one."""
    marks: dict[str, Any] = {
        "cell_type": original.cell_type,
        "checksum": original.checksum,
        "grade": original.grade,
        "grade_id": original.grade_id,
        "locked": original.locked,
        "schema_version": 3,
        "solution": original.solution,
        "task": original.task,
    }
    if original.grade or original.task:
        marks["points"] = original.points
    source = original.source if answer is None else answer
    cell = _new(original.cell_type, source, original.grade_id)
    cell.metadata = NotebookNode(deletable=False, nbgrader=NotebookNode(marks))
    if original.locked:
        cell.metadata.editable = False
    return cell


def _new(cell_type: str, source: str, name: str) -> NotebookNode:
    identifier = re.sub(r"[^\w-]", "-", name, flags=re.ASCII)[:64]
    runs: dict[str, Any] = {"execution_count": None, "outputs": []} if cell_type == "code" else {}
    return NotebookNode(id=identifier, cell_type=cell_type, metadata=NotebookNode(), source=source, **runs)


# ------------------------------------------------------------------------------------------------------------
# The whole submission


def precheck(assignment: Assignment, submission: Submission) -> Checked:
    """Make a submission safe to run.

    A notebook of another name is taken for the assignment's if it is the only one whose cells say so:
    students rename files, and browsers do.

    Parameters
    ----------
    assignment : Assignment
        From the gradebook.
    submission : Submission
        Anything at all.

    Returns
    -------
    Checked
        With every notebook of the assignment.
    """
    names = assignment.notebooks.keys()
    read: dict[str, list[_Cell]] = {}
    faults: dict[str, str] = {}
    files: dict[str, bytes] = {}
    remarks = list(submission.remarks)
    concerns = list(submission.remarks)  # the remarks that a person must look at
    for path, data in submission.files.items():
        parts = PurePosixPath(path).parts
        if not _is_plain(path):
            concerns.append(f"{quote(path)} was left out: its name is not that of a plain file.")
        elif IGNORED_FOLDERS.intersection(parts) or parts[-1] in IGNORED:
            continue
        elif not _is_notebook(path):
            files[path] = data
        else:
            try:
                read[path] = read_cells(data)
            except Unreadable as error:
                faults[path] = str(error)
    unread = [f"{quote(path)} could not be read: it {fault}." for path, fault in faults.items()]
    concerns += unread

    chosen = _choose(assignment.notebooks, read)
    notebooks, refused = {}, {}
    for name, source in assignment.notebooks.items():
        if (file := chosen.get(name)) is None:
            notebooks[name], _ = restore((), source, name)
            refused[name] = " ".join(unread) or f"You handed in no {quote(name + '.ipynb')}."
            concerns.append(refused[name])
            continue
        if file != f"{name}.ipynb":
            remarks.append(f"{quote(file)} was taken for {quote(name + '.ipynb')}.")
        notebooks[name], found = restore(read[file], source, name)
        concerns += found
        if not any(cell.grade_id in {original.grade_id for original in source} for cell in read[file]):
            refused[name] = f"{quote(file)} holds none of the cells of this homework."
            concerns.append(refused[name])
    for path in read.keys() - set(chosen.values()):
        remarks.append(f"{quote(path)} was not graded: it is not one of {', '.join(map(quote, names))}.")
    every = tuple(dict.fromkeys([*remarks, *concerns]))
    return Checked(
        notebooks, refused, _beside(files, assignment), every, bool(concerns), bool(faults and refused)
    )


def _beside(files: dict[str, bytes], assignment: Assignment) -> dict[str, bytes]:
    """The student's own files; the assignment's win, and no file takes the place of a folder."""
    taken = files.keys() | assignment.files.keys()
    folders = {str(parent) for path in taken for parent in PurePosixPath(path).parents}
    return {
        path: data
        for path, data in files.items()
        if path not in folders
        and not assignment.files.keys() & {path, *map(str, PurePosixPath(path).parents)}
    }


def _is_plain(path: str) -> bool:
    """Whether a path stays inside its folder on every system."""
    return (
        0 < len(path) <= MAX_PATH
        and path.isprintable()
        and not set(path) & set('\\:*?"<>|')
        and all(part not in ("", ".", "..") for part in path.split("/"))
    )


def _choose(
    notebooks: Mapping[str, tuple[SourceCell, ...]], read: Mapping[str, list[_Cell]]
) -> dict[str, str]:
    """The file of each notebook: that of its name, or else the only one whose cells are mostly its own."""
    ids = {name: {cell.grade_id for cell in source} for name, source in notebooks.items()}

    def share(path: str, name: str) -> float:
        return len(ids[name].intersection(cell.grade_id for cell in read[path])) / max(1, len(ids[name]))

    exact = {name: f"{name}.ipynb" for name in notebooks if f"{name}.ipynb" in read}
    chosen = {}
    for name in notebooks:
        path = exact.get(name)
        if path and share(path, name) > 0:
            chosen[name] = path
            continue
        others = [
            other
            for other in read.keys() - exact.values()
            if share(other, name) == max(0.5, *(share(other, each) for each in notebooks))
        ]
        if len(others) == 1:
            chosen[name] = others[0]
        elif path:
            chosen[name] = path
    return chosen
