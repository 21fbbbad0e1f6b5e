"""nbgrader's gradebook: the assignment is read out of it as plain data, and one writer merges marks into it.

The marks are worked out by nbgrader itself, by its preprocessors that save the grades and assign late
penalties; so manual marks, comments and extensions stay as they are.
"""

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, astuple, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import nbformat

from ibcourse.course.files import write
from ibcourse.grading import GradingError
from ibcourse.grading.precheck import read_folder
from ibcourse.grading.settings import Settings, quiet
from ibcourse.grading.submission import Assignment, Result, SourceCell, Submission

if TYPE_CHECKING:
    from nbgrader.api import Gradebook, SubmittedAssignment

T = TypeVar("T")
PATIENCE = 60.0  # seconds to wait for whoever else writes into the gradebook


def use(settings: Settings, work: Callable[["Gradebook"], T]) -> T:
    """Open the gradebook, do some work in it, and close it.

    Where another program holds the gradebook, such as formgrader while it saves, the work is done again from
    its start; so it must be harmless to repeat.

    Raises
    ------
    GradingError
        If the gradebook stays locked, or cannot be opened.
    """
    with quiet():
        from nbgrader.api import Gradebook
        from sqlalchemy.engine import make_url
        from sqlalchemy.exc import OperationalError

    # without its password, which may also stand behind the question mark
    address = make_url(settings.db_url).set(query={}).render_as_string()
    end = time.monotonic() + PATIENCE
    while True:
        try:
            with quiet(), Gradebook(settings.db_url, settings.course_id) as book:
                return work(book)
        except OperationalError as error:
            if "locked" not in str(error.orig):
                raise GradingError(f"the gradebook {address} cannot be used: {error.orig}") from error
            if time.monotonic() > end:
                raise GradingError(
                    f"the gradebook {address} has been locked by another program for {PATIENCE:.0f} s. "
                    "Close what writes into it, such as a database browser, and run the command again: "
                    "what is graded is kept."
                ) from error
            time.sleep(0.2)


# ------------------------------------------------------------------------------------------------------------
# The assignment


def read_assignment(settings: Settings, name: str) -> Assignment:
    """Read an assignment out of the gradebook, and its data files from ``release/``.

    Parameters
    ----------
    settings : Settings
        The course.
    name : str
        Its name in the gradebook, such as ``01-information``.

    Returns
    -------
    Assignment
        Its cells stand in the order of the released notebook, since a database keeps none.

    Raises
    ------
    GradingError
        If the gradebook does not know it, or if it was never released.
    """
    with quiet():
        from nbgrader.api import MissingEntry

    released = settings.course / "release" / name
    files = read_folder(released, name)
    if files.remarks:
        raise GradingError(f"{released} cannot be handed to the grader: {' '.join(files.remarks)}")

    def read(book: "Gradebook") -> dict[str, tuple[SourceCell, ...]]:
        try:
            notebooks = book.find_assignment(name).notebooks
        except MissingEntry:
            known = ", ".join(sorted(assignment.name for assignment in book.assignments)) or "none"
            raise GradingError(
                f"the gradebook has no assignment {name!r}; it has: {known}. "
                f"Release it first: ibcourse release {name}"
            ) from None
        return {notebook.name: _cells(notebook, released, files.files) for notebook in notebooks}

    notebooks = use(settings, read)
    if not notebooks:
        raise GradingError(f"the assignment {name!r} has no notebook. Release it: ibcourse release {name}")
    data = {path: content for path, content in files.files.items() if not path.endswith(".ipynb")}
    return Assignment(name, notebooks, data)


