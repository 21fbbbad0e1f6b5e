"""The homework's text becomes notebooks, faults are found with their lines, and answers are judged."""

import re
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import nbformat
import numpy as np
import pytest

from ibcourse.course import CourseError, answers, homework
from ibcourse.course.check import check
from ibcourse.course.homework import HomeworkError, load, names, release_notebook, source_notebook

ROOT = Path(__file__).parents[2]
SAMPLE = Path(__file__).parent / "homework" / "01-sample"
PROBLEM = """\
---
title: A number
points: 3
---
Give a number.

```{setup}
import math
bound = 2
```

```{answer}
:exports: number
number = None
### BEGIN SOLUTION
number = math.sqrt(bound)
### END SOLUTION
```

```{visible}
:points: 1
assert number is not None, "there is no number"
```

```{hidden}
:points: 2
assert number < rng.uniform(2, 3), "the number is too large"
```
"""


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "exercises" / "03-numbers"
    path.mkdir(parents=True)
    (path / "homework.md").write_text("---\ntitle: Numbers\n---\n")
    (path / "01-number.md").write_text(PROBLEM)
    return path


def sources(notebook):
    return {cell.metadata.nbgrader.grade_id: cell.source for cell in notebook.cells}


# ---- notebooks


def test_cells_are_what_nbgrader_wants(folder):
    wanted = {  # grade, locked, solution, points, type
        "homework-title": (False, True, False, None, "markdown"),
        "number-title": (False, True, False, None, "markdown"),
        "number-setup-text": (False, True, False, None, "markdown"),
        "number-setup": (False, True, False, None, "code"),
        "number-answer": (False, False, True, None, "code"),
        "number-visible": (True, True, False, 1, "code"),
        "number-hidden": (True, True, False, 2, "code"),
    }
    for notebook in (release_notebook(load(folder)), source_notebook(load(folder), "secret")):
        about = {cell.id: (cell.metadata.nbgrader, cell.cell_type) for cell in notebook.cells}
        assert {
            name: (data.grade, data.locked, data.solution, data.get("points"), kind)
            for name, (data, kind) in about.items()
        } == wanted
        assert all(name == data.grade_id for name, (data, _) in about.items())
        assert {data.schema_version for data, _ in about.values()} == {3}


def test_a_written_answer_has_its_own_cell():
    release, source = release_notebook(load(SAMPLE)), source_notebook(load(SAMPLE), "secret")
    (cell,) = (cell for cell in release.cells if cell.id == "one-bit-why")
    assert (cell.cell_type, cell.source) == ("markdown", "YOUR ANSWER HERE")
    assert cell.metadata.nbgrader | {"grade": True, "solution": True, "locked": False, "points": 2} == dict(
        cell.metadata.nbgrader
    )
    assert "editable" not in cell.metadata
    assert "two symbols" in sources(source)["one-bit-why"]
    assert sources(release)["one-bit-why-text"].startswith("Why can no table")


def test_the_release_has_stubs_and_no_hidden_test(folder):
    release = sources(release_notebook(load(folder)))
    assert release["number-answer"] == "number = None\n# YOUR CODE HERE\nraise NotImplementedError()"
    assert release["number-hidden"] == "# Hidden tests: 2 points."
    assert release["number-visible"] == 'assert number is not None, "there is no number"'


def test_a_stub_keeps_the_indentation():
    release = sources(release_notebook(load(SAMPLE)))
    assert release["total-variation-answer"].endswith(
        "\n    # YOUR CODE HERE\n    raise NotImplementedError()"
    )


def test_hidden_tests_draw_from_the_secret_and_their_own_name(folder):
    def drawn(secret, topic="03-numbers", name="hidden"):
        read = load(folder)
        cell = replace(read.problems[0].cells[-1], name=name, source="value = rng.random()")
        code = homework.with_rng(cell, topic, secret)
        assert secret not in code
        exec(code, space := {})
        return space["value"]

    assert drawn("autumn") == drawn("autumn")
    others = [drawn("spring"), drawn("autumn", topic="04"), drawn("autumn", name="rows")]
    assert len({drawn("autumn"), *others}) == 4


def test_the_secret_stands_in_no_notebook(folder):
    text = nbformat.writes(source_notebook(load(folder), "the-course-secret"))
    assert "the-course-secret" not in text
    assert "### BEGIN HIDDEN TESTS" in text


