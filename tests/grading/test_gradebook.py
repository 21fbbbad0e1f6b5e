"""The gradebook: what is read out of it, and what merging keeps."""

import os
import shutil
import sqlite3
import threading
import traceback
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import nbformat
import pytest
from sqlalchemy.exc import OperationalError

from ibcourse.grading import GradingError, gradebook
from ibcourse.grading.course import new_course, release
from ibcourse.grading.gradebook import (
    Record,
    fingerprint,
    merge,
    read_assignment,
    read_marks,
    read_records,
    use,
    write_record,
)
from ibcourse.grading.precheck import read_cells, restore
from ibcourse.grading.settings import load
from ibcourse.grading.submission import Result, Submission

EXERCISES = Path(__file__).parents[1] / "course" / "homework"
NAME = "01-sample"
FULL = {"total-variation-visible": 1, "total-variation-hidden": 3, "one-bit-sum": 1, "one-bit-bit": 1}


@pytest.fixture(scope="module")
def course(released, tmp_path_factory):
    """The settings of a course with one homework."""
    return load(shutil.copytree(released, tmp_path_factory.mktemp("course") / "ib"))


@pytest.fixture(scope="module")
def assignment(course):
    return read_assignment(course, NAME)


def result(assignment, student, failing=(), why="YOUR ANSWER HERE", **keywords):
    """What a grader would send: tests without output, an error where one failed."""
    released = assignment.notebooks[NAME]
    notebook, _ = restore((), released, NAME)
    for cell in notebook.cells:
        name = cell.metadata.nbgrader.grade_id
        if name in failing:
            cell.outputs = [nbformat.v4.new_output("error", ename="AssertionError", evalue="", traceback=[])]
        if name == "one-bit-why":
            cell.source = why
    return Result(student, {NAME: nbformat.writes(notebook).encode()}, **keywords)


def grades(settings, student):
    """Automatic score, manual score and whether a person must look, of each cell."""

    def read(book):
        found = book.find_submission_notebook(NAME, NAME, student).grades
        return {each.name: (each.auto_score, each.manual_score, each.needs_manual_grade) for each in found}

    return use(settings, read)


def test_the_assignment(course, assignment):
    source = nbformat.read(course.course / "source" / NAME / f"{NAME}.ipynb", 4)
    cells = assignment.notebooks[NAME]
    assert [cell.grade_id for cell in cells] == [cell.id for cell in source.cells]
    hidden = next(cell for cell in cells if cell.grade_id == "total-variation-hidden")
    assert "BEGIN HIDDEN TESTS" in hidden.source
    assert (hidden.locked, hidden.grade, hidden.solution, hidden.points) == (True, True, False, 3)
    answer = next(cell for cell in cells if cell.grade_id == "total-variation-answer")
    assert "NotImplementedError" in answer.source
    assert (answer.locked, answer.grade, answer.solution, answer.points) == (False, False, True, 0)
    assert assignment.files == {}


def test_its_data_files_but_no_notebooks(course):
    folder = course.course / "release" / NAME
    (folder / "data.csv").write_text("1")
    try:
        assert read_assignment(course, NAME).files == {"data.csv": b"1"}
        assert fingerprint(read_assignment(course, NAME)) != fingerprint(
            replace(read_assignment(course, NAME), files={})
        )
    finally:
        (folder / "data.csv").unlink()


def test_an_assignment_that_is_not_there(course):
    with pytest.raises(GradingError, match=r"no assignment '02-more'; it has: 01-sample.*ibcourse release"):
        read_assignment(course, "02-more")


def test_a_release_that_is_not_the_gradebooks(course, assignment):
    path = course.course / "release" / NAME / f"{NAME}.ipynb"
    kept = path.read_bytes()
    notebook = nbformat.reads(kept, 4)
    del notebook.cells[-1]
    try:
        path.write_text(nbformat.writes(notebook))
        with pytest.raises(GradingError, match="not what the gradebook holds"):
            read_assignment(course, NAME)
        path.unlink()
        with pytest.raises(GradingError, match="is missing"):
            read_assignment(course, NAME)
    finally:
        path.write_bytes(kept)
    assert fingerprint(read_assignment(course, NAME)) == fingerprint(assignment)


def test_marks_as_nbgrader_gives_them(course, assignment):
    right = result(assignment, "right", why="Because.")
    merge(course, assignment, right, datetime(2026, 1, 1))
    merge(course, assignment, result(assignment, "wrong", failing=["total-variation-hidden"]))
    expected = {name: (points, None, False) for name, points in FULL.items()}
    assert grades(course, "right") == expected | {"one-bit-why": (None, None, True)}
    assert grades(course, "wrong") == expected | {
        "total-variation-hidden": (0, None, False),
        "one-bit-why": (0, None, False),
    }
    marks = read_marks(course, NAME)
    assert (marks["right"].score, marks["right"].by_hand) == (6, True)
    assert (marks["wrong"].score, marks["wrong"].by_hand) == (3, False)
    assert marks["right"].max_score == sum(cell.points for cell in assignment.notebooks[NAME])
    folder = course.course / "autograded" / "right" / NAME
    assert (folder / f"{NAME}.ipynb").read_bytes() == result(assignment, "right", why="Because.").notebooks[
        NAME
    ]
    assert (folder / "timestamp.txt").read_text() == "2026-01-01 00:00:00"