def _cells(notebook: Any, released: Path, files: Mapping[str, bytes]) -> tuple[SourceCell, ...]:
    """The cells of a notebook of the gradebook."""
    path, again = f"{notebook.name}.ipynb", f"ibcourse release {released.name}"
    if path not in files:
        raise GradingError(f"{released / path} is missing. Release it again: {again}")
    grades = {cell.name for cell in notebook.grade_cells}
    solutions = {cell.name for cell in notebook.solution_cells}
    tasks = {cell.name for cell in notebook.task_cells}
    points = {cell.name: cell.max_score for cell in [*notebook.grade_cells, *notebook.task_cells]}
    cells = {
        cell.name: SourceCell(
            grade_id=cell.name,
            cell_type=cell.cell_type,
            source=cell.source,
            locked=cell.locked,
            grade=cell.name in grades,
            solution=cell.name in solutions,
            task=cell.name in tasks,
            points=points.get(cell.name, 0.0),
            checksum=cell.checksum,
        )
        for cell in notebook.source_cells
    }
    metadata = [cell.metadata.get("nbgrader", {}) for cell in nbformat.reads(files[path], 4).cells]
    order = [about.grade_id for about in metadata if about.get("grade_id") in cells]
    if len(order) != len(cells):
        raise GradingError(f"{released / path} is not what the gradebook holds. Release it again: {again}")
    return tuple(cells[name] for name in order)


def read_submission(settings: Settings, name: str, student: str) -> tuple[Submission, datetime | None]:
    """Read what a student handed in, and when: in UTC, from ``timestamp.txt``, as nbgrader reads it."""
    with quiet():
        from nbgrader.utils import parse_utc

    folder = settings.folder("submitted", student, name)
    submission = read_folder(folder, student)
    path = folder / "timestamp.txt"
    if path.is_symlink() or not path.is_file():
        return submission, None
    try:
        text = path.read_text(encoding="utf8").strip()
        return submission, parse_utc(text) if text else None
    except (OSError, ValueError, OverflowError):
        remark = "The time of handing in could not be read from timestamp.txt."
        return replace(submission, remarks=(*submission.remarks, remark)), None


# ------------------------------------------------------------------------------------------------------------
# Marks


def merge(
    settings: Settings, assignment: Assignment, result: Result, handed_in: datetime | None = None
) -> None:
    """Write a result into ``autograded/`` and into the gradebook, as ``nbgrader autograde`` does.

    To merge a result twice, or to be killed in between and merge it again, is the same as to merge it once.
    Manual marks, comments and extensions stay.

    Parameters
    ----------
    settings : Settings
        The course.
    assignment : Assignment
        From `read_assignment`.
    result : Result
        From `ibcourse.grading.grade.grade`.
    handed_in : datetime.datetime, optional
        When it was handed in; without a zone, UTC.  None if nobody knows: then it was not late.

    Raises
    ------
    GradingError
        If the gradebook stays locked.
    """
    with quiet():
        from nbgrader.preprocessors import AssignLatePenalties, SaveAutoGrades

    folder = settings.folder("autograded", result.student, assignment.name)
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in result.notebooks.items():
        write(folder / f"{name}.ipynb", content.decode())
    if handed_in:
        write(folder / "timestamp.txt", handed_in.isoformat(" "))
    else:
        (folder / "timestamp.txt").unlink(missing_ok=True)

    def prepare(book: "Gradebook") -> None:
        book.update_or_create_student(result.student)
        submission = book.update_or_create_submission(assignment.name, result.student, timestamp=handed_in)
        _complete(book, submission)

    def save(book: "Gradebook") -> None:
        for name, content in result.notebooks.items():
            notebook = nbformat.reads(content, 4)
            resources = {
                "nbgrader": {
                    "student": result.student,
                    "assignment": assignment.name,
                    "notebook": name,
                    "db_url": settings.db_url,
                }
            }
            SaveAutoGrades(config=settings.config).preprocess(notebook, resources)
            AssignLatePenalties(config=settings.config).preprocess(notebook, resources)
        submission = book.find_submission(assignment.name, result.student)
        _settle(submission)
        if result.flagged:
            _flag(submission)
        book.db.commit()

    use(settings, prepare)
    use(settings, save)


