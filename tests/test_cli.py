"""The command line: what it prints where, and its exit codes."""

import os
import subprocess
import sys

import pytest

import ibcourse
from ibcourse import cli
from ibcourse.course import doctor, lab

PAGE = "# Lab: coins\n\nText.\n"


@pytest.fixture
def student(tmp_path, monkeypatch):
    """A student's empty folder, and a course of one lab."""
    (tmp_path / "chapters" / "01-information").mkdir(parents=True)
    (tmp_path / "chapters" / "01-information" / "lab.md").write_text(PAGE)
    monkeypatch.setattr(lab, "CHAPTERS", tmp_path / "chapters")
    (tmp_path / "student").mkdir()
    monkeypatch.chdir(tmp_path / "student")
    return tmp_path / "student"


def test_version(capsys):
    with pytest.raises(SystemExit, match="0"):
        cli.main(["--version"])
    assert capsys.readouterr().out == f"ibcourse {ibcourse.__version__}\n"


def test_help_has_one_line_a_command(capsys):
    with pytest.raises(SystemExit, match="0"):
        cli.main(["--help"])
    out = capsys.readouterr().out
    for command in cli.COMMANDS:
        assert f"{command.__name__:9} {command.__doc__}" in out


def test_without_a_command_the_help_is_printed(capsys):
    with pytest.raises(SystemExit, match="2"):
        cli.main([])
    out, err = capsys.readouterr()
    assert out == ""
    assert all(f"{command.__name__:9} {command.__doc__}" in err for command in cli.COMMANDS)


@pytest.mark.parametrize("arguments", [["nonsense"], ["lab", "1", "2"], ["doctor", "--to"]])
def test_a_command_that_is_not_understood(arguments, capsys):
    with pytest.raises(SystemExit, match="2"):
        cli.main(arguments)
    assert "usage:" in capsys.readouterr().err


def test_lab_writes_and_opens(student, monkeypatch, capsys):
    opened = []
    monkeypatch.setattr(lab, "open_in_jupyterlab", lambda path: opened.append(path) or 0)
    assert cli.main(["lab", "01"]) == 0
    assert [path.name for path in student.iterdir()] == ["01-information-lab.ipynb"]
    assert [path.name for path in opened] == ["01-information-lab.ipynb"]
    assert capsys.readouterr().out == "01-information-lab.ipynb: written\n"


def test_lab_only_writes(student, monkeypatch):
    monkeypatch.setattr(lab, "open_in_jupyterlab", lambda path: pytest.fail("opened"))
    assert cli.main(["lab", "1", "--no-open", "--to", "labs"]) == 0
    assert (student / "labs" / "01-information-lab.ipynb").exists()


def test_lab_opens_the_students_own_and_says_where_the_copy_is(student, monkeypatch, capsys):
    cli.main(["lab", "1", "--no-open"])
    mine = student / "01-information-lab.ipynb"
    mine.write_text("my notes")
    opened = []
    monkeypatch.setattr(lab, "open_in_jupyterlab", lambda path: opened.append(path.name) or 0)
    assert cli.main(["lab", "1"]) == 0
    assert opened == [mine.name]
    assert mine.read_text() == "my notes"
    assert "01-information-lab-new.ipynb" in capsys.readouterr().out


def test_lab_without_a_name_lists_the_labs(student, capsys):
    assert cli.main(["lab"]) == 0
    assert capsys.readouterr().out.split() == ["01-information", "Lab:", "coins"]


