r"""Homework: readable text on the instructor's side, notebooks on the student's and the grader's.

``exercises/NN-topic/`` holds one file for the homework as a whole and one for each problem;
``exercises/README.md`` says how they are written.  `load` reads and checks them, `release_notebook` makes
what a student gets, and `source_notebook` what nbgrader takes, with solutions and hidden tests.

A grader may run tests outside the student's process.  So `load` holds authors to what such a grader needs: a
test knows only names of its own, names of locked set-up cells, and names that an answer cell exports.
"""

import ast
import builtins
import dis
import hmac
import re
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import CodeType
from typing import Any, NoReturn

import nbformat
import yaml
from markdown_it import MarkdownIt
from mdit_py_plugins.front_matter import front_matter_plugin

from ibcourse.course import CourseError, choose_topic, list_topics
from ibcourse.course.files import Put, put, write
from ibcourse.course.notebook import ExportError, export

_PACKAGE = Path(__file__).parents[1]
#: In an installed package, release notebooks inside it; in a checkout, the texts beside it.
EXERCISES = _PACKAGE / "course" / "exercises"
if not EXERCISES.is_dir():
    EXERCISES = _PACKAGE.parent / "exercises"

#: The kinds of cell, and the one option that each of them takes and needs.
OPTIONS = {"setup": None, "answer": "exports", "visible": "points", "hidden": "points", "written": "points"}
TESTS = {"visible", "hidden"}
MARKDOWN = {"title", "text", "written"}
STUDENTS = {"answer", "written"}  # the cells that a student fills in
CODE_STUB = "# YOUR CODE HERE\nraise NotImplementedError()"  # both stubs are nbgrader's own
TEXT_STUB = "YOUR ANSWER HERE"


class HomeworkError(CourseError):
    """Faults of a homework's text, one a line, each with its file and line."""


@dataclass(frozen=True)
class Cell:
    """A cell as its author wrote it; cells of text hold finished Markdown.

    Its source begins in the file ``path`` at ``line``.  Before the problems, ``problem`` is empty.
    """

    problem: str
    name: str
    kind: str
    source: str
    path: Path
    line: int
    points: int = 0
    exports: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The ``grade_id`` of nbgrader."""
        return f"{self.problem or 'homework'}-{self.name}"

    @property
    def graded(self) -> bool:
        return self.kind in TESTS or self.kind == "written"


@dataclass(frozen=True)
class Problem:
    """A problem: ``id`` is the name of its file without the number, ``points`` the sum of its cells'."""

    id: str
    path: Path
    title: str
    points: int
    sources: tuple[str, ...]
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Homework:
    """A topic's homework; ``cells`` stand before the problems."""

    topic: str
    path: Path
    title: str
    cells: tuple[Cell, ...]
    problems: tuple[Problem, ...]

    @property
    def points(self) -> int:
        return sum(problem.points for problem in self.problems)


# ------------------------------------------------------------------------------------------------------------
# Reading


def load(folder: Path) -> Homework:
    """Read the homework of a topic, and check all that can be checked without running it.

    Parameters
    ----------
    folder : pathlib.Path
        ``exercises/NN-topic``.

    Returns
    -------
    Homework
        The problems in the order of their files.

    Raises
    ------
    HomeworkError
        With every fault, its file and its line: a header or an option that is missing or unknown, points that
        do not add up, an id or a name that stands twice, code that does not parse, an import in an answer
        cell, an answer cell without markers or exports, an export that no test uses, a test that checks
        nothing, that has no message, or that uses a name it cannot know.
    """
    main = folder / "homework.md"
    if not main.is_file():
        raise HomeworkError(f"{main} is missing: it holds the title of the homework and its set-up cells")
    header, cells = _read(main, "")
    problems = []
    for path in sorted(folder.glob("*.md")):
        if path != main:
            number, _, problem = path.stem.partition("-")
            if not number.isdigit() or not re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", problem):
                raise HomeworkError(f"{path} is not named NN-problem.md, in small letters")
            about, own = _read(path, problem)
            sources = tuple(about.get("sources", ()))
            problems.append(Problem(problem, path, about["title"], about["points"], sources, tuple(own)))
    homework = Homework(folder.name, main, header["title"], tuple(cells), tuple(problems))
    if faults := list(_faults(homework)):
        raise HomeworkError("\n".join(faults))
    return homework


