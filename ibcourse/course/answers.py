"""Homework tried on answers: every wrong one loses the points it should, every right one none.

``exercises/NN-topic/wrong/`` and ``right/`` hold answers, each a Python file that replaces an answer cell.
They run here as they will when a student hands them in, but in this process: they are the authors' own.
Tests and answers have separate names, and only copies of plain data pass between them, as in a grader that
runs the two in separate processes.
"""

import ast
import io
import re
import signal
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from ibcourse.course.homework import TESTS, Cell, Homework, HomeworkError, Problem, load, stub, with_rng

SECONDS = 10.0  # for one cell
SETUP_SECONDS = 60.0  # for the imports of a set-up cell
WRONG, RIGHT = 3, 2  # at least so many answers a problem


class StudentError(AssertionError):
    """What a test sees of an error in the student's code."""


class _Late(BaseException):
    """The time is over; no ``except Exception`` of an answer stops it."""


@dataclass(frozen=True)
class Answer:
    """An answer to a problem.

    ``code`` replaces answer cells by their id, ``loses`` holds the ids of the test cells that must fail.
    """

    name: str
    problem: Problem
    code: Mapping[str, str]
    loses: frozenset[str]


def answers(homework: Homework, folder: Path) -> list[Answer]:
    """The answers to a homework: reference and blank of every problem with tests, and the files of a folder.

    Raises
    ------
    HomeworkError
        For a file without a header, or whose header names a problem or cell that there is not.
    """
    found = []
    for problem in homework.problems:
        if tests := frozenset(cell.id for cell in problem.cells if cell.kind in TESTS):
            blank = {cell.id: stub(cell) for cell in problem.cells if cell.kind == "answer"}
            found.append(Answer(f"reference of {problem.id}", problem, {}, frozenset()))
            found.append(Answer(f"blank {problem.id}", problem, blank, tests))
    problems = {problem.id: problem for problem in homework.problems}
    for path in sorted([*folder.glob("wrong/*.py"), *folder.glob("right/*.py")]):
        found.append(_read(path, problems))
    return found


def _read(path: Path, problems: Mapping[str, Problem]) -> Answer:
    code = path.read_text(encoding="utf8")
    name = f"{path.parent.name}/{path.name}"
    try:
        header = yaml.safe_load(ast.get_docstring(ast.parse(code)) or "")
    except (SyntaxError, yaml.YAMLError) as error:
        raise HomeworkError(f"{path} is not Python with a header in YAML: {error}") from error
    expected = {"problem", "what"} | ({"loses"} if path.parent.name == "wrong" else set())
    if not isinstance(header, dict) or set(header) - {"cell"} != expected:
        raise HomeworkError(f"{path} does not begin with a docstring of {', '.join(sorted(expected))}")
    if header["problem"] not in problems:
        known = ", ".join(problems)
        raise HomeworkError(f"{path}: there is no problem {header['problem']!r}; there are {known}")
    problem = problems[header["problem"]]
    cells = [cell.id for cell in problem.cells if cell.kind == "answer"]
    if "cell" in header:
        cells = [cell for cell in cells if cell == f"{problem.id}-{header['cell']}"]
    if len(cells) != 1:
        raise HomeworkError(f"{path}: `cell:` does not name one answer cell of {problem.id}")
    loses = frozenset(f"{problem.id}-{cell}" for cell in header.get("loses", ()))
    tests = {cell.id for cell in problem.cells if cell.kind in TESTS}
    if not loses <= tests or (path.parent.name == "wrong" and not loses):
        names = ", ".join(sorted(test.removeprefix(f"{problem.id}-") for test in tests))
        raise HomeworkError(f"{path}: `loses: {header['loses']}` does not name tests of the problem: {names}")
    return Answer(name, problem, {cells[0]: code}, loses)


# ------------------------------------------------------------------------------------------------------------
# Running


