"""What the grader's tests share: cells as an instructor makes them, and whether the sandbox runs here."""

from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from ibcourse.grading import GradingError
from ibcourse.grading.course import new_course, release
from ibcourse.grading.execute import Executed, execute
from ibcourse.grading.sandbox import Limits, check_sandbox
from ibcourse.grading.settings import load

EXERCISES = Path(__file__).parents[1] / "course" / "homework"
QUICK = Limits(cell=10, notebook=60)  # patient, for machines with much else to do


@pytest.fixture(scope="session")
def sandbox() -> None:
    """Skip the test where no sandbox can run."""
    try:
        check_sandbox()
    except GradingError as error:
        pytest.skip(f"no sandbox: {error}")


@pytest.fixture(scope="session")
def released(tmp_path_factory) -> Path:
    """A course with the homework 01-sample and no submissions: to be copied, not changed."""
    folder = new_course(tmp_path_factory.mktemp("released") / "ib")
    release(load(folder), "1", EXERCISES)
    return folder


def make_cell(source: str, kind: str, number: int, points: float = 1) -> nbformat.NotebookNode:
    """A cell of a kind: ``locked``, ``answer`` (the student's), ``test``, or ``extra`` (no metadata)."""
    cell = new_code_cell(source)
    if kind != "extra":
        cell.metadata["nbgrader"] = {
            "schema_version": 3,
            "grade_id": f"{kind}-{number}",
            "locked": kind != "answer",
            "solution": kind == "answer",
            "grade": kind == "test",
            "task": False,
            **({"points": points} if kind == "test" else {}),
        }
    return cell


@pytest.fixture
def run(sandbox: None) -> Callable[..., Executed]:
    """Execute cells, each written as a pair of kind and source."""

    def run(
        *cells: tuple[str, str], files: dict[str, bytes] | None = None, limits: Limits = QUICK
    ) -> Executed:
        notebook = new_notebook(
            cells=[make_cell(source, kind, number) for number, (kind, source) in enumerate(cells, 1)]
        )
        executed = execute(notebook, files or {}, limits)
        nbformat.validate(executed.notebook)
        return executed

    return run