def _read(path: Path, problem: str) -> tuple[dict[str, Any], list[Cell]]:
    """The header of a file and its cells."""
    text = path.read_text(encoding="utf8")
    lines = text.split("\n")
    header: dict[str, Any] = {}
    cells: list[Cell] = []
    start = 0

    def add_text(end: int, following: str) -> None:
        # the lines above are kept as empty ones, so that errors of the export count lines as the file does
        source = "\n" * start + "\n".join(lines[start:end])
        if not source.strip():
            return
        try:
            converted = export(source, glued={}).cells
        except ExportError as error:
            raise HomeworkError(f"{path}, {error}") from error
        if any(cell.cell_type == "code" for cell in converted):
            raise HomeworkError(f"{path}, line {start + 1}: the text holds a code cell; write ```{{setup}}")
        markdown = "\n\n".join(cell.source for cell in converted)
        if markdown:
            cells.append(Cell(problem, f"{following}-text", "text", markdown, path, start + 1))

    for token in MarkdownIt("commonmark").use(front_matter_plugin).parse(text):
        if token.type == "front_matter" and token.map:
            header = _header(token.content, path, problem)
            start = token.map[1]
        opening = re.fullmatch(r"\{(\w+)\}\s*(.*)", token.info.strip()) if token.type == "fence" else None
        if opening and opening[1] in OPTIONS and not token.level and token.map:
            cell = _cell(opening[1], opening[2] or opening[1], token.content, path, token.map[0] + 1, problem)
            add_text(token.map[0], cell.name)
            cells.append(cell)
            start = token.map[1]
    if not header:
        _fail(path, 1, "the file does not begin with a header between two lines ---")
    add_text(len(lines), "end")
    return header, cells


def _header(content: str, path: Path, problem: str) -> dict[str, Any]:
    try:
        header = yaml.safe_load(content)
    except yaml.YAMLError as error:
        raise HomeworkError(f"{path}, line 1: the header is not YAML: {error}") from error
    wanted: dict[str, type] = {"title": str} | ({"points": int} if problem else {})
    known = wanted | ({"sources": list} if problem else {})
    if not isinstance(header, dict):
        _fail(path, 1, "the header is not of the form `key: value`")
    for key, value in header.items():
        if not isinstance(value, known.get(key, ())):
            _fail(path, 1, f"the header has `{key}: {value}`; expected {', '.join(known)}")
    for key in wanted:
        if key not in header:
            _fail(path, 1, f"the header has no {key}")
    return header


def _cell(kind: str, name: str, content: str, path: Path, line: int, problem: str) -> Cell:
    """The cell whose fence opens on a line."""
    if not re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", name) or len(f"{problem}-{name}") > 50:
        _fail(path, line, f"the cell's name {name!r} is long, or not of small letters, digits and hyphens")
    body = content.rstrip("\n").split("\n")
    options = {}
    while body and (option := re.fullmatch(r":(\w+):\s*(.*?)\s*", body[0])):
        options[option[1]] = option[2]
        body.pop(0)
        line += 1
    needed = OPTIONS[kind]
    if set(options) != ({needed} if needed else set()):
        given = ", ".join(f":{option}:" for option in options) or "no option"
        _fail(path, line, f"the {kind} cell has {given}; expected {f':{needed}:' if needed else 'none'}")
    points = options.get("points", "0")
    if not points.isdigit():
        _fail(path, line, f"the {kind} cell has {points!r} points; expected a whole number")
    exports = tuple(re.split(r"[,\s]+", options["exports"])) if options.get("exports") else ()
    source = "\n".join(body).strip("\n")
    line += 1 + len(body) - len("\n".join(body).lstrip("\n").split("\n"))
    return Cell(problem, name, kind, source, path, line, int(points), exports)


