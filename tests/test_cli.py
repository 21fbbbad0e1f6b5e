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
