"""One submission graded: whatever is in it, every notebook comes back with a mark and a reason."""

import json

import nbformat
import pytest
from nbformat import v4
from nbgrader.utils import determine_grade

from ibcourse.grading import GradingError
from ibcourse.grading import grade as module
from ibcourse.grading.execute import Executed
from ibcourse.grading.grade import BROKEN, fail, grade
from ibcourse.grading.sandbox import Limits
from ibcourse.grading.submission import Assignment, SourceCell, Submission

CELLS = (
    SourceCell("setup", "code", "import math", True, False, False, False, 0, "a"),
    SourceCell("f", "code", "raise NotImplementedError()", False, False, True, False, 0, "b"),
    SourceCell("test", "code", "assert f(1) == 2, 'f(1) is 2'", True, True, False, False, 2, "c"),
    SourceCell("late", "code", "assert f(2) == 4, 'f(2) is 4'", True, True, False, False, 3, "d"),
)
HOMEWORK = Assignment("hw", {"hw": CELLS})
TWO = Assignment("hw", {"a": CELLS, "b": CELLS})


def handed_in(source, name="hw"):
    cells = [
        v4.new_code_cell(
            source if cell.solution else cell.source, metadata={"nbgrader": {"grade_id": cell.grade_id}}
        )
        for cell in CELLS
    ]
    return Submission("ada", {f"{name}.ipynb": nbformat.writes(v4.new_notebook(cells=cells)).encode()})


def marks(result, name="hw"):
    """What nbgrader gives, by cell."""
    notebook = nbformat.reads(result.notebooks[name], 4)
    nbformat.validate(notebook)
    return {
        cell.metadata.nbgrader.grade_id: determine_grade(cell)[0]
        for cell in notebook.cells
        if cell.metadata.get("nbgrader", {}).get("grade")
    }


def top(result, name="hw"):
    return nbformat.reads(result.notebooks[name], 4).cells[0].source


@pytest.fixture
def fake(monkeypatch):
    """Put a function in the place of the sandbox."""

    def replace(function):
        monkeypatch.setattr(module, "execute", function)

    return replace


def test_what_the_executor_says_is_passed_on(fake):
    seen = {}

    def execute(notebook, files, limits):
        seen.update(files=files, limits=limits)
        return Executed(notebook, "Your notebook's kernel ended.", True, 7)

    fake(execute)
    limits = Limits(cell=1)
    assignment = Assignment("hw", {"hw": CELLS}, {"data.csv": b"right"})
    submission = handed_in("f = 1")
    submission = Submission("ada", {**submission.files, "data.csv": b"forged", "own.csv": b"1"}, ("A link.",))
    result = grade(assignment, submission, limits)
    assert seen == {"files": {"data.csv": b"right", "own.csv": b"1"}, "limits": limits}
    assert (result.student, result.flagged, result.failed, result.memory) == ("ada", True, False, 7)
    assert result.remarks == ("A link.", "Your notebook's kernel ended.")
    assert "kernel ended" in top(result)
    assert "A link" in top(result)


def test_nothing_to_say_puts_nothing_at_the_top(fake):
    fake(lambda notebook, files, limits: Executed(notebook, "", False, 7))
    result = grade(HOMEWORK, handed_in("f = 1"))
    assert top(result) == "import math"
    assert (result.remarks, result.flagged, result.failed) == ((), False, False)


@pytest.mark.parametrize(
    "error", [GradingError("no sandbox"), RecursionError(), MemoryError(), KeyError("x")]
)
def test_a_fault_of_the_grader_is_no_zero_of_the_student(fake, error):
    def execute(notebook, files, limits):
        raise error

    fake(execute)
    result = grade(HOMEWORK, handed_in("f = 1"))
    assert marks(result) == {"test": 0, "late": 0}
    assert (result.flagged, result.failed) == (True, True)
    assert result.remarks == (BROKEN,)
    assert type(error).__name__ in result.trouble
    assert BROKEN in top(result)


def test_a_fault_in_cleaning_the_outputs(fake, monkeypatch):
    fake(lambda notebook, files, limits: Executed(notebook, "", False, 7))
    clean = module.sanitise

    def sanitise(notebook):
        if notebook.cells[-1].source.startswith("assert") and not notebook.cells[-1].outputs:
            raise ValueError("cannot be cleaned")
        return clean(notebook)

    monkeypatch.setattr(module, "sanitise", sanitise)
    result = grade(HOMEWORK, handed_in("f = 1"))
    assert marks(result) == {"test": 0, "late": 0}
    assert result.failed
    assert "cannot be cleaned" in result.trouble


def test_what_cannot_be_read_is_not_run(fake):
    fake(None)  # calling it would be an error
    result = grade(HOMEWORK, Submission("ada", {"hw.ipynb": b"{"}))
    assert marks(result) == {"test": 0, "late": 0}
    assert (result.flagged, result.failed, result.trouble) == (True, True, "")
    assert result.remarks[0].startswith("`hw.ipynb` could not be read")
    assert "could not be read" in top(result)
    test = nbformat.reads(result.notebooks["hw"], 4).cells[3]
    assert "could not be read" in test.outputs[0].evalue


def test_a_notebook_that_is_missing_does_not_cost_the_other(fake):
    fake(lambda notebook, files, limits: Executed(notebook, "", False, 7))
    result = grade(TWO, handed_in("f = 1", "a"))
    assert marks(result, "a") == {"test": 2, "late": 3}
    assert marks(result, "b") == {"test": 0, "late": 0}
    assert (result.flagged, result.failed) == (True, False)
    assert result.remarks == ("You handed in no `b.ipynb`.",)


def test_what_nobody_could_look_at():
    result = fail(TWO, "ada", "its worker was killed, twice")
    assert marks(result, "a") == marks(result, "b") == {"test": 0, "late": 0}
    assert (result.flagged, result.failed, result.trouble) == (True, True, "its worker was killed, twice")
    assert result.remarks == (BROKEN,)
    assert "hidden" not in json.dumps(result.remarks)


def test_names_of_files_cannot_act_in_the_remarks(fake):
    fake(lambda notebook, files, limits: Executed(notebook, "", False, 7))
    submission = handed_in("f = 1")
    files = {**submission.files, "[a](javascript:alert(1)) <script>.ipynb": submission.files["hw.ipynb"]}
    result = grade(HOMEWORK, Submission("ada", files))
    assert "`[a](javascript:alert(1))" in result.remarks[0]
    assert "<script>" not in result.notebooks["hw"].decode().replace("< script>", "")


def test_in_the_sandbox(sandbox):
    for source, expected in (
        ("def f(x):\n    print('ok')\n    return 2 * x", {"test": 2, "late": 3}),
        ("def f(x):\n    return 2", {"test": 2, "late": 0}),
        ("raise NotImplementedError()", {"test": 0, "late": 0}),
    ):
        result = grade(HOMEWORK, handed_in(source), Limits(cell=5, notebook=20))
        assert marks(result) == expected
        assert (result.remarks, result.flagged, result.failed) == ((), False, False)
        assert result.memory > 0


def test_a_dead_kernel_in_the_sandbox(sandbox):
    result = grade(HOMEWORK, handed_in("import os\nos._exit(0)"), Limits(cell=5, notebook=20))
    assert marks(result) == {"test": 0, "late": 0}
    assert (result.flagged, result.failed) == (True, False)
    assert result.remarks
    assert result.remarks[0] in top(result).replace("\\", "")
