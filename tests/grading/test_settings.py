"""A course's configuration: read strictly, and safe for nbgrader's own commands."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ibcourse.grading.course import new_course
from ibcourse.grading.settings import CONFIG, SettingsError, load

HEAD = "from ibcourse.grading.settings import protect\nc = get_config()\nprotect(c)\n"


@pytest.fixture
def course(tmp_path):
    return new_course(tmp_path / "course-1")


def configure(course: Path, text: str) -> Path:
    (course / CONFIG).write_text(text)
    return course


def test_a_new_course(course):
    settings = load(course)
    assert settings.course == course
    assert settings.course_id == "course-1"
    assert settings.db_url == f"sqlite:///{course}/gradebook.db"
    assert settings.config.CourseDirectory.root == str(course)
    assert settings.folder("submitted", "ada", "01-information") == course / "submitted/ada/01-information"


def test_nbgraders_alembic_is_found(course, monkeypatch):
    monkeypatch.setenv("PATH", "/usr/bin")
    load(course)
    assert os.environ["PATH"].split(os.pathsep)[0] == str(Path(sys.executable).parent)


def test_alembic_is_missing(course, monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(SettingsError, match="nbgrader is not installed whole: pip install"):
        load(course)


def test_a_folder_that_is_no_course(tmp_path):
    with pytest.raises(SettingsError, match=r"is not a course: it holds no nbgrader_config\.py.*course new"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x = (", r"nbgrader_config\.py, line 1: .*was never closed\. Correct the file"),
        (HEAD + "import nothing_of_that_name", "line 4: ModuleNotFoundError: No module named"),
        (HEAD + "\nc.CourseDirectory.db_url = 1 / 0", "line 5: ZeroDivisionError"),
        (HEAD + "raise SystemExit(3)", "line 4: SystemExit: 3"),
        (HEAD + "def f():\n    return undefined\n\nf()", "line 5: NameError"),
        ("c = get_config()", r"does not call protect\(c\)\. Write these two lines"),
        (HEAD + "c.Autograde.exporter_class = 'a.b'", r"line 4: c\.Autograde\.exporter_class is not yours"),
        (HEAD + "c.Autograde.autograde_preprocessors = []", r"line 4: c\.Autograde\.autograde_preprocessors"),
        (HEAD + "\nc.Execute.timeout = 5", r"line 5: c\.Execute\.timeout is not yours.*Delete that line"),
        (HEAD + "c.HTMLExporter.preprocessors = []", r"c\.HTMLExporter\.preprocessors is not yours"),
        (HEAD + "c.ClearHiddenTests.begin_test_delimeter = 'x'", "begin_test_delimeter is not yours"),
        (HEAD + "c.CourseDirectory.submitted_directory = 'x'", r"line 4: c\.CourseDirectory\.submitted_dir"),
        (HEAD + "c.CourseDirectory.root = '/elsewhere'", r"c\.CourseDirectory\.root is not yours"),
        (HEAD + "c.CourseDirectory.db_url = 'nonsense'", "db_url cannot be used"),
        (HEAD + "c.CourseDirectory.db_url = 'nosuchdb://x'", "db_url cannot be used"),
        (HEAD + "c.CourseDirectory.db_url = 'postgresql://h:port/x'", "db_url cannot be used"),
        (HEAD + "c.CourseDirectory.db_url = 'oracle+oracledb://x'", "module oracledb: pip install"),
    ],
)  # fmt: skip
def test_a_configuration_that_cannot_be_used(course, text, words):
    with pytest.raises(SettingsError, match=words):
        load(configure(course, text))


def test_what_an_instructor_may_set(course):
    text = HEAD + "c.Exchange.root = '/srv/x'\nc.LateSubmissionPlugin.penalty_method = 'zero'\n"
    settings = load(configure(course, text + "c.CourseDirectory.course_id = 'ib'"))
    assert settings.course_id == "ib"
    assert settings.config.LateSubmissionPlugin.penalty_method == "zero"


@pytest.mark.parametrize("given", ["sqlite:///marks.db", "sqlite:////srv/marks.db"])
def test_a_file_of_the_gradebook_is_meant_from_the_courses_folder(course, given):
    settings = load(configure(course, HEAD + f"c.CourseDirectory.db_url = {given!r}"))
    assert settings.db_url == (given if given.count("/") > 3 else f"sqlite:///{course}/marks.db")
    assert settings.config.CourseDirectory.db_url == settings.db_url


def test_nbgraders_own_autograding_is_refused_and_touches_nothing(course):
    """In a process of its own, as an instructor would call it."""
    for step in ("submitted", "autograded"):
        folder = course / step / "ada" / "hw"
        folder.mkdir(parents=True)
        (folder / "hw.ipynb").write_text('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}')
    before = {path: path.stat().st_mtime_ns for path in (course / "autograded").rglob("*")}
    command = [sys.executable, "-W", "ignore", "-m", "nbgrader", "autograde", "hw", "--force"]
    done = subprocess.run(command, cwd=course, capture_output=True, text=True, timeout=60)
    assert done.returncode != 0
    assert "Grade with: ibcourse grade" in done.stderr
    assert {path: path.stat().st_mtime_ns for path in (course / "autograded").rglob("*")} == before