def test_the_text_is_exported():
    release = sources(release_notebook(load(SAMPLE)))
    assert r"\KL" not in release["homework-setup-text"]
    assert release["homework-title"] == "# Homework: a sample\n\n8 points."
    assert release["one-bit-title"] == "## 2. One bit, and why (4 points)"


def test_a_new_problem_before_it_changes_no_id(folder):
    before = set(sources(release_notebook(load(folder))))
    (folder / "00-other.md").write_text(PROBLEM.replace("number", "other").replace("bound", "limit"))
    after = set(sources(release_notebook(load(folder))))
    assert before < after


# ---- faults, each with its line


def fault(folder, old, new):
    text = PROBLEM.replace(old, new, 1)
    assert text != PROBLEM
    (folder / "01-number.md").write_text(text)
    with pytest.raises(HomeworkError) as error:
        load(folder)
    return str(error.value)


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("points: 3", "points: 4", 1, "the header has 4 points, the cells have 3"),
        ("points: 3\n", "", 1, "the header has no points"),
        ("points: 3", "points: three", 1, "`points: three`"),
        ("points: 3", "points: 3\npoint: 3", 1, "`point: 3`"),
        ("title: A number", "title: [", 1, "the header is not YAML"),
        ("---\ntitle", "title", 1, "does not begin with a header"),
        (":points: 1\n", "", 20, "the visible cell has no option; expected :points:"),
        (":points: 1", ":points: one", 21, "'one' points"),
        (":exports: number\n", "", 12, "the answer cell has no option; expected :exports:"),
        (":exports: number", ":exports:", 14, "exports nothing"),
        (":exports: number", ":exports: number, numbers", 14, "exports 'numbers' and does not bind it"),
        (":exports: number", ":exports: number, n\nn = 1", 14, "no test of the problem uses the export 'n'"),
        ("### BEGIN SOLUTION\n", "", 14, "does not stand between"),
        ("### END SOLUTION", "### END SOLUTION.", 14, "does not stand between"),
        ("number = None", "# BEGIN SOLUTION", 14, "does not stand on a line of its own"),
        ("number = math", "import math\nnumber = math", 16, "an answer cell imports"),
        ("math.sqrt(bound)", "np.sqrt(bound)", 16, "uses 'np', which neither it, nor a set-up cell"),
        ("assert number is", "assert np.size(number) and number is", 22, "uses 'np', which is neither"),
        ("assert number is", "assert rng and number is", 22, "uses 'rng'"),
        ("assert number is", "bound = 3\nassert number is", 22, "binds 'bound' again, a name of a set-up"),
        ("assert number is", "number = 1\nassert number is", 22, "binds 'number' again, a name of an answer"),
        ("assert number is", "[x for x in [number]]\nassert x is", 23, "uses 'x'"),
        ("bound = 2", "bound = number", 9, "the setup cell uses 'number'"),
        ('None, "there is no number"', "None", 22, "an assert has no message"),
        ('rng.uniform(2, 3), "the number is too large"', "rng.uniform(2, 3)", 27, "an assert has no message"),
        ("assert number is", "math.assert_close(number, 1)\nassert number is", 22, "assert_close has no"),
        ('assert number is not None, "there is no number"', "print(number)", 22, "checks nothing"),
        ("assert number is", "assert number  is (", 22, "not Python"),
        ("assert number is", "%matplotlib inline\nassert number is", 22, "not Python"),
        ("{hidden}", "{visible}", 27, "the id number-visible stands twice"),
        ("{hidden}", "{hidden} Two rows", 25, "the cell's name 'Two rows'"),
        ("{hidden}", "{secret}", 25, "{secret}"),
        ("{setup}", "{code-cell}", 5, "the text holds a code cell"),
        ("Give a number.", "Give a {glue}`number`.", 5, "the glued number 'number'"),
        ("bound = 2", "### BEGIN SOLUTION", 9, "a solution stands outside an answer cell"),
        ("bound = 2", "### BEGIN HIDDEN TESTS", 9, "the markers of hidden tests are the builder's"),
    ],
)  # fmt: skip
def test_a_fault_is_found_at_its_line(folder, old, new, line, words):
    message = fault(folder, old, new)
    assert words in message
    assert f"{folder / '01-number.md'}, line {line}: " in message


