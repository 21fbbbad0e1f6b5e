"""The tester: runs grade cells in a process of its own, where the student's names are proxies.

A test is ordinary Python: ``np.testing.assert_allclose(answer(x), expected)``.  A name that neither the cell
nor a locked cell before it defines is asked of the student's kernel.  Plain data comes by value; any other
object is a `Proxy`, which can be called and whose attributes can be read.  Nothing that the kernel says is
trusted.
"""

import ast
import asyncio
import builtins
import inspect
import io
import json
import re
import signal
import socket
import time
import warnings
from collections.abc import Callable, Mapping, Set
from contextlib import redirect_stderr, redirect_stdout, suppress
from symtable import symtable
from types import CodeType
from typing import Any

import numpy as np
from IPython.core.inputtransformer2 import TransformerManager

from ibcourse.grading import plain

MESSAGE = 2000  # characters of an error's message that are kept
PRINTED = 20_000  # characters that a test may print
# Where NumPy and torch begin to say what a check expected.
COMPARISON = re.compile(
    r"^(Mismatch at |First \d+ mismatch|Max absolute difference| ACTUAL:| x: |Expected "
    r"|Greatest (absolute|relative) difference|(Absolute|Relative) difference"
    r"|Arrays are not (almost )?equal (up )?to \S+ ULP).*",
    re.MULTILINE | re.DOTALL,
)


class StudentError(Exception):
    """What the student's code raised, or why nothing that it returned can be used."""


class Link:
    """The way to the student's kernel while one cell runs."""

    def __init__(self, channel: socket.socket, reply: int, seconds: float) -> None:
        self.channel, self.reply, self.seconds = channel, reply, seconds
        self.deadline = time.monotonic() + seconds

    def ask(self, *question: Any) -> Any:
        """Return what the student's kernel answers.

        Raises
        ------
        NameError
            If the student's notebook does not define the name.
        StudentError
            For an exception of the student's code and for an answer that is not plain data.  An exception of
            a built-in type is one of that type too, so that a test can catch it.
        TimeoutError
            If no answer comes in time.
        """
        try:
            text = plain.dumps(list(question), _number)
        except plain.NotPlainError as error:
            raise TypeError(f"a test can give plain data to an answer, but {error}") from None
        try:
            plain.send(self.channel, text)
            text, _ = plain.receive(self.channel, self.reply, self.deadline)
            answer = plain.loads(text, self._proxy)
        except TimeoutError:
            raise TimeoutError(f"your code did not finish within {self.seconds:.0f} s") from None
        except (EOFError, OSError):
            raise StudentError("your notebook's kernel ended while your code was called") from None
        except (plain.NotPlainError, MemoryError) as error:
            raise StudentError(f"your code did not return plain data: {error or 'it is too large'}") from None
        match answer:
            case ["value", value]:
                return value
            case ["missing"]:
                name = question[1]
                raise NameError(f"name '{name}' is not defined: run the cell that defines it", name=name)
            case ["error", [*kinds], str(message)] if all(type(kind) is str for kind in kinds):
                raise _student_error(kinds, message)
        raise StudentError("your code did not return plain data")

    def _proxy(self, number: int, kind: str) -> "Proxy":
        return Proxy(self, number, kind)


class Proxy:
    """An object of the student's process: it can be called, and its attributes can be read."""

    def __init__(self, link: Link, number: int, kind: str) -> None:
        self.__dict__.update(_link=link, _number=number, _kind=kind)

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        return self._link.ask("call", self, list(arguments), keywords)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self._link.ask("attribute", self, name)

    def __repr__(self) -> str:
        return f"<{self._kind} in the student's notebook>"

    def _not_plain(self, *_: Any, **__: Any) -> Any:
        raise StudentError(
            f"your code gave an object of type {self._kind}; expected plain data: numbers, text, lists, "
            "tuples, dictionaries, NumPy arrays or torch tensors"
        )

    # Without these an object would equal nothing, be true, and become an array that holds it.
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __bool__ = __contains__ = __hash__ = _not_plain
    __len__ = __iter__ = __next__ = __getitem__ = __array__ = __float__ = __int__ = __index__ = _not_plain
    __complex__ = __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __neg__ = __abs__ = (
        _not_plain
    )


def _number(value: Any) -> int:
    """The number of an object of the student's process, which alone may go back there."""
    if type(value) is Proxy:
        return value._number
    raise plain.NotPlainError(f"a {type(value).__name__} is not")


def _student_error(kinds: list[str], message: str) -> StudentError:
    """The exception that stands for one of the student's code."""
    name = kinds[0][:80] if kinds else "an exception"
    text = f"your code raised {name}: {message}" if message else f"your code raised {name}"
    for kind in kinds:
        base = getattr(builtins, kind, None)
        if not isinstance(base, type) or issubclass(base, StopIteration | StopAsyncIteration):
            continue  # they would end a loop of the test's
        if issubclass(base, Exception):
            with suppress(TypeError):  # some need more than a message
                return type(kind, (StudentError, base), {})(text)
    return StudentError(text)