def _complete(book: "Gradebook", submission: "SubmittedAssignment") -> None:
    """Add what the assignment has gained since the submission was entered; nbgrader would not find it."""
    from nbgrader.api import Comment, Grade, SubmittedNotebook

    entered = {notebook.notebook_id: notebook for notebook in submission.notebooks}
    for notebook in submission.assignment.notebooks:
        own = entered.get(notebook.id) or SubmittedNotebook(notebook=notebook, assignment=submission)
        for kind, present, cells in (
            (Grade, own.grades, [*notebook.grade_cells, *notebook.task_cells]),
            (Comment, own.comments, [*notebook.solution_cells, *notebook.task_cells]),
        ):
            known = {item.cell_id for item in present}
            for cell in cells:
                if cell.id not in known:
                    book.db.add(kind(cell_id=cell.id, notebook=own))
    book.db.commit()


def _settle(submission: "SubmittedAssignment") -> None:
    """Ask nobody to mark what is worth nothing, so that no mark waits for it."""
    for notebook in submission.notebooks:
        for grade in notebook.grades:
            if grade.max_score == 0:
                grade.auto_score, grade.needs_manual_grade = 0.0, False


def _flag(submission: "SubmittedAssignment") -> None:
    """Ask for a person wherever points were lost; everywhere if none were."""
    grades = [grade for notebook in submission.notebooks for grade in notebook.grades]
    lost = [grade for grade in grades if grade.auto_score is None or grade.auto_score < grade.max_score]
    for grade in lost or grades:
        grade.needs_manual_grade = True


@dataclass(frozen=True)
class Mark:
    """What the gradebook holds of a submission.

    Parameters
    ----------
    score, max_score : float
        Points, and the most there are; the penalty is not taken off.
    penalty : float
        For being late.
    by_hand : bool
        Something is still to be marked by hand.
    """

    score: float
    max_score: float
    penalty: float
    by_hand: bool


def read_marks(settings: Settings, name: str) -> dict[str, Mark]:
    """Read the marks of an assignment, by student."""

    def read(book: "Gradebook") -> dict[str, Mark]:
        return {
            submission.student_id: Mark(
                submission.score,
                submission.max_score,
                submission.late_submission_penalty or 0.0,
                submission.needs_manual_grade,
            )
            for submission in book.find_assignment(name).submissions
        }

    return use(settings, read)


# ------------------------------------------------------------------------------------------------------------
# The journal


@dataclass(frozen=True)
class Record:
    """That a submission is graded and merged, and what is not in the gradebook about it.

    Parameters
    ----------
    submission, assignment : str
        Fingerprints of what was graded.
    remarks, flagged, failed, seconds, memory, trouble
        As in `Result`.
    """

    submission: str
    assignment: str
    remarks: tuple[str, ...]
    flagged: bool
    failed: bool
    seconds: float
    memory: int
    trouble: str


def fingerprint(value: Assignment | Submission, handed_in: datetime | None = None) -> str:
    """A hash of what decides the marks: an assignment's cells and files, or a submission's files and time.

    >>> fingerprint(Submission("ada", {"a": b"bc"})) == fingerprint(Submission("ada", {"ab": b"c"}))
    False
    """
    about: list[object] = [str(handed_in), getattr(value, "remarks", ())]
    for name, cells in getattr(value, "notebooks", {}).items():
        about.append([name, [astuple(cell) for cell in cells]])
    hashed = hashlib.sha256(json.dumps(about).encode())
    for path, content in sorted(value.files.items()):
        hashed.update(f"{len(path)} {path} {len(content)} ".encode() + content)
    return hashed.hexdigest()


def _journal(settings: Settings, name: str) -> Path:
    return settings.state / "graded" / name


def read_records(settings: Settings, name: str) -> dict[str, Record]:
    """Read what is recorded of an assignment's submissions, by student; a record that is broken is none."""
    records = {}
    for path in _journal(settings, name).glob("*.json"):
        try:
            entry = json.loads(path.read_text(encoding="utf8"))
            records[path.stem] = Record(**entry | {"remarks": tuple(entry["remarks"])})
        except (ValueError, TypeError, KeyError):  # of another version; the submission is graded again
            continue
    return records


def write_record(settings: Settings, name: str, student: str, record: Record) -> None:
    """Record that a submission is merged: the last step, in one piece."""
    folder = _journal(settings, name)
    folder.mkdir(parents=True, exist_ok=True)
    write(folder / f"{student}.json", json.dumps(asdict(record), indent=1) + "\n")
