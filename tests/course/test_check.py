"""What a student is told about a notebook before handing it in."""

import json
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell

from ibcourse import cli
from ibcourse.course import CourseError, homework
from ibcourse.course import check as module
from ibcourse.course.check import check

EXERCISES = Path(__file__).parent / "homework"
NAME = "total-variation-answer"
SOURCE = homework.source_notebook(homework.load(EXERCISES / "01-sample"), "s")
REFERENCE = {cell.id: cell.source for cell in SOURCE.cells if cell.metadata.nbgrader.solution}


@pytest.fixture
def path(tmp_path):
    return homework.put_homework("1", tmp_path, EXERCISES).path


def work(path, *answers, change=None):
    """Do what a student does: fill in cells, and perhaps change the notebook in another way."""
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        for answer in answers:
            cell.source = answer.get(cell.id, cell.source)
    if change:
        change(notebook)
    nbformat.write(notebook, path)
    return check(path, EXERCISES)


def errors(report):
    return {cell.id: cell.error for cell in report.cells if cell.error}


def place(notebook, name):
    return next(i for i, cell in enumerate(notebook.cells) if cell.id == name)


def test_right_answers_pass(path):
    report = work(path, REFERENCE)
    assert report.passed
    assert errors(report) == {}
    assert report.remarks == []
    text = str(report)
    assert "3 of 3 checks passed: 3 of 3 visible points." in text
    assert text.endswith("are judged by hidden tests.\n2 more points are read by a person.")
    assert re.search(r"ok +total-variation-visible +1 of 1", text)
    assert re.search(r"later +total-variation-hidden +\? of 3", text)
    assert re.search(r"later +one-bit-why +\? of 2", text)
    assert "2. One bit, and why (4 points)" in text


def test_the_untouched_notebook_is_not_answered(path):
    report = check(path, EXERCISES)
    assert not report.passed
    assert set(errors(report).values()) == {"not answered yet"}
    assert "0 of 3 checks passed: 0 of 3 visible points." in str(report)
    assert "more point" not in str(report)


def test_a_failed_check_says_why_and_the_others_count(path):
    half = {NAME: "def total_variation(p, q):\n    return abs(np.array(p) - np.array(q)).sum()"}
    report = work(path, REFERENCE, half)
    assert errors(report) == {
        "total-variation-visible": "disjoint distributions have distance 1, not 2: is the factor 1/2 there?"
    }
    assert not report.passed
    assert "2 of 3 checks passed: 2 of 3 visible points." in str(report)
    assert "is the factor 1/2 there?" in str(report)


def test_a_crash_says_where_it_arose(path):
    report = work(path, REFERENCE, {NAME: "def total_variation(p, q):\n    a = 1\n    return a / 0"})
    assert errors(report) == {
        "total-variation-visible": f"ZeroDivisionError: division by zero\nin line 3 of {NAME}"
    }


def test_the_stubs_line_is_pointed_out_with_its_function(path):
    two = "def other():\n    return 1\n\n\ndef total_variation(p, q):\n    raise NotImplementedError()"
    report = work(path, REFERENCE, {NAME: two})
    error = errors(report)["total-variation-visible"]
    assert "total_variation comes to raise NotImplementedError()" in error
    assert f"in line 6 of {NAME}" in error


def test_the_stubs_line_below_an_answer_is_pointed_out(path):
    report = work(path, REFERENCE, {NAME: "total_variation = 1\nraise NotImplementedError()"})
    assert "the cell comes to raise NotImplementedError()" in errors(report)[NAME]


def test_an_import_in_an_answer_is_remarked(path):
    report = work(path, REFERENCE, {NAME: "import numpy\n" + REFERENCE[NAME]})
    assert report.passed
    assert report.remarks == [f"The cell {NAME} imports; an answer uses what set-up cells import."]


def test_cells_without_ids_are_read_in_silence(path):
    text = json.loads(path.read_text(encoding="utf8"))
    for cell in text["cells"]:
        del cell["id"]
    path.write_text(json.dumps(text), encoding="utf8")
    assert check(path, EXERCISES).remarks == []


def test_an_answer_that_does_not_run_says_so(path):
    report = work(path, REFERENCE, {NAME: "def total_variation(p, q)\n    return 1"})
    assert errors(report)[NAME].startswith("SyntaxError: expected ':'")
    assert errors(report)["total-variation-visible"].startswith("NameError: name 'total_variation'")
    assert re.search(f"ERROR +{NAME}", str(report))