def failures(
    homework: Homework, answer: Answer, secret: str, seconds: float = SECONDS
) -> dict[str, Exception]:
    """Run an answer to a problem; the error of every test cell that fails, by the cell's id.

    Parameters
    ----------
    homework, answer
        From `load` and `answers`.  Answer cells that the answer does not replace hold the reference.
    secret : str
        What the instances of the hidden tests are drawn with.
    seconds : float
        The time for one cell.
    """
    student: dict[str, Any] = {"__name__": "__main__"}
    tester: dict[str, Any] = {"__name__": "__main__"}
    exports: list[str] = []
    failed = {}
    for cell in [*homework.cells, *answer.problem.cells]:
        if cell.kind == "setup":
            for namespace in (student, tester):
                if error := _run(cell.source, namespace, cell, SETUP_SECONDS):
                    raise error
        elif cell.kind == "answer":
            _run(answer.code.get(cell.id, cell.source), student, cell, seconds)
            exports += cell.exports
        elif cell.kind in TESTS:
            code = with_rng(cell, homework.topic, secret)
            known = tester | {name: _proxy(name, student[name]) for name in exports if name in student}
            if error := _run(code, known, cell, seconds):
                failed[cell.id] = error
    return failed


def _run(code: str, namespace: dict[str, Any], cell: Cell, seconds: float) -> Exception | None:
    try:
        quiet = io.StringIO()
        silent = warnings.catch_warnings(action="ignore")
        with silent, redirect_stdout(quiet), redirect_stderr(quiet), _limit(seconds):
            exec(compile(code, f"<{cell.id}>", "exec"), namespace)
    except _Late:
        return StudentError(f"not finished after {seconds:g} s")
    except Exception as error:
        return error
    return None


@contextmanager
def _limit(seconds: float) -> Iterator[None]:
    def stop(*_: object) -> None:
        raise _Late

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds, 1)  # again every second, for answers that catch it
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def plain(value: Any) -> Any:
    """Copy plain data: None, numbers, strings, lists, tuples and dictionaries of such, numeric arrays.

    Raises
    ------
    TypeError
        For anything else; the message names its type.
    """
    if value is None or type(value) in (bool, int, float, complex, str):
        return value
    if type(value) in (list, tuple):
        return type(value)(plain(item) for item in value)
    if type(value) is dict:
        return {plain(key): plain(item) for key, item in value.items()}
    if type(value) is np.ndarray and value.dtype.kind in "biufc":
        return value.copy()
    if isinstance(value, np.generic) and value.dtype.kind in "biufc":
        return value
    raise TypeError(f"a {type(value).__name__} is not plain data")


def _proxy(name: str, value: Any) -> Any:
    """What a test gets for an exported name: a copy of plain data, or a function that passes only such on."""
    if not callable(value):
        return _returned(name, value)

    def call(*args: Any, **kwargs: Any) -> Any:
        args, kwargs = plain(args), plain(kwargs)  # a TypeError here is the test's fault
        try:
            result = value(*args, **kwargs)
        except Exception as error:
            raise StudentError(f"your {name} raised {type(error).__name__}: {error}") from error
        return _returned(name, result)

    return call


def _returned(name: str, value: Any) -> Any:
    try:
        return plain(value)
    except TypeError as error:
        raise StudentError(f"{name}: {error}") from error


# ------------------------------------------------------------------------------------------------------------
# Judging


def verdict(homework: Homework, answer: Answer, secret: str, seconds: float = SECONDS) -> str:
    """What is wrong with how an answer was marked; empty if it lost what it should, and by a message."""
    failed = failures(homework, answer, secret, seconds)
    if failed.keys() == answer.loses:
        for cell, error in failed.items():
            if answer.name.startswith("wrong") and not isinstance(error, AssertionError):
                return f"{answer.name}: {cell} stops with {_say(error)} in place of a message for the student"
        return ""
    reasons = [f"{cell} fails: {_say(failed[cell])}" for cell in sorted(failed.keys() - answer.loses)]
    reasons += [f"{cell} passes" for cell in sorted(answer.loses - failed.keys())]
    return f"{answer.name}: {'; '.join(reasons)}"


def _say(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error).strip()}"