def test_merging_twice_is_merging_once(course, assignment):
    for _ in range(2):
        merge(course, assignment, result(assignment, "twice", failing=["one-bit-sum"]))
    assert read_marks(course, NAME)["twice"].score == 5
    with sqlite3.connect(course.course / "gradebook.db") as database:
        count = "select count(*) from submitted_assignment where student_id = 'twice'"
        assert database.execute(count).fetchone() == (1,)
    database.close()


def test_a_flag_asks_for_a_person_where_points_were_lost(course, assignment):
    merge(course, assignment, result(assignment, "flagged", failing=["one-bit-sum"], flagged=True))
    by_hand = {name for name, (_, _, needs) in grades(course, "flagged").items() if needs}
    assert by_hand == {"one-bit-sum", "one-bit-why"}
    merge(course, assignment, result(assignment, "all", why="Because.", flagged=True))
    assert {name for name, (_, _, needs) in grades(course, "all").items() if needs} == {"one-bit-why"}


def test_what_is_worth_nothing_needs_no_mark(course, assignment):
    def worth(points):
        def change(book):
            book.find_grade_cell("one-bit-why", NAME, NAME).max_score = points
            book.db.commit()

        use(course, change)

    worth(0)
    try:
        merge(course, assignment, result(assignment, "nothing", why="Because."))
        assert grades(course, "nothing")["one-bit-why"] == (0, None, False)
        mark = read_marks(course, NAME)["nothing"]
        assert (mark.score, mark.max_score, mark.by_hand) == (6, 6, False)
        lost = result(assignment, "nothing", failing=["one-bit-sum"], why="Because.", flagged=True)
        merge(course, assignment, lost)
        assert {name for name, grade in grades(course, "nothing").items() if grade[2]} == {"one-bit-sum"}
    finally:
        worth(2)


def test_marks_and_comments_of_a_person_survive(course, assignment):
    merge(course, assignment, result(assignment, "by-hand", failing=["one-bit-sum"], why="Because."))

    def mark(book):
        book.find_grade("one-bit-sum", NAME, NAME, "by-hand").manual_score = 0.5
        book.find_comment("one-bit-why", NAME, NAME, "by-hand").manual_comment = "Well said."
        book.update_or_create_submission(NAME, "by-hand").extension = None
        book.db.commit()

    use(course, mark)
    merge(course, assignment, result(assignment, "by-hand", why="Because, again."))
    assert grades(course, "by-hand")["one-bit-sum"] == (1, 0.5, True)
    comment = use(course, lambda book: book.find_comment("one-bit-why", NAME, NAME, "by-hand").comment)
    assert comment == "Well said."
    assert read_marks(course, NAME)["by-hand"].score == 5.5


def test_late_penalties_and_extensions(course, assignment):
    course.config.LateSubmissionPlugin.penalty_method = "zero"
    due = datetime(2026, 1, 10)
    use(course, lambda book: book.update_or_create_assignment(NAME, duedate=due) and None)
    try:
        late = result(assignment, "late")
        merge(course, assignment, late, datetime(2026, 1, 11))
        assert (read_marks(course, NAME)["late"].score, read_marks(course, NAME)["late"].penalty) == (6, 6)
        stamp = course.folder("autograded", "late", NAME) / "timestamp.txt"
        assert stamp.read_text() == "2026-01-11 00:00:00"
        merge(course, assignment, late)  # nobody knows when: that of before goes
        assert read_marks(course, NAME)["late"].penalty == 0
        assert not stamp.exists()
        use(course, lambda book: book.grant_extension(NAME, "late", days=2))
        merge(course, assignment, late, datetime(2026, 1, 11))
        assert read_marks(course, NAME)["late"].penalty == 0
        merge(course, assignment, late, datetime(2026, 1, 13))
        assert read_marks(course, NAME)["late"].penalty == 6
    finally:
        del course.config.LateSubmissionPlugin
        use(course, lambda book: book.update_or_create_assignment(NAME, duedate=None) and None)


def test_what_the_assignment_gained_after_a_submission_is_entered(course, assignment):
    merge(course, assignment, result(assignment, "early"))

    def forget(book):
        book.db.delete(book.find_grade("one-bit-sum", NAME, NAME, "early"))
        book.db.delete(book.find_comment("one-bit-why", NAME, NAME, "early"))
        book.db.commit()

    use(course, forget)
    merge(course, assignment, result(assignment, "early"))
    assert set(grades(course, "early")) == {*FULL, "one-bit-why"}
    assert read_marks(course, NAME)["early"].score == 6