class Names(dict[str, Any]):
    """The names of a cell: what it and locked cells before it define, else what the student's cells do."""

    def __init__(self, own: Mapping[str, Any], reserved: Set[str], link: Link) -> None:
        super().__init__(own)
        self.reserved, self.link = reserved, link
        self.fetched: dict[str, Any] = {}

    def __missing__(self, name: str) -> Any:
        if hasattr(builtins, name) or name.startswith("__"):
            raise KeyError(name)
        if name in self.reserved:
            raise NameError(f"the locked cell that defines '{name}' failed before it did so", name=name)
        if name not in self.fetched:
            self.fetched[name] = self.link.ask("name", name)
        return self.fetched[name]


class Judge:
    """Runs locked cells and grade cells one after the other.

    Parameters
    ----------
    reply : int
        Bytes that an answer of the student's kernel may have.
    """

    def __init__(self, reply: int) -> None:
        self.reply = reply
        self.names: dict[str, Any] = {"__name__": "__main__", "get_ipython": _Shell}
        self.reserved: set[str] = set()  # names that locked cells bind: never asked of the student's kernel

    def reserve(self, source: str) -> None:
        """Keep the names that a locked cell will bind from ever being asked of the student's kernel."""
        with suppress(SyntaxError):
            self.reserved |= _bound(_parse(source))

    def run(self, source: str, grade: bool, link: socket.socket, seconds: float) -> list[dict[str, Any]]:
        """Run a cell and return its outputs, as those of a notebook.

        The names that a locked cell defines stay; those of a grade cell go with it.
        """
        outputs: list[dict[str, Any]] = []
        printed = io.StringIO()
        names = Names(self.names, self.reserved, Link(link, self.reply, seconds))
        try:
            signal.signal(signal.SIGINT, signal.default_int_handler)  # how the grader ends an endless test
            tree = _parse(source)
            with (
                redirect_stdout(printed),
                redirect_stderr(io.StringIO()),
                warnings.catch_warnings(action="ignore"),
            ):
                value = _execute(tree, names)
            if type(value) in (int, float) or isinstance(value, np.number):
                outputs.append(_result(value))
        except BaseException as error:
            outputs.append(_error(error))
        finally:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
        if not grade:
            self.names.update(names)
        if text := printed.getvalue()[:PRINTED].encode("utf8", "replace").decode():
            outputs.insert(0, {"output_type": "stream", "name": "stdout", "text": text})
        return outputs


class _Shell:
    """What magics find in the tester: nothing that does anything."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *_, **__: None


def _parse(source: str) -> ast.Module:
    try:
        return ast.parse(source)
    except SyntaxError:
        return ast.parse(TransformerManager().transform_cell(source))


def _bound(tree: ast.Module) -> set[str]:
    """The names that a cell binds."""
    table = symtable(ast.unparse(tree), "<test>", "exec")
    return {
        symbol.get_name() for symbol in table.get_symbols() if symbol.is_assigned() or symbol.is_imported()
    }


def _execute(tree: ast.Module, names: dict[str, Any]) -> Any:
    """Execute a cell and return the value of its last line, if that is an expression."""
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    *body, last = tree.body or [ast.Pass()]
    if not isinstance(last, ast.Expr):
        return _evaluate(compile(tree, "<test>", "exec", flags=flags), names)
    _evaluate(compile(ast.Module(body, []), "<test>", "exec", flags=flags), names)
    return _evaluate(compile(ast.Expression(last.value), "<test>", "eval", flags=flags), names)


def _evaluate(code: CodeType, names: dict[str, Any]) -> Any:
    value = eval(code, names)
    return asyncio.run(value) if code.co_flags & inspect.CO_COROUTINE else value


def _result(value: Any) -> dict[str, Any]:
    return {
        "output_type": "execute_result",
        "execution_count": None,
        "data": {"text/plain": repr(float(value))},
        "metadata": {},
    }


def _error(error: BaseException) -> dict[str, Any]:
    """An error without traceback: that would show the test's source."""
    name = type(error).__name__
    try:
        message = str(error)
    except Exception:
        message = ""
    message = COMPARISON.sub("", message).strip()[:MESSAGE] or "a check of this cell failed"
    message = message.encode("utf8", "replace").decode()
    return {
        "output_type": "error",
        "ename": name,
        "evalue": message,
        "traceback": [f"{name}: {message}"],
    }


def run(channel: socket.socket, reply: int) -> None:
    """Run the cells that come through the channel until it is closed.

    A request is JSON, ``{"source": ..., "grade": ..., "seconds": ..., "locked": ...}``, with the descriptor
    of a socket to the student's kernel; the answer is a JSON list of outputs.  The first request lists the
    sources of all locked cells, later ones none.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    judge = Judge(reply)
    plain.send(channel, '{"ready": true}')
    while True:
        try:
            text, (descriptor,) = plain.receive(channel, 1 << 30, descriptors=1)
        except EOFError:
            return
        request = json.loads(text)
        for source in request["locked"]:
            judge.reserve(source)
        with socket.socket(fileno=descriptor) as link:
            link.settimeout(request["seconds"])
            outputs = judge.run(request["source"], request["grade"], link, request["seconds"])
        plain.send(channel, json.dumps(outputs))