def test_an_unknown_lab_is_an_error(student, capsys):
    assert cli.main(["lab", "7"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("ibcourse: there is no lab '7'")
    assert "01-information" in err


def test_a_folder_that_cannot_be_made_is_an_error(student, capsys):
    (student / "file").write_text("")
    assert cli.main(["lab", "1", "--no-open", "--to", "file"]) == 1
    assert capsys.readouterr().err == (
        "ibcourse: file is not a folder: a file is in its place. Choose a folder with --to.\n"
    )


def test_a_system_error_is_a_sentence_without_a_number(student, monkeypatch, capsys):
    def full(*arguments):
        raise OSError(28, "No space left on device", "a.ipynb")

    monkeypatch.setattr(lab, "put_lab", full)
    assert cli.main(["lab", "1"]) == 1
    assert capsys.readouterr().err == "ibcourse: No space left on device (a.ipynb)\n"


@pytest.mark.parametrize("name", ["01", "."])
def test_check_wants_a_file(student, capsys, name):
    assert cli.main(["check", name]) == 1
    assert capsys.readouterr().err.startswith(
        f"ibcourse: there is no file {name}. Name your notebook, such as"
    )


def test_a_terminal_without_the_characters_of_a_title(student):
    page = student.parent / "chapters" / "01-information" / "lab.md"
    page.write_text("# Lab: Kullback–Leibler\n", encoding="utf8")
    done = run_with(student, "lab", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, b"")
    assert rb"Kullback\u2013Leibler" in done.stdout


@pytest.mark.parametrize("arguments", [["lab"], ["--help"]])
def test_a_reader_who_goes_away_is_no_error(student, arguments):
    reader, writer = os.pipe()
    os.close(reader)
    done = run_with(student, *arguments, stdout=writer)
    os.close(writer)
    assert done.stderr == b""


def run_with(student, *arguments, stdout=subprocess.PIPE, **environment):
    code = (
        "import sys; from pathlib import Path; from ibcourse import cli; from ibcourse.course import lab; "
        f"lab.CHAPTERS = Path({str(student.parent / 'chapters')!r}); sys.exit(cli.main(sys.argv[1:]))"
    )
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env={**os.environ, **environment},
        stdout=stdout,
        stderr=subprocess.PIPE,
        check=False,
    )


def test_missing_jupyterlab_is_an_error_after_the_notebook_is_written(student, monkeypatch, capsys):
    monkeypatch.setattr(lab, "find_spec", lambda name: None)
    assert cli.main(["lab", "1"]) == 1
    assert (student / "01-information-lab.ipynb").exists()
    assert ibcourse.pip_install("labs") in capsys.readouterr().err


def test_missing_packages_of_the_labs_are_an_error(student, monkeypatch, capsys):
    for name in [name for name in sys.modules if name.startswith("ibcourse.course.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "nbformat", None)
    assert cli.main(["lab", "1"]) == 1
    assert capsys.readouterr().err == f"ibcourse: nbformat is not installed: {ibcourse.pip_install('labs')}\n"


@pytest.mark.parametrize(("ok", "required", "code"), [(True, True, 0), (False, False, 0), (False, True, 1)])
def test_the_doctors_exit_code(monkeypatch, capsys, ok, required, code):
    monkeypatch.setattr(doctor, "examine", lambda: iter([doctor.Finding(ok, required, "a package")]))
    assert cli.main(["doctor"]) == code
    assert capsys.readouterr().out.endswith(" a package\n")


def test_the_command_starts_without_the_heavy_packages():
    heavy = {"torch", "scipy", "numpy", "matplotlib", "nbformat"}
    code = f"import sys, ibcourse.cli; print({heavy} & set(sys.modules) or 'none')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "none\n"


# ------------------------------------------------------------------------------------------------------------
# The instructor's commands

INSTRUCTORS = ["course", "release", "collect", "grade", "feedback", "export"]


@pytest.fixture
def teacher(tmp_path, monkeypatch):
    """A new course with one assignment, and the current folder in it."""
    from ibcourse.grading.course import new_course

    folder = new_course(tmp_path / "teaching")
    (folder / "source" / "01-information").mkdir(parents=True)
    (folder / "source" / "01-information" / "01-information.ipynb").write_text("{}")
    monkeypatch.chdir(folder)
    return folder


def test_course_new(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert cli.main(["course", "new", "a course", "--id", "ib-1"]) == 0
    out = capsys.readouterr().out
    assert (tmp_path / "a course" / "nbgrader_config.py").exists()
    assert f"cd '{tmp_path}/a course'\n    ibcourse release 01" in out
    assert cli.main(["course", "new", "a course", "--id", "ib-1"]) == 1
    assert "is not an empty folder. Choose another" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", [["course"], ["course", "old", "x"], ["collect", "01"], ["export", "--for", "x"]]
)
def test_instructors_commands_that_are_not_understood(arguments, capsys):
    with pytest.raises(SystemExit, match="2"):
        cli.main(arguments)
    assert "usage:" in capsys.readouterr().err


@pytest.mark.parametrize("command", INSTRUCTORS)
def test_instructors_commands_have_a_help(command, capsys):
    with pytest.raises(SystemExit, match="0"):
        cli.main([command, "--help"])
    assert "For instructors: " in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["release", "1"], 1),
        (["collect", "1", "x"], 1),
        (["grade", "1"], 2),
        (["feedback", "1"], 1),
        (["export"], 1),
    ],
)
def test_outside_of_a_course(tmp_path, monkeypatch, capsys, arguments, code):
    monkeypatch.chdir(tmp_path)
    assert cli.main(arguments) == code
    assert "is not a course: it holds no nbgrader_config.py. Change to" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_release_says_what_to_hand_out(teacher, monkeypatch, capsys):
    from ibcourse.grading import course

    made = course.Released("01-information", teacher / "release", ("a.ipynb",), ("ada", "alan"))
    monkeypatch.setattr(course, "release", lambda settings, name: made)
    assert cli.main(["release", "01"]) == 0
    out = capsys.readouterr().out
    assert f"Students get what lies in {teacher / 'release'}:\n    a.ipynb\n" in out
    assert "2 handed in before: ada, alan." in out


@pytest.mark.filterwarnings("ignore")
def test_collect_reports_and_its_exit_code_tells(teacher, tmp_path, capsys):
    folder = tmp_path / "hand-ins"
    (folder / "ada").mkdir(parents=True)
    (folder / "ada" / "a.ipynb").write_text("x")
    assert cli.main(["collect", "1", str(folder)]) == 0
    assert capsys.readouterr().out.startswith("01-information: 1 new.")
    (folder / "lost.ipynb").write_text("x")
    assert cli.main(["collect", "1", str(folder), "--course", str(teacher)]) == 1
    assert "Not placed (1):\n  hand-ins: 'lost.ipynb' has no name of" in capsys.readouterr().out