def test_all_faults_of_the_names_are_told_at_once(folder):
    message = fault(folder, '"there is no number"', "np.nan\nassert math.pi").splitlines()
    assert [re.sub(".*: ", "", line)[:20] for line in message] == [
        "the visible cell use",
        "an assert has no mes",
    ]


def test_a_problem_without_a_grade_is_a_fault(folder):
    text = PROBLEM[: PROBLEM.index("```{visible}")].replace("points: 3", "points: 0")
    (folder / "01-number.md").write_text(text)
    with pytest.raises(HomeworkError, match="no cell that is graded"):
        load(folder)


def test_two_problems_share_no_name(folder):
    (folder / "02-next.md").write_text(PROBLEM.replace("bound", "limit"))
    with pytest.raises(HomeworkError, match=r"02-next.md, line 14: the answer cell binds 'number' again"):
        load(folder)


def test_two_problems_may_import_alike(folder):
    (folder / "02-next.md").write_text(PROBLEM.replace("bound", "limit").replace("number", "next_number"))
    assert len(load(folder).problems) == 2


def test_an_answer_of_another_problem_is_unknown(folder):
    text = PROBLEM.replace("bound", "limit").replace("number", "other")
    (folder / "02-other.md").write_text(text.replace("other <", "number <"))
    with pytest.raises(HomeworkError, match="uses 'number', which is neither"):
        load(folder)


def test_file_names_are_ids(folder):
    (folder / "01-number.md").rename(folder / "Number.md")
    with pytest.raises(HomeworkError, match=r"not named NN-problem\.md"):
        load(folder)


def test_a_folder_without_homework_is_an_error(tmp_path):
    with pytest.raises(HomeworkError, match=r"homework\.md is missing"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("code", "free", "bound"),
    [
        ("y = [f(x) for x in data]", "f data", "y"),
        ("y = {k: v for k, v in data.items() if k != z}", "data z", "y"),
        ("y = [[a for a in b] for b in c]", "c", "y"),
        ("def f(x, *rest, k=d, **more):\n    y = x\n    return g(y, rest, more, k)", "d g", "f"),
        ("h = lambda x: x + w", "w", "h"),
        ("class A(B):\n    a = 1\n    b = a\n    def m(self): return a", "B a", "A"),
        ("class A:\n    a = 1\n    b = a", "", "A"),
        ("import a.b\nfrom c import d as e", "", "a e"),
        ("with open(p) as f, g() as (h, i): pass", "p g", "f h i"),
        ("try:\n    pass\nexcept E as e:\n    pass", "E", "e"),
        ("for i in range(3): pass", "", "i"),
        ("if (n := m) > 1: pass", "m", "n"),
        ("def f():\n    global g\n    g = 1", "", "f g"),
        ("def f():\n    x = 1\n    def g():\n        nonlocal x\n        x = y\n    return g", "y", "f"),
        ("x: int = 1", "", "x"),
        ("del x", "", "x"),
        ("match v:\n    case [a, *b]: pass\n    case {'k': c}: pass", "v", "a b c"),
        ('s = f"{a!r:{b}}"', "a b", "s"),
        ("@d\ndef f(x: T) -> T: return x", "d T", "f"),
        ("print(len([1]))", "", ""),
    ],
)
def test_names_of_all_scopes(code, free, bound):
    found = names(code)
    assert set(found[0]) == set(free.split())
    assert set(found[1]) == set(bound.split())


def test_names_know_their_lines():
    assert names("x = 1\ny = [z\n     for z in w]") == ({"w": 3}, {"x": 1, "y": 2})


# ---- answers


@pytest.fixture
def sample(tmp_path):
    skip = shutil.ignore_patterns("*-endless.py")
    return shutil.copytree(SAMPLE, tmp_path / "01-sample", ignore=skip)


def verdicts(folder, seconds=10.0):
    read = load(folder)
    return [
        found
        for answer in answers.answers(read, folder)
        if (found := answers.verdict(read, answer, "s", seconds))
    ]


