"""Feedback for students: nbgrader's pages, without hidden tests and without anything that could act.

The three classes at the end are what `ibcourse.grading.settings.protect` gives nbgrader, so its own
``generate_feedback`` and formgrader make the same pages.
"""

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbconvert.exporters import NotebookExporter
from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell, new_output
from traitlets import Bool

from ibcourse.grading import GradingError
from ibcourse.grading.collect import collected
from ibcourse.grading.sanitise import sanitise
from ibcourse.grading.settings import Settings, quiet

_REGION = r"^[^\n]*BEGIN {0}(?s:.*?)(?:END {0}[^\n]*(?:\n|\Z)|\Z)"
_HIDDEN = re.compile(_REGION.format("HIDDEN TESTS"), re.MULTILINE)
_SOLUTION = re.compile(_REGION.format("SOLUTION"), re.MULTILINE)


@dataclass(frozen=True)
class Feedback:
    """What `make_feedback` wrote.

    Parameters
    ----------
    pages : dict of str to tuple of pathlib.Path
        The HTML pages of each student.
    missing : tuple of str
        Students with a graded submission whose page could not be made.
    log : str
        What nbgrader said, where pages are missing.
    archive : pathlib.Path or None
        For Moodle's "Upload multiple feedback files in a zip"; None where nothing came from Moodle.
    """

    pages: dict[str, tuple[Path, ...]]
    missing: tuple[str, ...]
    log: str
    archive: Path | None


def make_feedback(settings: Settings, assignment: str) -> Feedback:
    """Write an HTML page for each graded notebook, and a zip of them that Moodle takes back.

    Moodle finds the student by the folder's name in the zip, which is therefore the one that it gave.

    Parameters
    ----------
    settings : Settings
        From `ibcourse.grading.settings.load`.
    assignment : str
        Its name.

    Raises
    ------
    GradingError
        If nothing is graded yet.
    """
    graded = {
        folder.parent.name: folder
        for folder in sorted(settings.course.glob(f"autograded/*/{assignment}"))
        if any(folder.glob("*.ipynb"))
    }
    if not graded:
        raise GradingError(f"nothing of {assignment} is graded yet: ibcourse grade {assignment}")
    with quiet():
        from nbgrader.apps.api import NbGraderAPI

        done = NbGraderAPI(config=settings.config).generate_feedback(assignment)
    pages, missing = {}, []
    for student, folder in graded.items():
        target = settings.folder("feedback", student, assignment)
        wanted = [target / f"{notebook.stem}.html" for notebook in sorted(folder.glob("*.ipynb"))]
        pages[student] = tuple(page for page in wanted if page.is_file())
        if len(pages[student]) < len(wanted):
            missing.append(student)
    log = "" if done["success"] else done.get("log", "") or done.get("error", "")
    return Feedback(pages, tuple(missing), log, _archive(settings, assignment, pages))


def _archive(settings: Settings, assignment: str, pages: dict[str, tuple[Path, ...]]) -> Path | None:
    folders = {
        student: record.folder
        for student, record in collected(settings, assignment).items()
        if record.lms == "moodle" and pages.get(student)
    }
    if not folders:
        return None
    path = settings.course / "feedback" / f"{assignment}-moodle.zip"
    temporary = path.with_suffix(".tmp")
    with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as archive:
        for student, folder in folders.items():
            for page in pages[student]:
                archive.write(page, f"{folder}/{page.name}")
    temporary.replace(path)
    return path


# ------------------------------------------------------------------------------------------------------------
# What nbgrader's own pages and buttons use


class Sanitise(Preprocessor):
    """`sanitise`, so that what somebody else put into ``autograded`` is harmless to look at too."""

    enabled = Bool(True)

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        return sanitise(nb), resources


class Tidy(Preprocessor):
    """A list of what failed comes first; of hidden tests only messages are left, of solutions nothing."""

    enabled = Bool(True)

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        nb, resources = super().preprocess(nb, resources)
        lines = [line for cell in nb.cells for line in _failed(cell)]
        if lines:
            lines = ["**What failed**", "", "| test | points | it says |", "|:--|:--|:--|", *lines]
            nb.cells.insert(0, new_markdown_cell("\n".join(lines)))
        return nb, resources

    def preprocess_cell(self, cell: NotebookNode, resources: dict, index: int) -> tuple[NotebookNode, dict]:
        source = cell.source
        if "BEGIN HIDDEN TESTS" in source:
            cell.source = _HIDDEN.sub("", source).rstrip("\n")
            if cell.cell_type == "code":
                cell.outputs = [_message(output) for output in cell.outputs if output.output_type == "error"]
        if "BEGIN SOLUTION" in source and cell.metadata.get("nbgrader", {}).get("locked"):
            cell.source = _SOLUTION.sub("", cell.source).rstrip("\n")
        return cell, resources


def _failed(cell: NotebookNode) -> Iterator[str]:
    """The table's line of a test that lost points, with the first line of its message; two after a colon."""
    about = cell.metadata.get("nbgrader", {})
    score, points = about.get("score", 0) or 0, about.get("points", 0)
    if cell.cell_type != "code" or not about.get("grade") or score >= points:
        return
    errors = (output.evalue for output in cell.outputs if output.output_type == "error")
    lines = [line.strip() for line in next(errors, "").splitlines()] or [""]
    said = " ".join(lines[: 1 + lines[0].endswith(":")]).replace("`", "'").replace("|", "\u2223")
    name = about["grade_id"]
    yield f"| [{name}](#{name}) | {score:g} of {points:g} | {said and f'`{said}`'} |"


def _message(output: NotebookNode) -> NotebookNode:
    """An error without the lines of code that led to it."""
    line = f"{output.ename}: {output.evalue}"
    return new_output("error", ename=output.ename, evalue=output.evalue, traceback=[line])


class Refuse(NotebookExporter):
    """Stands in nbgrader's own autograding, which it stops before anything is touched."""

    def __init__(self, **kwargs: Any) -> None:
        from nbgrader.converters.base import NbGraderException

        message = "nbgrader would run students' code unprotected. Grade with: ibcourse grade ASSIGNMENT"
        if parent := kwargs.get("parent"):
            parent.log.error(message)
        raise NbGraderException(message)