def test_grade_hands_its_options_on(teacher, monkeypatch, capsys):
    from ibcourse.grading import run

    calls = []

    done = run.Summary("01-information", (run.Row("a", "graded"),), 1.0)
    monkeypatch.setattr(run, "run", lambda *given, **options: calls.append((given, options)) or done)
    assert (
        cli.main(["grade", "1", "-j", "3", "--students", "a,b", "--again", "--scheduler", "tcp://x:1"]) == 0
    )
    assert capsys.readouterr().out == f"{done}\n"
    ((settings, assignment), options) = calls[0]
    assert (settings.course, assignment) == (teacher, "01-information")
    assert options == {
        "students": ["a", "b"],
        "workers": 3,
        "scheduler": "tcp://x:1",
        "again": True,
        "progress": False,
    }
    assert cli.main(["grade", "1", "-j", "0"]) == 2
    assert "-j 0: give a number from 1." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("outcome", "interrupted", "code"),
    [("graded", False, 0), ("failed", False, 1), ("left", True, 130), ("failed", True, 130)],
)
def test_grades_exit_code(teacher, monkeypatch, capsys, outcome, interrupted, code):
    from ibcourse.grading import run

    done = run.Summary("01-information", (run.Row("a", outcome),), 1.0, interrupted)
    monkeypatch.setattr(run, "run", lambda *_, **__: done)
    assert cli.main(["grade", "1"]) == code


def test_grade_where_nothing_could_run(teacher, capsys):
    assert cli.main(["grade", "1"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("ibcourse: the gradebook has no assignment '01-information'")


def test_grade_on_windows(teacher, monkeypatch, capsys):
    monkeypatch.setattr(sys, "platform", "win32")
    assert cli.main(["grade", "1"]) == 2
    assert "Windows Subsystem for Linux" in capsys.readouterr().err


def test_feedback_says_where_and_who_is_missing(teacher, monkeypatch, capsys):
    from ibcourse.grading import feedback

    made = feedback.Feedback(
        {"ada": (teacher / "a.html",), "eve": ()}, ("eve",), "the log", teacher / "a.zip"
    )
    monkeypatch.setattr(feedback, "make_feedback", lambda settings, name: made)
    assert cli.main(["feedback", "1"]) == 1
    out, err = capsys.readouterr()
    assert out.startswith(f"{teacher / 'feedback'}: 1 page\n{teacher / 'a.zip'}: upload it in Moodle")
    assert err == "the log\nNo page could be made for: eve\n"


@pytest.mark.parametrize(("kind", "marks"), [("plain", 1), ("moodle", 1), ("canvas", 0)])
def test_export_keeps_zeros_and_missing_marks_apart(teacher, monkeypatch, capsys, kind, marks):
    from ibcourse.grading import export
    from ibcourse.grading.roster import Student

    rows = [
        export.Row("01-information", "ada", Student("Ada"), "101", export.GRADED, 0.0, 0.0, 10.0),
        export.Row("01-information", "eve", Student("Eve"), "102", export.FAILED, None, None, 10.0),
    ]
    monkeypatch.setattr(export, "read_rows", lambda settings, names=None: rows)
    assert cli.main(["export", "1", "--for", kind, "--to", "marks.csv"]) == 0
    out, err = capsys.readouterr()
    assert out == f"marks.csv: {marks} mark{'s' * (marks != 1)}\n"
    assert "    eve, 01-information: failed: the grader could not grade it\n" in err
    assert ("ada, 01-information: no number of Canvas's is known" in err) == (kind == "canvas")
    assert cli.main(["export", "1", "--for", kind]) == 0
    assert capsys.readouterr().out == (teacher / "marks.csv").read_text()


def test_export_for_moodle_needs_an_assignment(teacher, capsys):
    assert cli.main(["export", "--for", "moodle"]) == 1
    assert "a file for Moodle holds one assignment" in capsys.readouterr().err


def test_missing_nbgrader_is_an_error(teacher, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "nbgrader", None)
    monkeypatch.setitem(sys.modules, "nbgrader.api", None)
    assert cli.main(["export"]) == 1
    assert ibcourse.pip_install("grading") in capsys.readouterr().err


@pytest.mark.parametrize("command", ["feedback", "grade"])
def test_ctrl_c_is_no_traceback(teacher, monkeypatch, capsys, command):
    from ibcourse.grading import feedback, run

    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(feedback, "make_feedback", stop)
    monkeypatch.setattr(run, "run", stop)
    assert cli.main([command, "1"]) == 130
    assert capsys.readouterr().err == "ibcourse: stopped\n"


def test_nbgraders_noise_does_not_reach_the_instructor(tmp_path):
    command = [sys.executable, "-m", "ibcourse.cli"]
    new = subprocess.run(
        [*command, "course", "new", "c"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    done = subprocess.run(
        [*command, "release", "1"], cwd=tmp_path / "c", capture_output=True, text=True, check=True
    )
    assert (new.stderr, done.stderr) == ("", "")
    assert "01-information is released." in done.stdout