def shortfalls(homework: Homework, tried: list[Answer]) -> list[str]:
    """Which answers are missing: too few, two that are the same, a test that no wrong answer fails."""
    found = []
    for problem in homework.problems:
        tests = {cell.id for cell in problem.cells if cell.kind in TESTS}
        if not tests:
            continue
        own = [answer for answer in tried if answer.problem is problem]
        for kind, least in (("wrong", WRONG), ("right", RIGHT)):
            files = [answer for answer in own if answer.name.startswith(f"{kind}/")]
            if len(files) < least:
                found.append(f"{problem.id} has {len(files)} of at least {least} {kind} answers")
        wrong = [answer for answer in own if answer.name.startswith("wrong/")]
        for test in sorted(tests.difference(*(answer.loses for answer in wrong))):
            found.append(f"no wrong answer fails {test}")
        forms: dict[str, str] = {}
        for answer in own:
            form = _form(answer)
            if form in forms:
                found.append(f"{answer.name} is the same as {forms[form]}")
            forms[form] = answer.name
    return found


def _form(answer: Answer) -> str:
    """The code of an answer without its comments, layout and docstrings."""
    cells = [cell for cell in answer.problem.cells if cell.kind == "answer"]
    code = [answer.code.get(cell.id, cell.source) for cell in cells]
    return "\n".join(ast.dump(_bare(ast.parse(source))) for source in code)


def _bare(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef)
            and ast.get_docstring(node) is not None
        ):
            del node.body[0]
    return tree


def check_answers(folder: Path, secret: str) -> list[str]:
    """All that is wrong with a homework's tests, judged by its answers; see `verdict` and `shortfalls`.

    Parameters
    ----------
    folder : pathlib.Path
        ``exercises/NN-topic``.
    secret : str
        As for `failures`.
    """
    homework = load(folder)
    tried = answers(homework, folder)
    return shortfalls(homework, tried) + [
        words for answer in tried if (words := verdict(homework, answer, secret))
    ]


# ------------------------------------------------------------------------------------------------------------
# What must not be seen


def leaks(homework: Homework, texts: Iterable[str]) -> list[str]:
    """Lines of solutions, written answers and hidden tests that stand in texts made for students.

    Parameters
    ----------
    homework : Homework
        From `load`.
    texts : iterable of str
        Sources of cells, or whole files: layout, quotation marks and backslashes do not count.

    Returns
    -------
    list of str
        The lines, without spaces.  Those that students may see elsewhere do not count, nor very short ones.
    """
    cells = [cell for problem in homework.problems for cell in problem.cells]
    kept = {line for cell in cells if cell.kind in {"hidden", "written"} for line in _lines(cell.source)}
    kept |= {line for cell in cells if cell.kind == "answer" for line in _lines(cell.source)}
    public = [stub(cell) if cell.kind == "answer" else cell.source for cell in [*homework.cells, *cells]
              if cell.kind not in {"hidden", "written"}]  # fmt: skip
    seen = _squeezed("\n".join(public))
    texts = [_squeezed(text) for text in texts]
    return sorted(line for line in kept if line not in seen and any(line in text for text in texts))


def printed(homework: Homework, text: str) -> list[str]:
    """The answer cells and written answers of which a page shows more than half of the solution's lines."""
    found = []
    page = _squeezed(text)
    for problem in homework.problems:
        for cell in problem.cells:
            if cell.kind in {"answer", "written"}:
                public = _lines(stub(cell)) if cell.kind == "answer" else set()
                lines = _lines(cell.source) - public
                if 2 * sum(line in page for line in lines) > len(lines):
                    found.append(cell.id)
    return found


def _lines(source: str) -> set[str]:
    """The lines that say something: no comments, no markers, nothing very short."""
    lines = (_squeezed(line) for line in source.split("\n") if not line.lstrip().startswith("#"))
    return {line for line in lines if len(line) >= 12}


def _squeezed(text: str) -> str:
    return re.sub(r"\\n|[\s\\\"']", "", text)