def edit(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_the_sample_is_sound(sample):
    assert verdicts(sample) == []
    read = load(sample)
    assert answers.shortfalls(read, answers.answers(read, sample)) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        ("01-total-variation.md", "difference.sum() / 2", "difference.sum()", "reference of total-variation"),
        ("wrong/total-variation-half.py", "[visible, hidden]", "[hidden]", "visible fails:"),
        ("wrong/total-variation-largest.py", "[hidden]", "[visible, hidden]", "visible passes"),
        ("wrong/total-variation-largest.py", ".max()", ".sum() / 2", "hidden passes"),
        ("right/total-variation-loop.py", "total / 2", "total", "hidden fails"),
        ("right/total-variation-loop.py", "total / 2", "object()", "a object is not plain data"),
        ("right/total-variation-loop.py", "total / 2", "1 / 0", "total_variation raised Zero"),
        ("02-one-bit.md", "np.isclose(np.sum(table), 1)", "(lambda: True)()", "blank one-bit: one-bit-sum"),
        ("wrong/one-bit-sum.py", "[sum]", "[sum, bit]", "one-bit-bit passes"),
    ],
)  # fmt: skip
def test_a_wrong_mark_is_found(sample, file, old, new, words):
    edit(sample / file, old, new)
    assert any(words in verdict for verdict in verdicts(sample)), verdicts(sample)


def test_a_wrong_answer_fails_by_a_message(sample):
    (sample / "wrong/one-bit-sum.py").write_text(
        '"""\nproblem: one-bit\nwhat: Words.\nloses: [sum, bit]\n"""\ntable = "none"\n'
    )
    (found,) = verdicts(sample)
    assert re.match(r"wrong/one-bit-sum.py: one-bit-\w+ stops with \w+: .* in place of a message", found)


def test_a_test_may_pass_no_function_to_an_answer(sample):
    edit(
        sample / "01-total-variation.md",
        "value = total_variation([1, 0]",
        "value = total_variation(lambda: 0",
    )
    assert any("TypeError: a function is not plain data" in verdict for verdict in verdicts(sample))


def test_answers_cannot_change_what_tests_hold(sample):
    edit(sample / "right/total-variation-minimum.py", "return 1 -", "p *= 0\n    return 1 -")
    edit(sample / "right/total-variation-minimum.py", "np.minimum(p, q)", "np.minimum(np.asarray(p), q)")
    (verdict,) = verdicts(sample)
    assert "right/total-variation-minimum.py" in verdict  # its own mistake, not the expected value's


@pytest.mark.parametrize(
    "loop", ["while True: pass", "while True:\n    try: f()\n    except Exception: pass"]
)
def test_an_answer_that_does_not_end_is_stopped(sample, loop):
    (sample / "wrong" / "loop.py").write_text(
        f'"""\nproblem: one-bit\nwhat: Loops.\nloses: [sum, bit]\n"""\n{loop}\n'
    )
    assert [verdict.partition(" ")[0] for verdict in verdicts(sample, 1)] == ["wrong/loop.py:"]  # NameError
    (sample / "wrong" / "loop.py").write_text(
        '"""\nproblem: total-variation\nwhat: Loops.\nloses: [visible, hidden]\n"""\n'
        "def total_variation(p, q):\n    " + loop.replace("\n", "\n    ")
    )
    assert verdicts(sample, 1) == []


def test_answers_do_not_meet(sample):
    """Each starts from a fresh namespace, so that a helper of one does not save another."""
    edit(sample / "right/total-variation-minimum.py", "def overlap", "def overlap2")
    assert [verdict.split(":")[0] for verdict in verdicts(sample)] == ["right/total-variation-minimum.py"]


@pytest.mark.parametrize(
    ("files", "words"),
    [
        (
            ["wrong/one-bit-sum.py"],
            ["one-bit has 2 of at least 3 wrong", "no wrong answer fails one-bit-sum"],
        ),
        (["right/one-bit-array.py"], ["one-bit has 1 of at least 2 right"]),
        (["wrong"], ["total-variation has 0 of", "no wrong answer fails total-variation-visible"]),
        (
            ["right", "wrong"],
            ["total-variation has 0 of at least 2 right", "one-bit has 0 of at least 3 wrong"],
        ),
    ],
)
def test_missing_answers_are_told(sample, files, words):
    for name in files:
        shutil.rmtree(sample / name) if (sample / name).is_dir() else (sample / name).unlink()
    found = answers.check_answers(sample, "s")
    assert all(any(word in line for line in found) for word in words), found