def test_cells_of_ones_own_run_in_their_place(path):
    def change(notebook):
        notebook.cells.insert(0, new_code_cell("%matplotlib inline\nhalf = 0.5"))
        notebook.cells.append(new_code_cell("raise KeyError('mine')"))
        notebook.cells.append(new_markdown_cell("a note"))

    own = {NAME: "def total_variation(p, q):\n    return half * abs(np.array(p) - np.array(q)).sum()"}
    report = work(path, REFERENCE, own, change=change)
    assert report.passed
    assert report.remarks == ["A cell of your own fails: KeyError: 'mine'\nin line 1 of a cell of your own."]


def test_an_edited_check_is_the_courses(path):
    report = work(path, REFERENCE, {NAME: "total_variation = None", "total-variation-visible": "pass"})
    assert set(errors(report)) == {"total-variation-visible"}
    assert report.remarks == ["The cell total-variation-visible was changed; the course's own was run."]


def test_an_edited_setup_is_the_courses(path):
    report = work(path, REFERENCE, {"homework-setup": "import numpy"})
    assert report.passed
    assert report.remarks == ["The cell homework-setup was changed; the course's own was run."]


@pytest.mark.parametrize("name", ["homework-setup", "total-variation-visible", "one-bit-bit"])
def test_a_deleted_locked_cell_is_put_back(path, name):
    report = work(path, REFERENCE, change=lambda notebook: notebook.cells.pop(place(notebook, name)))
    assert report.passed
    assert report.remarks == [f"The cell {name} is missing; the course's own was run."]


def test_cells_that_are_put_back_keep_their_order(tmp_path):
    cells = [
        module.Result(name, kind, "") for name, kind in [("a", "setup"), ("b", "setup"), ("c", "visible")]
    ]
    report = module.Report(tmp_path, "topic", cells)
    assert [cell.id for cell, _ in module._merge([("b", "code", "")], report)] == ["a", "b", "c"]
    assert [cell.id for cell, _ in module._merge([], report)] == ["a", "b", "c"]


def test_a_deleted_check_still_fails(path):
    wrong = {NAME: "def total_variation(p, q):\n    return 2"}
    report = work(
        path,
        REFERENCE,
        wrong,
        change=lambda notebook: notebook.cells.pop(place(notebook, "total-variation-visible")),
    )
    assert set(errors(report)) == {"total-variation-visible"}


def test_a_deleted_answer_is_told(path):
    report = work(path, REFERENCE, change=lambda notebook: notebook.cells.pop(place(notebook, NAME)))
    assert errors(report)["total-variation-visible"] == "not answered yet"
    assert report.remarks == [f"The cell {NAME} is missing; take it from a fresh copy."]


def test_of_a_doubled_cell_the_first_counts(path):
    def change(notebook):
        copy = nbformat.from_dict(
            notebook.cells[place(notebook, NAME)] | {"id": "copy", "source": "total_variation = 0"}
        )
        notebook.cells.insert(place(notebook, NAME) + 1, copy)

    report = work(path, REFERENCE, change=change)
    assert report.passed
    assert report.remarks == [f"The cell {NAME} stands twice; the first one counts."]


def test_an_answer_turned_into_text_is_told(path):
    def change(notebook):
        index = place(notebook, NAME)
        old = notebook.cells[index]
        notebook.cells[index] = new_markdown_cell(old.source, id=old.id, metadata=old.metadata)

    report = work(path, REFERENCE, change=change)
    assert report.remarks == [f"The cell {NAME} is no longer a code cell and was not run."]
    assert not report.passed


@pytest.fixture
def impatient(monkeypatch):
    """One second for a cell, but only for the one that never ends: others take as long as they need."""
    execute = module._execute

    def run(manager, client, source):
        monkeypatch.setattr(module, "SECONDS", 1 if "while True" in source else 60)
        return execute(manager, client, source)

    monkeypatch.setattr(module, "_execute", run)


def test_a_cell_that_does_not_end_is_interrupted(path, impatient):
    report = work(path, REFERENCE, {NAME: "while True: pass"})
    assert errors(report)[NAME] == "not finished after 1 s"
    assert "2 of 3 checks passed" in str(report)


def test_a_cell_that_ends_python_is_named(path):
    report = work(path, REFERENCE, {NAME: "import os; os._exit(1)"})
    assert errors(report)[NAME] == "Python stopped here"
    assert errors(report)["one-bit-sum"] == f"not run, because {NAME} stopped Python"
    assert "0 of 3 checks passed" in str(report)


