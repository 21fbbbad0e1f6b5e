"""Grading one submission: a function of plain data, the same on this machine and on another."""

import time
import traceback

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell, new_output

from ibcourse.grading.execute import execute
from ibcourse.grading.precheck import precheck, restore
from ibcourse.grading.sandbox import Limits
from ibcourse.grading.sanitise import sanitise
from ibcourse.grading.submission import Assignment, Result, Submission

BROKEN = "The grader itself failed here, which is not your fault. A person will look at it."


def grade(assignment: Assignment, submission: Submission, limits: Limits | None = None) -> Result:
    """Grade a submission, whatever it holds.

    Parameters
    ----------
    assignment : Assignment
        From the gradebook, see `ibcourse.grading.gradebook.read_assignment`.
    submission : Submission
        What a student handed in.
    limits : Limits, optional
        What the student's code may use.

    Returns
    -------
    Result
        With every notebook of the assignment.  Where one could not be run, its tests hold an error with the
        reason, so that nbgrader gives them 0 and the feedback shows why.  Nothing is raised, whatever the
        student handed in.
    """
    start = time.monotonic()
    checked = precheck(assignment, submission)
    remarks, trouble = list(checked.remarks), ""
    flagged, memory = checked.flagged, 0
    notebooks = {}
    for name, notebook in checked.notebooks.items():
        reason = checked.refused.get(name, "")
        try:
            if reason:
                _refuse(notebook, reason)
            else:
                executed = execute(notebook, checked.files | dict(assignment.files), limits or Limits())
                notebook, reason = executed.notebook, executed.reason
                flagged |= executed.flagged
                memory = max(memory, executed.memory)
            notebooks[name] = _finish(notebook, [*checked.remarks, reason])
        except Exception:
            reason, trouble = BROKEN, traceback.format_exc()
            notebooks[name] = _finish(_refuse(_blank(assignment, name), BROKEN), [*checked.remarks, reason])
        remarks.append(reason)
    return Result(
        submission.student,
        notebooks,
        _once(remarks),
        flagged=flagged or bool(trouble),
        failed=checked.unreadable or bool(trouble),
        seconds=time.monotonic() - start,
        memory=memory,
        trouble=trouble,
    )


def fail(assignment: Assignment, student: str, trouble: str) -> Result:
    """What a submission gets that nobody could even look at: no marks, the reason, and a flag.

    Parameters
    ----------
    assignment : Assignment
        As for `grade`.
    student : str
        The student's id.
    trouble : str
        What went wrong, for the instructor.
    """
    notebooks = {
        name: _finish(_refuse(_blank(assignment, name), BROKEN), [BROKEN]) for name in assignment.notebooks
    }
    return Result(student, notebooks, (BROKEN,), flagged=True, failed=True, trouble=trouble)


def _blank(assignment: Assignment, name: str) -> NotebookNode:
    """A notebook as it was released."""
    return restore((), assignment.notebooks[name], name)[0]


def _once(remarks: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, remarks)))


def _refuse(notebook: NotebookNode, reason: str) -> NotebookNode:
    """Give each test an error with the reason."""
    for cell in notebook.cells:
        marks = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "code" and marks.get("grade"):
            cell.outputs = [new_output("error", ename="NotGraded", evalue=reason, traceback=[reason])]
    return notebook


def _finish(notebook: NotebookNode, remarks: list[str]) -> bytes:
    """The notebook that formgrader and the feedback show, with the remarks at its top."""
    if said := _once(remarks):
        text = "\n".join(["**Remarks of the grader**", "", *(f"- {remark}" for remark in said)])
        cell = new_markdown_cell(text, id="remarks", metadata={"ibcourse": {"kind": "remarks"}})
        notebook.cells.insert(0, cell)
    return nbformat.writes(sanitise(notebook)).encode()
