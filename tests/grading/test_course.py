"""A course's folder, and homework released into it."""

import stat
from pathlib import Path

import nbformat
import pytest

from ibcourse.course import CourseError
from ibcourse.grading import GradingError
from ibcourse.grading.course import find_assignment, new_course, release
from ibcourse.grading.settings import load

EXERCISES = Path(__file__).parents[1] / "course" / "homework"
TOPIC = "01-sample"


@pytest.fixture
def course(tmp_path):
    return new_course(tmp_path / "course")


def test_a_new_course_is_its_owners_alone(course):
    assert stat.S_IMODE(course.stat().st_mode) == 0o700
    assert stat.S_IMODE((course / "secret.txt").stat().st_mode) == 0o600
    assert sorted(path.name for path in course.iterdir()) == ["README.md", "nbgrader_config.py", "secret.txt"]
    assert (
        new_course(course.parent / "other").joinpath("secret.txt").read_text()
        != (course / "secret.txt").read_text()
    )


def test_nothing_is_overwritten(course):
    before = {path: path.read_bytes() for path in course.iterdir()}
    with pytest.raises(GradingError, match="is not an empty folder"):
        new_course(course)
    assert {path: path.read_bytes() for path in course.iterdir()} == before
    (course.parent / "file").write_text("mine")
    with pytest.raises(GradingError, match="is not an empty folder"):
        new_course(course.parent / "file")


def test_an_empty_folder_is_taken(tmp_path):
    (tmp_path / "empty").mkdir()
    assert load(new_course(tmp_path / "empty", "ib-2026")).course_id == "ib-2026"


@pytest.mark.parametrize("name", ["", "a b", "'", "x" * 200, "-x"])
def test_names_that_are_not_plain(tmp_path, name):
    with pytest.raises(GradingError, match="cannot be a course's name"):
        new_course(tmp_path / "course", name)
    assert not (tmp_path / "course").exists()


@pytest.mark.parametrize("inside", ["course", "a/b/course"])
def test_no_course_in_a_checkout(tmp_path, inside):
    (tmp_path / ".git").mkdir()
    (tmp_path / "ibcourse").mkdir()
    (tmp_path / "ibcourse" / "cli.py").touch()
    with pytest.raises(GradingError, match="a checkout of the course, which others may read"):
        new_course(tmp_path / inside)
    assert not (tmp_path / inside).exists()


@pytest.mark.filterwarnings("ignore")
def test_release_is_safe_to_repeat_and_warns_of_changes(course):
    settings = load(course)
    done = release(settings, "1", EXERCISES)
    assert (done.assignment, done.files, done.changed) == (TOPIC, (f"{TOPIC}.ipynb",), ())
    notebook = nbformat.read(done.folder / f"{TOPIC}.ipynb", as_version=4)
    assert "HIDDEN" not in nbformat.writes(notebook)
    assert (course / "secret.txt").read_text().strip() not in nbformat.writes(notebook)
    assert find_assignment(settings, "sample") == TOPIC
    (course / "submitted" / "ada" / TOPIC).mkdir(parents=True)
    assert release(settings, "01", EXERCISES).changed == ()
    (course / "secret.txt").write_text("another")
    assert release(settings, "01", EXERCISES).changed == ("ada",)  # only hidden tests differ
    assert release(settings, "01", EXERCISES).changed == ()


@pytest.mark.filterwarnings("ignore")
def test_an_assignment_of_ones_own(course):
    settings = load(course)
    folder = course / "source" / "quiz"
    folder.mkdir(parents=True)
    (folder / "quiz.ipynb").write_text("{")
    with pytest.raises(GradingError, match="nbgrader cannot make the release of quiz"):
        release(settings, "quiz", EXERCISES)
    nbformat.write(nbformat.v4.new_notebook(), folder / "quiz.ipynb")
    assert release(settings, "quiz", EXERCISES).files == ("quiz.ipynb",)


def test_what_there_is_not(course):
    settings = load(course)
    with pytest.raises(CourseError, match=r"(?s)there is no homework '9'.*01-sample"):
        release(settings, "9", EXERCISES)
    with pytest.raises(GradingError, match="has no assignment '1'; it has: none"):
        find_assignment(settings, "1")