def test_a_cell_that_cannot_be_interrupted(path, impatient, monkeypatch):
    monkeypatch.setattr(module, "PATIENCE", 0.5)
    deaf = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass"
    report = work(path, REFERENCE, {NAME: deaf})
    assert errors(report)[NAME] == "not finished after 1 s, and it could not be interrupted"
    assert errors(report)["one-bit-sum"] == f"not run, because {NAME} stopped Python"


def test_the_notebook_is_only_read(path):
    work(path, REFERENCE)
    before = path.read_bytes(), path.stat().st_mtime_ns
    check(path, EXERCISES)
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    assert [other.name for other in path.parent.iterdir()] == [path.name]


def test_files_beside_the_notebook_are_found(path):
    (path.parent / "answer.txt").write_text("[[0.5, 0], [0, 0.5]]")
    report = work(path, REFERENCE, {"one-bit-answer": "table = eval(open('answer.txt').read())"})
    assert report.passed


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"nbformat": 4, "nbformat_minor": 5}', "\x00"])
def test_a_file_that_is_no_notebook_is_an_error(tmp_path, content):
    (tmp_path / "a.ipynb").write_text(content)
    with pytest.raises(CourseError, match=r"a\.ipynb (is not a notebook|holds no cell)"):
        check(tmp_path / "a.ipynb", EXERCISES)


@pytest.mark.parametrize("cells", [[], [new_code_cell("1")]])
def test_another_notebook_is_an_error(tmp_path, cells):
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "a.ipynb")
    with pytest.raises(CourseError, match="holds no cell of this course's homework"):
        check(tmp_path / "a.ipynb", EXERCISES)


# ---- the command line


@pytest.fixture
def student(tmp_path, monkeypatch):
    monkeypatch.setattr(homework, "EXERCISES", EXERCISES)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_command_puts_and_opens_homework(student, monkeypatch, capsys):
    opened = []
    monkeypatch.setattr("ibcourse.course.lab.open_in_jupyterlab", lambda path: opened.append(path.name) or 0)
    assert cli.main(["homework", "01"]) == 0
    assert opened == ["01-sample.ipynb"]
    assert capsys.readouterr().out == "01-sample.ipynb: written\n"
    (student / "01-sample.ipynb").write_text("my work")
    assert cli.main(["homework", "1", "--no-open"]) == 0
    assert "01-sample-new.ipynb: the course's copy" in capsys.readouterr().out
    assert (student / "01-sample.ipynb").read_text() == "my work"


def test_the_command_lists_homework(student, capsys):
    assert cli.main(["homework"]) == 0
    assert capsys.readouterr().out.split(maxsplit=1) == ["01-sample", "Homework: a sample\n"]
    assert cli.main(["homework", "7"]) == 1
    assert "there is no homework '7'" in capsys.readouterr().err


def test_the_command_writes_the_source(student, capsys):
    assert cli.main(["homework", "1", "--source", "course"]) == 0
    assert (student / "course/source/01-sample/01-sample.ipynb").exists()
    assert [path.name for path in student.iterdir()] == ["course"]


def test_the_command_checks(student, capsys):
    cli.main(["homework", "1", "--no-open"])
    assert cli.main(["check", "01-sample.ipynb"]) == 1
    assert "0 of 3 checks passed" in capsys.readouterr().out
    work(student / "01-sample.ipynb", REFERENCE)
    assert cli.main(["check", "01-sample.ipynb"]) == 0
    assert "3 of 3 checks passed" in capsys.readouterr().out
    assert cli.main(["check", "02-none.ipynb"]) == 1
    assert "02-none.ipynb" in capsys.readouterr().err


def test_checks_need_nothing_that_only_the_course_needs(tmp_path):
    """What `pip install "ibcourse[labs]"` brings must do."""
    code = f"""
import sys
sys.modules |= dict.fromkeys(["nbgrader", "nbclient", "jupytext", "sphinx", "torch"])
from pathlib import Path
from ibcourse import cli
from ibcourse.course import homework
homework.EXERCISES = Path({str(EXERCISES)!r})
cli.main(["homework", "1", "--no-open"])
cli.main(["check", "01-sample.ipynb"])
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert "0 of 3 checks passed" in done.stdout, done.stderr
    assert done.stderr == ""