def _fail(path: Path, line: int, message: str) -> NoReturn:
    raise HomeworkError(f"{path}, line {line}: {message}.")


# ------------------------------------------------------------------------------------------------------------
# Names in code

_READS = {"LOAD_NAME", "LOAD_GLOBAL", "LOAD_FROM_DICT_OR_GLOBALS"}
_BINDS = {"STORE_NAME", "DELETE_NAME", "STORE_GLOBAL", "DELETE_GLOBAL"}


def names(code: str) -> tuple[dict[str, int], dict[str, int]]:
    """The global names that a piece of code reads but does not bind, and those that it binds.

    The compiler has resolved all scopes already, those of comprehensions, functions and classes among them,
    so its instructions are read.

    Parameters
    ----------
    code : str
        A module's source.

    Returns
    -------
    free, bound : dict of str to int
        The line, from 1, where each name is first read or bound.  Built-in names are left out of `free`.

    Raises
    ------
    SyntaxError
        If the code does not compile.

    Examples
    --------
    >>> names("total = sum(x for x in data)")
    ({'data': 1}, {'total': 1})
    """
    read: dict[str, int] = {}
    bound: dict[str, int] = {}

    def scan(body: CodeType, top: bool) -> None:
        own: set[str] = set()  # what a class binds in itself
        for instruction in dis.get_instructions(body):
            operation, name = instruction.opname, str(instruction.argval)
            line = (instruction.positions and instruction.positions.lineno) or 1
            if operation in ("STORE_NAME", "DELETE_NAME") and not top:
                own.add(name)
            elif operation in _BINDS:
                bound.setdefault(name, line)
            elif operation in _READS and name not in own:
                read.setdefault(name, line)
        for constant in body.co_consts:
            if isinstance(constant, CodeType):
                scan(constant, top=False)

    scan(compile(code, "<cell>", "exec", dont_inherit=True), top=True)
    known = {*dir(builtins), "__annotations__"}
    return {name: line for name, line in read.items() if name not in bound and name not in known}, bound


def imports(code: str) -> dict[str, str]:
    """What each name stands for that the code imports.

    Examples
    --------
    >>> imports("import numpy as np")
    {'np': 'import numpy as np'}
    """
    return {
        alias.asname or alias.name.split(".")[0]: ast.unparse(type(node)(**(vars(node) | {"names": [alias]})))
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }


# ------------------------------------------------------------------------------------------------------------
# Checks


def _faults(homework: Homework) -> Iterator[str]:
    """What is wrong with a homework, in words."""
    seen = set()
    broken = False
    for cell in _all_cells(homework):
        if cell.id in seen:
            yield _at(cell, f"the id {cell.id} stands twice; give the cell a name, as in ```{{hidden}} rows")
        seen.add(cell.id)
        if cell.kind not in MARKDOWN:
            try:
                names(cell.source)
            except SyntaxError as error:
                broken = True
                yield _at(cell, f"the cell is not Python: {error.msg}", error.lineno or 1)
        yield from _marker_faults(cell)
    for problem in homework.problems:
        total = sum(cell.points for cell in problem.cells)
        if total != problem.points:
            yield f"{problem.path}, line 1: the header has {problem.points} points, the cells have {total}."
        if not any(cell.graded for cell in problem.cells):
            yield f"{problem.path}, line 1: the problem has no cell that is graded."
    for cell in homework.cells:
        if cell.kind not in ("title", "text", "setup"):
            yield _at(cell, f"a {cell.kind} cell belongs in a problem's file")
    if not broken:
        yield from _name_faults(homework)


