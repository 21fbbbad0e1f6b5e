"""Marks for Moodle, Canvas and a table: a number only where there is a mark."""

import csv
import io
import json
from datetime import UTC, datetime

import pytest

from ibcourse.grading import GradingError
from ibcourse.grading.collect import Collected, _save
from ibcourse.grading.course import new_course
from ibcourse.grading.export import canvas_csv, moodle_csv, plain_csv, read_rows
from ibcourse.grading.gradebook import Record, fingerprint, read_submission, use, write_record
from ibcourse.grading.roster import Student
from ibcourse.grading.settings import load

pytestmark = pytest.mark.filterwarnings("ignore")  # of nbgrader's
HW = "01-information"


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course whose students each are another case."""
    settings = load(new_course(tmp_path_factory.mktemp("export") / "course"))
    scores = {"ada": (7.125, 1.5), "zero": (0, None), "late": (2, 3), "hand": (5, None), "failed": (0, None),
              "changed": (4, None)}  # fmt: skip

    def fill(book):
        book.update_or_create_assignment(HW)
        book.add_notebook("hw", HW)
        book.add_grade_cell("test", "hw", HW, max_score=10, cell_type="code")
        book.update_or_create_assignment("02-other")
        for student, (score, penalty) in scores.items():
            book.add_student(student)
            book.add_submission(HW, student)
            (notebook,) = book.find_submission(HW, student).notebooks
            notebook.late_submission_penalty = penalty
            (grade,) = notebook.grades
            grade.auto_score, grade.needs_manual_grade = score, student in ("hand", "failed")
        book.db.commit()

    use(settings, fill)
    names = {
        "ada": Student("Ada Lovelace", "ada@example.org", "201", listed=True),
        "zero": Student("=1+1", "@example.org", "202"),
        "late": Student("Łoś, Kim", "", "", listed=True),
        "waiting": Student("Alan Turing"),
        "nothing": Student("Grace Hopper", listed=True),
    }
    _save(settings.state / "students.json", names)
    numbers = {"ada": "101", "zero": "102", "late": "103", "hand": "104", "failed": "105", "changed": "106"}
    records = {student: Collected("moodle", number, "x", "x") for student, number in numbers.items()}
    _save(settings.state / "collected" / f"{HW}.json", records)
    for student in [*scores, "waiting"]:
        folder = settings.folder("submitted", student, HW)
        folder.mkdir(parents=True)
        (folder / "hw.ipynb").write_text(student)
        (folder / "timestamp.txt").write_text("2026-11-02 12:00:00 UTC")
        if student != "waiting":
            graded = fingerprint(*read_submission(settings, HW, student))
            record = Record(graded, "", (), False, student == "failed", 0.0, 0, "")
            write_record(settings, HW, student, record)
    (settings.folder("submitted", "changed", HW) / "hw.ipynb").write_text("something else")
    return settings


@pytest.fixture(scope="module")
def rows(course):
    return read_rows(course, [HW])


def table(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_plain_has_everybody_and_no_silent_zero(rows):
    found = {
        row["student"]: (row["status"], row["score"], row["raw_score"]) for row in table(plain_csv(rows))
    }
    assert found == {
        "ada": ("graded", "5.625", "7.125"),
        "changed": ("changed since it was graded", "", ""),
        "failed": ("failed: the grader could not grade it", "", ""),
        "hand": ("to be marked by hand", "", ""),
        "late": ("graded", "0", "2"),
        "nothing": ("nothing handed in", "", ""),
        "waiting": ("not graded yet", "", ""),
        "zero": ("graded", "0", "0"),
    }
    assert {row["max_score"] for row in table(plain_csv(rows))} == {"10"}


def test_moodle(rows):
    text, left = moodle_csv(rows)
    found = table(text)
    assert (
        text.splitlines()[0] == "Identifier,Full name,Email address,Grade,Maximum grade,Last modified (grade)"
    )
    assert {row["Identifier"]: row["Grade"] for row in found} == {
        "Participant 101": "5.625",
        "Participant 102": "0",
        "Participant 103": "0",
    }
    assert datetime.strptime(found[0]["Last modified (grade)"], "%Y-%m-%d %H:%M:%S UTC").replace(
        tzinfo=UTC
    ) <= datetime.now(UTC)
    assert sorted(row.student for row in left) == ["changed", "failed", "hand", "nothing", "waiting"]


def test_moodle_leaves_out_who_did_not_come_from_it(rows):
    (ada,) = [row for row in rows if row.student == "ada"]
    text, left = moodle_csv([type(ada)(**vars(ada) | {"participant": ""})])
    assert (table(text), left[0].why("moodle")) == ([], "no number of Moodle's is known")


def test_canvas(rows):
    text, left = canvas_csv(rows)
    header, points, *found = csv.reader(io.StringIO(text))
    assert header == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", HW]
    assert points == ["    Points Possible", "", "", "", "", "10"]
    assert found == [
        ["Ada Lovelace", "201", "", "", "", "5.625"],
        ["Łoś, Kim", "", "late", "", "", "0"],
        ["'=1+1", "202", "", "", "", "0"],
    ]
    assert len(left) == 5


def test_canvas_with_two_assignments(course):
    text, left = canvas_csv(read_rows(course))
    header, _, ada, *_ = csv.reader(io.StringIO(text))
    assert header[-2:] == [HW, "02-other"]
    assert ada[-2:] == ["5.625", ""]
    assert {row.status for row in left if row.assignment == "02-other"} == {"nothing handed in"}


@pytest.mark.parametrize("name", ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", "\r\n=1", "\u200b=1"])
def test_no_name_is_a_formula(rows, name):
    row = type(rows[0])(**vars(rows[0]) | {"about": Student(name, name, "1")})
    for text in (plain_csv([row]), moodle_csv([row])[0], canvas_csv([row])[0]):
        for line in csv.reader(io.StringIO(text)):
            assert not any(cell.strip()[:1] in list("=+-@") for cell in line if cell)
            assert not any(set("\r\n\t") & set(cell) for cell in line)


def test_an_assignment_that_is_not_there(course):
    with pytest.raises(GradingError, match="the gradebook has no '03'"):
        read_rows(course, ["03"])


def test_marks_are_read_not_written(course, rows):
    assert read_rows(course, [HW]) == rows
    assert json.loads((course.state / "students.json").read_text())["ada"]["number"] == "201"