def test_the_same_answer_twice_is_one(sample):
    text = (sample / "right/one-bit-swapped.py").read_text()
    (sample / "right/one-bit-array.py").write_text(text.replace("table = ", "# again\ntable =  "))
    assert any("is the same as" in line for line in answers.check_answers(sample, "s"))
    (sample / "right/one-bit-array.py").write_text(
        text.replace("[[0, 0.5], [0.5, 0]]", "[[0.5, 0], [0, 0.5]]")
    )
    # the stub's `table = None` above it makes the reference another text; its function would be found
    edit(sample / "02-one-bit.md", "table = None\n", "")
    assert any("the same as reference of one-bit" in line for line in answers.check_answers(sample, "s"))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("problem: one-bit", "problem: two-bits", "there is no problem 'two-bits'; there are total"),
        ("loses: [sum]", "loses: [sums]", "does not name tests of the problem: bit, sum"),
        ("loses: [sum]", "loses: []", "does not name tests"),
        ("loses: [sum]", "", "does not begin with a docstring of loses, problem, what"),
        ('"""\nproblem', '"""\n[problem', "is not Python with a header in YAML"),
        ("table =", "table = =", "is not Python"),
        ("what:", "cell: other\nwhat:", "`cell:` does not name one answer cell of one-bit"),
    ],
)  # fmt: skip
def test_a_header_of_an_answer_that_is_not_understood(sample, old, new, words):
    edit(sample / "wrong/one-bit-sum.py", old, new)
    with pytest.raises(HomeworkError, match=re.escape(words)):
        answers.answers(load(sample), sample)


def test_one_of_several_answer_cells_is_replaced(folder):
    solution = "### BEGIN SOLUTION\nmore = number + 1\n### END SOLUTION"
    second = f"```{{answer}} more\n:exports: more\n{solution}\n```\n\n```{{visible}}"
    text = PROBLEM.replace("```{visible}", second, 1).replace(
        "assert number is", "assert more > 2 and number is"
    )
    (folder / "01-number.md").write_text(text)
    (folder / "wrong").mkdir()
    (folder / "wrong" / "less.py").write_text(
        '"""\nproblem: number\ncell: more\nwhat: Less.\nloses: [visible]\n"""\nmore = number - 1\n'
    )
    assert verdicts(folder) == []


@pytest.mark.parametrize(
    "value", [None, 1, 2.5, 1j, "a", True, [1, (2, {"a": np.ones(2)})], np.float32(1), np.eye(2)]
)
def test_plain_data_is_copied(value):
    assert str(answers.plain(value)) == str(value)


@pytest.mark.parametrize(
    "value",
    [
        object(),
        len,
        iter([]),
        {1},
        np.array([None]),
        np.array(["a"]),
        [len],
        {"a": len},
        type("L", (list,), {})(),
    ],
)
def test_other_data_is_not_plain(value):
    with pytest.raises(TypeError, match="is not plain data"):
        answers.plain(value)


def test_copies_share_nothing():
    value = {"a": [np.zeros(2)]}
    answers.plain(value)["a"][0][0] = 1
    assert value["a"][0][0] == 0


# ---- what must not be seen


@pytest.mark.parametrize("part", ["stub", "_hidden", "TEXT_STUB"])
def test_a_release_that_leaks_is_found(monkeypatch, part):
    """Three mutants of the builder: solutions, hidden tests and written answers stay."""
    read = load(SAMPLE)
    if part == "TEXT_STUB":
        monkeypatch.setattr(homework, part, "$I(X;Y) \\le H(X) \\le \\ln 2$ for two symbols.")
    else:
        monkeypatch.setattr(homework, part, lambda cell: cell.source)
    assert answers.leaks(read, [cell.source for cell in release_notebook(read).cells])
    assert answers.leaks(read, [nbformat.writes(release_notebook(read))])


def test_a_release_is_clean_as_a_file():
    read = load(SAMPLE)
    assert answers.leaks(read, [nbformat.writes(release_notebook(read))]) == []
    assert len(answers.leaks(read, [nbformat.writes(source_notebook(read, "s"))])) >= 6


@pytest.mark.parametrize("indent", ["", "    "])
def test_a_page_that_prints_a_solution_is_found(indent):
    lines = ["difference = np.abs( np.asarray(p) - np.asarray(q) )", "return difference.sum()/2  # half"]
    page = "Text.\n\n```python\n" + "\n".join(indent + line for line in lines) + "\n```\n"
    assert answers.printed(load(SAMPLE), page) == ["total-variation-answer"]
    assert answers.printed(load(SAMPLE), page.replace("difference", "d")) == []
    assert answers.printed(load(SAMPLE), "We know $I(X;Y) \\le H(X) \\le \\ln 2$ for two symbols.") == [
        "one-bit-why"
    ]


