"""The homework of the sample through nbgrader itself: released, handed in, graded, and marks read."""

import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from ibcourse.course import homework

EXERCISES = Path(__file__).parent / "homework"
TOPIC = "01-sample"

# In a process of its own: nbgrader warns of much, and here warnings are errors.  The configuration is made in
# Python: a file of it that cannot be imported is only logged, and nbgrader goes on without.
NBGRADER = """
import json, sys
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from traitlets.config import Config

course, topic, *students = sys.argv[1:]
config = Config()
config.CourseDirectory.root = course
config.CourseDirectory.db_url = database = f"sqlite:///{course}/gradebook.db"
api = NbGraderAPI(config=config)
result = api.generate_assignment(topic)
assert result["success"], result["log"]
for student in students:
    result = api.autograde(topic, student)
    assert result["success"], result["log"]
with Gradebook(database) as book:
    marks = {
        student: {grade.name: [grade.score, grade.max_score, grade.needs_manual_grade] for grade in
                  book.find_submission_notebook(topic, topic, student).grades}
        for student in students
    }
print(json.dumps(marks))
"""


def hand_in(course: Path, student: str, answers: dict[str, str]) -> None:
    """What a student does: take the homework, fill in cells, hand in the file."""
    folder = course / "submitted" / student / TOPIC
    path = homework.put_homework("1", folder, EXERCISES).path
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        cell.source = answers.get(cell.id, cell.source)
    nbformat.write(notebook, path)


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    course = tmp_path_factory.mktemp("course")
    (course / "secret.txt").write_text("development")
    source = nbformat.read(homework.write_source("1", course, EXERCISES), as_version=4)
    reference = {cell.id: cell.source for cell in source.cells if cell.metadata.nbgrader.solution}
    largest = (EXERCISES / TOPIC / "wrong" / "total-variation-largest.py").read_text(encoding="utf8")
    hand_in(course, "right", reference)
    hand_in(
        course, "wrong", reference | {"total-variation-answer": largest, "one-bit-why": "YOUR ANSWER HERE"}
    )
    hand_in(course, "blank", {})
    command = [sys.executable, "-c", NBGRADER, str(course), TOPIC, "right", "wrong", "blank"]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # nbgrader calls alembic by name
    environment = os.environ | {"PATH": path}
    done = subprocess.run(command, cwd=course, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return course, json.loads(done.stdout.splitlines()[-1])


def test_nbgrader_gives_the_marks(graded):
    _, marks = graded
    scores = {student: {name: score for name, (score, _, _) in row.items()} for student, row in marks.items()}
    none = {"total-variation-visible": 0, "total-variation-hidden": 0, "one-bit-sum": 0, "one-bit-bit": 0,
            "one-bit-why": 0}  # fmt: skip
    right = {"total-variation-visible": 1, "total-variation-hidden": 3, "one-bit-sum": 1, "one-bit-bit": 1}
    assert scores == {
        "right": none | right,
        "wrong": none | right | {"total-variation-hidden": 0},
        "blank": none,
    }
    assert sum(most for _, most, _ in marks["right"].values()) == homework.load(EXERCISES / TOPIC).points
    by_hand = {student: [name for name, grade in row.items() if grade[2]] for student, row in marks.items()}
    assert by_hand == {"right": ["one-bit-why"], "wrong": [], "blank": []}


def test_nbgraders_release_is_the_students_notebook(graded):
    """Whoever takes the notebook from the package hands in what nbgrader knows."""
    course, _ = graded
    theirs = nbformat.read(course / "release" / TOPIC / f"{TOPIC}.ipynb", as_version=4)
    ours = homework.notebook(TOPIC, EXERCISES)
    for cell in theirs.cells:
        cell.metadata.nbgrader.pop("checksum", None)
    assert theirs.cells == ours.cells