def _marker_faults(cell: Cell) -> Iterator[str]:
    for line, text in enumerate(cell.source.split("\n"), 1):
        if re.search("(BEGIN|END) HIDDEN TESTS", text):
            yield _at(cell, "the markers of hidden tests are the builder's: write a {hidden} cell", line)
        if cell.kind != "answer" and re.search("(BEGIN|END) SOLUTION", text):
            yield _at(cell, "a solution stands outside an answer cell", line)
    markers = re.findall(r"^[ \t]*### (BEGIN|END) SOLUTION$", cell.source, re.MULTILINE)
    if cell.kind == "answer" and (not markers or markers != ["BEGIN", "END"] * (len(markers) // 2)):
        yield _at(cell, "the solution does not stand between ### BEGIN SOLUTION and ### END SOLUTION")
    elif cell.kind == "answer" and len(re.findall("(?:BEGIN|END) SOLUTION", cell.source)) != len(markers):
        yield _at(cell, "a marker of the solution does not stand on a line of its own, as ### BEGIN SOLUTION")


def _name_faults(homework: Homework) -> Iterator[str]:
    """Names without an owner, names with two, and tests that check nothing or say nothing."""
    shared: dict[str, str] = {}  # names of set-up cells, and the import that each stands for, if any
    taken: set[str] = set()  # names that answers export
    for cells in [homework.cells, *(problem.cells for problem in homework.problems)]:
        exported: set[str] = set()
        tested: set[str] = set()
        for cell in cells:
            if cell.kind in MARKDOWN:
                continue
            free, bound = names(cell.source)
            known = shared.keys() | ({"rng"} if cell.kind == "hidden" else ())
            if cell.kind != "setup":
                known |= exported
            for name in sorted(free.keys() - known, key=free.__getitem__):
                yield _at(cell, f"the {cell.kind} cell uses {name!r}, which {_ORIGIN[cell.kind]}", free[name])
            own = imports(cell.source) if cell.kind == "setup" else {}
            for name, line in bound.items():
                if name in taken or (name in shared and not own.get(name, "") == shared[name] != ""):
                    owner = "an answer" if name in taken else "a set-up cell"
                    yield _at(cell, f"the {cell.kind} cell binds {name!r} again, a name of {owner}", line)
            if cell.kind == "setup":
                shared |= {name: own.get(name, "") for name in bound}
            elif cell.kind == "answer":
                yield from _answer_faults(cell, bound)
                exported |= set(cell.exports)
                taken |= set(cell.exports)
            else:
                tested |= free.keys()
                yield from _message_faults(cell)
        for cell in cells:
            for name in sorted(set(cell.exports) - tested):
                yield _at(cell, f"no test of the problem uses the export {name!r}")


_ORIGIN = {
    "setup": "neither it nor an earlier set-up cell binds",
    "answer": "neither it, nor a set-up cell, nor an earlier export of the problem binds",
    "visible": "is neither its own, nor of a set-up cell, nor exported by an earlier answer of the problem",
    "hidden": "is neither its own, nor of a set-up cell, nor exported by an earlier answer of the problem",
}


def _answer_faults(cell: Cell, bound: dict[str, int]) -> Iterator[str]:
    for node in ast.walk(ast.parse(cell.source)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield _at(cell, "an answer cell imports; imports stand in a set-up cell", node.lineno)
    if not cell.exports:
        yield _at(cell, "the answer cell exports nothing; name what the tests use, as in :exports: f, g")
    for name in cell.exports:
        if name not in bound:
            yield _at(cell, f"the answer cell exports {name!r} and does not bind it")


def _message_faults(cell: Cell) -> Iterator[str]:
    """A test has something to fail with, and says in words what is wrong."""
    checks = 0
    for node in ast.walk(ast.parse(cell.source)):
        if isinstance(node, ast.Assert):
            checks += 1
            if node.msg is None:
                yield _at(cell, "an assert has no message", node.lineno)
        elif isinstance(node, ast.Raise):
            checks += 1
        elif isinstance(node, ast.Call):
            called = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if called.startswith("assert_"):
                checks += 1
                if not any(keyword.arg == "err_msg" for keyword in node.keywords):
                    yield _at(cell, f"{called} has no message; give it err_msg=", node.lineno)
    if not checks:
        yield _at(cell, f"the {cell.kind} cell checks nothing")


def _at(cell: Cell, message: str, line: int = 1) -> str:
    return f"{cell.path}, line {cell.line + line - 1}: {message}."


# ------------------------------------------------------------------------------------------------------------
# Notebooks


def release_notebook(homework: Homework) -> nbformat.NotebookNode:
    """What a student gets: no solution, no hidden test, nothing that the course's secret enters."""
    return _notebook(homework, [_released(cell) for cell in _all_cells(homework)])


def source_notebook(homework: Homework, secret: str) -> nbformat.NotebookNode:
    """What ``nbgrader generate_assignment`` takes, with solutions and hidden tests.

    Each hidden test has a generator ``rng``, seeded with a hash of the secret and the cell's id.  The secret
    itself stands nowhere in the notebook.

    Parameters
    ----------
    homework : Homework
        From `load`.
    secret : str
        The course's secret: who knows it and the text knows the instances of the hidden tests.
    """
    return _notebook(homework, [_sourced(cell, homework, secret) for cell in _all_cells(homework)])


def with_rng(cell: Cell, topic: str, secret: str) -> str:
    """The code of a test; of a hidden one with the lines that make its generator."""
    if cell.kind != "hidden":
        return cell.source
    digest = hmac.digest(secret.encode(), f"{topic}/{cell.id}".encode(), "sha256")
    seed = int.from_bytes(digest[:16], "big")
    return f"from numpy.random import default_rng\nrng = default_rng({seed:#034x})\n{cell.source}"


def stub(cell: Cell) -> str:
    """An answer cell as a student gets it."""
    region = r"^([ \t]*)### BEGIN SOLUTION\n.*?^[ \t]*### END SOLUTION$"

    def replace(found: re.Match[str]) -> str:
        return "\n".join(found[1] + line for line in CODE_STUB.split("\n"))

    return re.sub(region, replace, cell.source, flags=re.MULTILINE | re.DOTALL)


def _all_cells(homework: Homework) -> list[Cell]:
    """The cells of the notebook in order, with a heading before each problem."""
    title = f"# {homework.title}\n\n{_points(homework.points)}."
    cells = [Cell("", "title", "title", title, homework.path, 1), *homework.cells]
    for number, problem in enumerate(homework.problems, 1):
        title = f"## {number}. {problem.title} ({_points(problem.points)})"
        cells += [Cell(problem.id, "title", "title", title, problem.path, 1), *problem.cells]
    return cells


def _points(points: int) -> str:
    return f"{points} point{'' if points == 1 else 's'}"


def _released(cell: Cell) -> nbformat.NotebookNode:
    match cell.kind:
        case "answer":
            return _new_cell(cell, stub(cell))
        case "hidden":
            return _new_cell(cell, _hidden(cell))
        case "written":
            return _new_cell(cell, TEXT_STUB)
    return _new_cell(cell, cell.source)


def _sourced(cell: Cell, homework: Homework, secret: str) -> nbformat.NotebookNode:
    source = cell.source
    if cell.kind == "hidden":
        code = with_rng(cell, homework.topic, secret)
        source = f"{_hidden(cell)}\n### BEGIN HIDDEN TESTS\n{code}\n### END HIDDEN TESTS"
    return _new_cell(cell, source)


def _hidden(cell: Cell) -> str:
    return f"# Hidden tests: {_points(cell.points)}."


def _new_cell(cell: Cell, source: str) -> nbformat.NotebookNode:
    students = cell.kind in STUDENTS
    kind = "markdown" if cell.kind in MARKDOWN else "code"
    metadata: dict[str, Any] = {
        "deletable": False,
        "nbgrader": {
            "cell_type": kind,
            "grade": cell.graded,
            "grade_id": cell.id,
            "locked": not students,
            "schema_version": 3,
            "solution": students,
            "task": False,
        },
        "ibcourse": {"kind": cell.kind, "problem": cell.problem},
    }
    if not students:
        metadata["editable"] = False
    if cell.graded:
        metadata["nbgrader"]["points"] = cell.points
    new = nbformat.v4.new_markdown_cell if kind == "markdown" else nbformat.v4.new_code_cell
    return new(source, id=cell.id, metadata=metadata)


def _notebook(homework: Homework, cells: Sequence[nbformat.NotebookNode]) -> nbformat.NotebookNode:
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}, "title": homework.title}
    notebook = nbformat.v4.new_notebook(cells=list(cells), metadata=metadata)
    nbformat.validate(notebook)
    return notebook


# ------------------------------------------------------------------------------------------------------------
# The course's homework


def homeworks(exercises: Path | None = None) -> dict[str, str]:
    """The title of every homework by its topic, such as ``"01-information"``.

    Parameters
    ----------
    exercises : pathlib.Path, optional
        A folder with texts ``NN-topic/homework.md`` or release notebooks ``NN-topic.ipynb``; by default that
        of the installed course.
    """
    folder = exercises or EXERCISES
    titles = {
        path.parent.name: _header(found[1], path, "")["title"]
        for path in folder.glob("*/homework.md")
        if (found := re.match(r"---\n(.*?)\n---\n", path.read_text(encoding="utf8"), re.DOTALL))
    }
    titles |= {path.stem: notebook(path.stem, folder).metadata.title for path in folder.glob("*.ipynb")}
    return dict(sorted(titles.items()))


def notebook(topic: str, exercises: Path | None = None) -> nbformat.NotebookNode:
    """The release notebook of a topic, a key of `homeworks`."""
    folder = exercises or EXERCISES
    packed = folder / f"{topic}.ipynb"
    if packed.is_file():
        return nbformat.reads(packed.read_text(encoding="utf8"), as_version=4)
    return release_notebook(load(folder / topic))


def find(name: str, exercises: Path | None = None) -> str:
    """The topic that a student means by ``1``, ``01``, ``information`` or ``01-information``.

    Raises
    ------
    CourseError
        If there is no such homework; the message lists those that there are.
    """
    return choose_topic(name, homeworks(exercises), "homework", "The homework is")


def listing(exercises: Path | None = None) -> str:
    """The homework, one topic a line."""
    return list_topics(homeworks(exercises))


def put_homework(name: str, folder: Path, exercises: Path | None = None) -> Put:
    """Put a homework into a student's folder as ``NN-topic.ipynb``; see `ibcourse.course.files.put`."""
    topic = find(name, exercises)
    return put(notebook(topic, exercises), folder / f"{topic}.ipynb")


def write_source(name: str, course: Path, exercises: Path | None = None) -> Path:
    """Write nbgrader's source notebook into a course folder, outside of the checkout.

    Parameters
    ----------
    name : str
        As for `find`.
    course : pathlib.Path
        The course folder.  Its secret stands in ``secret.txt``; the first call draws one.
    exercises : pathlib.Path, optional
        As for `homeworks`; only a checkout has the texts.

    Returns
    -------
    pathlib.Path
        ``course/source/NN-topic/NN-topic.ipynb``.
    """
    folder, topic = exercises or EXERCISES, find(name, exercises)
    if not (folder / topic).is_dir():
        raise CourseError("the installed course has no solutions and no hidden tests: use a checkout")
    made = source_notebook(load(folder / topic), course_secret(course))
    path = course / "source" / topic / f"{topic}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    write(path, nbformat.writes(made) + "\n")
    return path


def course_secret(course: Path) -> str:
    """The secret in the file ``secret.txt`` of a course folder; a random one is written if there is none.

    Raises
    ------
    CourseError
        If the file is empty.
    """
    path = course / "secret.txt"
    if not path.exists():
        course.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(32) + "\n", encoding="utf8")
    secret = path.read_text(encoding="utf8").strip()
    if not secret:
        raise CourseError(f"{path} is empty: write the course's secret into it, or delete it.")
    return secret