# ---- on the student's disk


@pytest.fixture
def exercises(folder, monkeypatch):
    monkeypatch.setattr(homework, "EXERCISES", folder.parent)
    return folder.parent


@pytest.mark.parametrize("name", ["3", "03", "numbers", "03-numbers"])
def test_homework_is_put_under_its_name(exercises, tmp_path, name):
    done = homework.put_homework(name, tmp_path)
    assert done.path == tmp_path / "03-numbers.ipynb"
    assert "number-answer" in sources(nbformat.read(done.path, as_version=4))


def test_unknown_homework_lists_what_there_is(exercises):
    with pytest.raises(CourseError, match=r"no homework '7'.*\n  03-numbers +Numbers"):
        homework.find("7")


def test_work_is_kept(exercises, tmp_path):
    path = homework.put_homework("3", tmp_path).path
    edit(path, "YOUR CODE HERE", "my work")
    text = path.read_text()
    assert homework.put_homework("3", tmp_path).fresh.name == "03-numbers-new.ipynb"
    assert path.read_text() == text


def test_release_notebooks_serve_where_there_is_no_text(exercises, tmp_path):
    release = homework.notebook("03-numbers")
    installed = tmp_path / "installed"
    installed.mkdir()
    nbformat.write(release, installed / "03-numbers.ipynb")
    assert homework.homeworks(installed) == {"03-numbers": "Numbers"}
    assert homework.notebook("03-numbers", installed) == release
    path = homework.put_homework("3", tmp_path, installed).path
    assert "0 of 1 checks passed" in str(check(path, installed))
    with pytest.raises(CourseError, match="use a checkout"):
        homework.write_source("3", tmp_path / "course", installed)


def test_the_source_is_written_with_the_courses_secret(exercises, tmp_path):
    course = tmp_path / "course"
    path = homework.write_source("3", course)
    assert path == course / "source" / "03-numbers" / "03-numbers.ipynb"
    secret = (course / "secret.txt").read_text().strip()
    assert len(secret) == 64
    assert (course / "secret.txt").stat().st_mode & 0o077 == 0
    text = path.read_text()
    homework.write_source("3", course)
    assert path.read_text() == text
    assert secret not in text
    homework.write_source("3", tmp_path / "other")
    assert (tmp_path / "other/source/03-numbers/03-numbers.ipynb").read_text() != text
    (course / "secret.txt").write_text("\n")
    with pytest.raises(CourseError, match=r"secret\.txt is empty"):
        homework.write_source("3", course)


# ---- packages


@pytest.mark.parametrize("kind", ["wheel", "sdist", "wheel from sdist"])
def test_a_package_has_releases_and_no_solutions(tmp_path, kind):
    copy = tmp_path / "copy"
    skip = shutil.ignore_patterns("__pycache__")
    copy.mkdir()
    for name in ("ibcourse", "chapters"):
        shutil.copytree(ROOT / name, copy / name, ignore=skip)
    for name in ("pyproject.toml", "hatch_build.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy)
    shutil.copytree(SAMPLE, copy / "exercises" / "01-sample")

    def build(target, place):
        command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(tmp_path / "dist")]
        subprocess.run(command, cwd=place, check=True, capture_output=True, text=True)

    build(kind.split()[-1], copy)
    if kind != "wheel":
        (archive,) = (tmp_path / "dist").glob("*.tar.gz")
        shutil.unpack_archive(archive, tmp_path / "unpacked", filter="data")
        (unpacked,) = (tmp_path / "unpacked").iterdir()
        if kind == "wheel from sdist":
            build("wheel", unpacked)
    if kind != "sdist":
        (archive,) = (tmp_path / "dist").glob("*.whl")
        unpacked = tmp_path / "wheel"
        zipfile.ZipFile(archive).extractall(unpacked)
    files = [path for path in unpacked.rglob("*") if path.is_file()]
    packed = [path for path in files if path.suffix == ".ipynb"]
    assert [path.relative_to(unpacked).as_posix() for path in packed] == [
        "ibcourse/course/exercises/01-sample.ipynb"
    ]
    read = load(SAMPLE)
    assert nbformat.read(packed[0], as_version=4) == release_notebook(read)
    assert answers.leaks(read, [path.read_text(encoding="utf8", errors="replace") for path in files]) == []
    assert not [path for path in files if {"wrong", "right", "secret.txt"} & set(path.parts)]