def test_a_gradebook_that_is_locked_for_a_while(course, assignment):
    other = sqlite3.connect(course.course / "gradebook.db", check_same_thread=False, isolation_level=None)
    other.execute("begin exclusive")
    timer = threading.Timer(1, lambda: other.execute("commit"))
    timer.start()
    try:
        merge(course, assignment, result(assignment, "waiting"))
    finally:
        timer.join()
        other.close()
    assert read_marks(course, NAME)["waiting"].score == 6


def test_a_gradebook_that_stays_locked(course, assignment, monkeypatch):
    monkeypatch.setattr(gradebook, "PATIENCE", 0)
    url = f"{course.db_url}?timeout=0.1"
    other = sqlite3.connect(course.course / "gradebook.db", isolation_level=None)
    other.execute("begin exclusive")
    try:
        with pytest.raises(GradingError, match=r"locked by another program.*run the command again"):
            merge(replace(course, db_url=url), assignment, result(assignment, "never"))
    finally:
        other.execute("rollback")
        other.close()


def test_an_address_that_leads_nowhere(course, tmp_path):
    with pytest.raises(GradingError, match="cannot be used"):
        read_marks(replace(course, db_url=f"sqlite:///{tmp_path}/no/such.db"), NAME)


def test_the_password_of_an_address_is_not_shown(course, monkeypatch):
    def refuse(*_):
        raise OperationalError("connect", {}, Exception("no route to host"))

    monkeypatch.setattr("nbgrader.api.Gradebook", refuse)
    address = "postgresql+psycopg://me:sesame@db.example/ib?password=sesame"
    with pytest.raises(
        GradingError, match=r"psycopg://me:\*\*\*@db\.example/ib cannot be used: no route"
    ) as caught:
        read_marks(replace(course, db_url=address), NAME)
    assert "sesame" not in "".join(traceback.format_exception(caught.value))


def test_fingerprints_tell_apart_what_decides_marks(assignment):
    one = Submission("ada", {"a": b"1"})
    others = [
        Submission("ada", {"a": b"2"}),
        Submission("ada", {"b": b"1"}),
        Submission("ada", {"a": b"1", "b": b""}),
        Submission("ada", {"a": b"1"}, ("a link",)),
        Submission("ada", {}),
    ]
    prints = [fingerprint(each) for each in [one, *others]] + [fingerprint(one, datetime(2026, 1, 1))]
    assert len(set(prints)) == len(prints)
    assert fingerprint(Submission("ada", {"b": b"", "a": b"1"})) == fingerprint(others[2])
    cells = assignment.notebooks[NAME]
    changed = replace(assignment, notebooks={NAME: (*cells[:-1], replace(cells[-1], source="other"))})
    assert fingerprint(changed) != fingerprint(assignment)


def test_records(course):
    record = Record("a", "b", ("one", "two"), True, False, 1.5, 2, "")
    write_record(course, NAME, "größe, ö", record)
    broken = course.state / "graded" / NAME / "bob.json"
    broken.write_text('{"submission": ')
    (broken.parent / "cy.json").write_text('{"remarks": [], "other": 1}')
    assert read_records(course, NAME) == {"größe, ö": record}


def test_the_restored_notebook_is_what_the_release_was(course, assignment):
    released = (course.course / "release" / NAME / f"{NAME}.ipynb").read_bytes()
    notebook, remarks = restore(read_cells(released), assignment.notebooks[NAME], NAME)
    assert remarks == []
    for ours, theirs in zip(notebook.cells, nbformat.reads(released, 4).cells, strict=True):
        if "hidden" in ours.id:  # nbgrader computes it again once the test is cut out
            theirs.metadata.nbgrader.checksum = ours.metadata.nbgrader.checksum
        assert ours.metadata.nbgrader == theirs.metadata.nbgrader
        assert ours.id == theirs.id


def test_postgresql(tmp_path):
    """An empty database, such as postgresql+psycopg://USER:PASSWORD@HOST/DATABASE."""
    if not (address := os.environ.get("IBCOURSE_POSTGRES")):
        pytest.skip("IBCOURSE_POSTGRES does not name an empty PostgreSQL database")
    folder = new_course(tmp_path / "ib")
    with open(folder / "nbgrader_config.py", "a", encoding="utf8") as file:
        file.write(f"\nc.CourseDirectory.db_url = {address!r}\n")
    settings = load(folder)
    release(settings, "1", EXERCISES)
    assignment = read_assignment(settings, NAME)
    source = nbformat.read(folder / "source" / NAME / f"{NAME}.ipynb", 4)
    for _ in range(2):
        merge(settings, assignment, result(assignment, "right", why="Because."), datetime(2026, 1, 1))
        merge(settings, assignment, result(assignment, "wrong", failing=["one-bit-sum"], flagged=True))
        release(
            settings, "1", EXERCISES
        )  # it updates rows, after which PostgreSQL returns them in another order
        cells = read_assignment(settings, NAME).notebooks[NAME]
        assert [cell.grade_id for cell in cells] == [cell.id for cell in source.cells]
    marks = read_marks(settings, NAME)
    assert {student: mark.score for student, mark in marks.items()} == {"right": 6, "wrong": 5}
    assert marks["wrong"].by_hand
    assert not (folder / "gradebook.db").exists()
