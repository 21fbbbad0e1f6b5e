"""What goes to a worker and what comes back: plain data, so that it crosses to another machine."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # nbformat takes its time, and workers import this first
    from nbformat import NotebookNode


@dataclass(frozen=True)
class SourceCell:
    """A cell that nbgrader manages, as the gradebook holds it.

    Parameters
    ----------
    grade_id : str
        Its name, unique in the notebook.
    cell_type : str
        ``code`` or ``markdown``.
    source : str
        The instructor's text, hidden tests included; of a cell that a student fills in, its stub.
    locked, grade, solution, task : bool
        As nbgrader means them: not the student's, has points, is filled in, is a task with points.
    points : float
        The most that a graded cell or a task can give.
    checksum : str or None
        nbgrader's.
    """

    grade_id: str
    cell_type: str
    source: str
    locked: bool
    grade: bool
    solution: bool
    task: bool
    points: float
    checksum: str | None


def is_test(cell: "NotebookNode") -> bool:
    """Whether a notebook's cell has points and is not the student's to fill in."""
    marks = cell.metadata.get("nbgrader", {})
    return bool(marks.get("grade") and not marks.get("solution"))


def is_locked(cell: "NotebookNode") -> bool:
    """Whether a notebook's cell is the instructor's: a test, or locked without being filled in."""
    marks = cell.metadata.get("nbgrader", {})
    return bool((marks.get("grade") or marks.get("locked")) and not marks.get("solution"))


@dataclass(frozen=True)
class Assignment:
    """An assignment.

    Parameters
    ----------
    name : str
        Its name in the gradebook.
    notebooks : mapping of str to tuple of SourceCell
        By name without ``.ipynb``; cells in the order of the source notebook.
    files : mapping of str to bytes
        The data files beside the notebooks by relative path; never a notebook.
    """

    name: str
    notebooks: Mapping[str, tuple[SourceCell, ...]]
    files: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class Submission:
    """What a student handed in.

    Parameters
    ----------
    student : str
        The student's id in the gradebook.
    files : mapping of str to bytes
        As handed in, by relative path.
    remarks : tuple of str
        What reading the folder already found, such as links.
    """

    student: str
    files: Mapping[str, bytes]
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Result:
    """A graded submission.

    Parameters
    ----------
    student : str
        The student's id in the gradebook.
    notebooks : mapping of str to bytes
        Each notebook of the assignment, executed and sanitised: what nbgrader keeps in ``autograded``.
    remarks : tuple of str
        What the student should know, in plain words.
    flagged : bool
        A person must look.
    failed : bool
        The grader itself could not grade it: not a zero.
    seconds : float
        The time it took.
    memory : int
        The largest resident bytes of the student's side.
    trouble : str
        Where it failed: what went wrong, for the instructor.
    """

    student: str
    notebooks: Mapping[str, bytes]
    remarks: tuple[str, ...] = ()
    flagged: bool = False
    failed: bool = False
    seconds: float = 0.0
    memory: int = 0
    trouble: str = ""
