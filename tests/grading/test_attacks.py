"""The attack suite: hostile, broken and unusual submissions, and what must happen to each of them.

``attacks/README.md`` says how a submission is written.  All run through `ibcourse.grading.grade.grade`, that
is in the sandbox, and nowhere else: no file of theirs can be imported, and nothing hostile runs before a
harmless submission has found itself contained.

    pytest -n 2 tests/grading/test_attacks.py
    python tests/grading/test_attacks.py     # measures the attack table and records it
"""

import contextlib
import copy
import ctypes
import gzip
import io
import json
import os
import re
import secrets
import shutil
import socket
import sqlite3
import stat
import struct
import subprocess
import sys
import tempfile
import time
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
import yaml
from nbconvert import HTMLExporter
from nbgrader.utils import compute_checksum, determine_grade
from selectolax.lexbor import LexborHTMLParser

from ibcourse.course.homework import Homework, load, release_notebook, source_notebook
from ibcourse.data import write_record
from ibcourse.grading import GradingError
from ibcourse.grading.collect import collect
from ibcourse.grading.course import new_course
from ibcourse.grading.grade import grade
from ibcourse.grading.precheck import MAX_FILE, read_folder
from ibcourse.grading.sandbox import Limits, check_sandbox
from ibcourse.grading.settings import load as load_settings
from ibcourse.grading.submission import Assignment, Result, SourceCell, Submission

HERE = Path(__file__).parent
NAME = "assignment"
MARK = "IBSECRET-"
#: Small, so that bombs and loops end soon.  Work that is right gets what students get.
LIMITS = Limits(
    cell=1.5, notebook=8, memory=3 << 30, processes=64, disk=64 << 20, output=1 << 20, reply=16 << 20
)
#: Where files of students must never appear on this machine.
PLACES = ["/", "/etc", "/usr", "/usr/bin", "/usr/local", "/root", "/home", "/var", "/opt", "/run", "/dev/shm",
          "/tmp", str(Path(np.__file__).parent), sys.prefix, str(HERE)]  # fmt: skip
WRONG = {
    "information-answer": "def mutual_information(p):\n    return 0.0",
    "rate-answer": "def rate(d):\n    return 0.5",
    "encoder-answer": "def encoder(logits, beta):\n    return torch.zeros_like(logits)",
    "table-answer": "table = [[0.25, 0.25], [0.25, 0.25]]",
}
TESTS = ["information-visible", "information-hidden", "rate-hidden", "encoder-hidden", "table-visible"]


# ------------------------------------------------------------------------------------------------------------
# Submissions


@dataclass(frozen=True)
class Attack:
    """A submission, and what must happen to it; see ``attacks/README.md``."""

    name: str
    tries: str
    base: str = "wrong"
    loses: tuple[str, ...] = ()
    remark: str = ""
    flagged: bool | str = False
    failed: bool = False
    change: str = ""
    plain: str = "not run"
    cells: tuple[tuple[str, str], ...] = ()

    @property
    def hostile(self) -> bool:
        return self.name.startswith("hostile/")


def read(path: Path) -> Attack:
    """A submission from its file."""
    name = f"{path.parent.name}/{path.stem}"
    header, body = re.fullmatch(r"---\n(.*?\n)---\n(.*)", path.read_text(encoding="utf8"), re.DOTALL).groups()
    about = yaml.safe_load(header)
    base = about.setdefault("base", "wrong" if name.startswith("hostile/") else "right")
    loses = about.pop("loses", [] if base == "right" else TESTS)
    about["plain"] = str(about.get("plain", "not run"))
    cells = re.findall(r"^```\{([\w-]+)\}\n(.*?)\n?^```$", body, re.DOTALL | re.MULTILINE)
    assert re.sub(r"^```\{([\w-]+)\}\n(.*?)^```$", "", body, flags=re.DOTALL | re.MULTILINE).strip() == ""
    return Attack(name, loses=tuple(loses), cells=tuple(cells), **about)


# The slow ones first, so that two workers share them.
SLOW = re.compile("loop|sleep|stops|memory|flood|disk|inodes|another-program|later|large|huge")
ATTACKS = sorted(
    map(read, HERE.glob("attacks/*/*.md")), key=lambda attack: (not SLOW.search(attack.name), attack.name)
)


@cache
def homework() -> Homework:
    return load(HERE / NAME)


# What a cell cannot do: each takes the notebook as JSON and returns the files that are handed in.

Files = dict[str, bytes]
CHANGES: dict[str, Callable[[dict[str, Any]], Files]] = {}


def change(function: Callable[[dict[str, Any]], Files]) -> Callable[[dict[str, Any]], Files]:
    CHANGES[function.__name__] = function
    return function


def pack(notebook: dict[str, Any], **kwargs: Any) -> Files:
    return {f"{NAME}.ipynb": json.dumps(notebook, **kwargs).encode()}


def managed(notebook: dict[str, Any], *kinds: str) -> list[dict[str, Any]]:
    """The homework's cells of some kinds."""
    return [cell for cell in notebook["cells"] if cell["metadata"].get("ibcourse", {}).get("kind") in kinds]


def called(notebook: dict[str, Any], name: str) -> dict[str, Any]:
    return next(cell for cell in notebook["cells"] if cell["id"] == name)


def own(source: str, **metadata: Any) -> dict[str, Any]:
    made = nbformat.v4.new_code_cell(source)
    return {**made, "metadata": metadata}


def claimed(name: str) -> dict[str, Any]:
    return {"schema_version": 3, "cell_type": "code", "grade_id": name, "checksum": "0"}


@change
def setup_last(notebook):
    setup = called(notebook, "homework-setup")
    notebook["cells"].remove(setup)
    notebook["cells"].append(setup)
    return pack(notebook)


@change
def setup_lost(notebook):
    at = notebook["cells"].index(called(notebook, "homework-setup"))
    notebook["cells"] = notebook["cells"][at + 1 :] + notebook["cells"][:at]
    return pack(notebook)


@change
def edit_tests(notebook):
    for cell in managed(notebook, "visible", "hidden"):
        cell["source"] = "pass"
        cell["metadata"]["nbgrader"] |= {"points": 100, "checksum": "0", "locked": False}
    return pack(notebook)


@change
def delete_tests(notebook):
    tests = managed(notebook, "visible", "hidden")
    notebook["cells"] = [cell for cell in notebook["cells"] if cell not in tests]
    return pack(notebook)


@change
def delete_answers(notebook):
    answers = managed(notebook, "answer")
    notebook["cells"] = [cell for cell in notebook["cells"] if cell not in answers]
    return pack(notebook)


@change
def duplicate(notebook):
    second = copy.deepcopy(notebook["cells"])
    right = {cell.id: cell.source for cell in source_notebook(homework(), "none").cells}
    for cell in second:
        if cell["id"].endswith("-answer"):
            cell["source"] = right[cell["id"]]
    notebook["cells"] += second
    return pack(notebook)


@change
def move_tests(notebook):
    tests = managed(notebook, "visible", "hidden")
    notebook["cells"] = tests + [cell for cell in notebook["cells"] if cell not in tests]
    return pack(notebook)


@change
def own_tests(notebook):
    for number, kind in enumerate(("grade", "task", "solution")):
        marks = {"grade": True, "solution": False, "locked": True, "task": False, "points": 100, kind: True}
        notebook["cells"].append(own("pass", nbgrader=marks | claimed(f"bonus-{number}")))
    return pack(notebook)


@change
def locked_cells(notebook):
    code = "import numpy, torch\nnumpy.shape = lambda x: ()\n"
    code += "numpy.testing.assert_allclose = torch.allclose = numpy.allclose = lambda *a, **k: True"
    for place, name in ((0, "homework-start"), (3, "homework-setup"), (8, "information-answer"), (99, "x")):
        marks = {"grade": False, "solution": False, "locked": True, "task": False}
        kind = {"kind": "setup", "problem": ""}
        notebook["cells"].insert(place, own(code, nbgrader=marks | claimed(name), ibcourse=kind))
    return pack(notebook)


@change
def change_setup(notebook):
    called(notebook, "homework-setup")["source"] = (
        "import numpy as np\nimport torch\nnp.testing.assert_allclose = torch.allclose = lambda *a, **k: True"
    )
    return pack(notebook)


@change
def tag(notebook):
    for cell in notebook["cells"]:
        cell["metadata"] |= {
            "tags": [
                "skip-execution",
                "raises-exception",
                "remove-cell",
                "remove_output",
                "injected-parameters",
            ],
            "execution": {"timeout": 10**6, "allow_errors": True},
            "jupyter": {"source_hidden": True, "outputs_hidden": True},
            "slideshow": {"slide_type": "skip"},
            "collapsed": True,
        }
    notebook["metadata"] |= {"execution": {"allow_errors": True}, "nbconvert": {"enabled": False}}
    return pack(notebook)


@change
def fake_outputs(notebook):
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            data = {"text/html": "<script>IBXSS()</script>", "text/plain": "all tests passed"}
            shown = {"output_type": "display_data", "data": data, "metadata": {}}
            partial = {"output_type": "execute_result", "data": {"text/plain": "3"}, "metadata": {}}
            cell["outputs"] = [shown, partial | {"execution_count": 1}]
            cell["metadata"].get("nbgrader", {}).update(score=3, manual_score=99, extra_credit=99)
    state = {"state": {"a": {"model_name": "HTMLModel", "state": {"value": "<script>IBXSS()</script>"}}}}
    notebook["metadata"]["widgets"] = {"application/vnd.jupyter.widget-state+json": state}
    return pack(notebook)


@change
def half(notebook):
    data = pack(notebook)[f"{NAME}.ipynb"]
    return {f"{NAME}.ipynb": data[: len(data) // 2]}


@change
def deep(notebook):
    return {f"{NAME}.ipynb": b'{"nbformat": 4, "cells": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"}


@change
def odd_json(notebook):
    notebook["metadata"] |= {"a": float("nan"), "b": -float("inf"), "c": 10**400, "d": 1e300}
    data = pack(notebook)[f"{NAME}.ipynb"]
    return {f"{NAME}.ipynb": b'{"cells": 3, "nbformat": "x", "d": 1e999, ' + data[1:]}


@change
def empty(notebook):
    return {f"{NAME}.ipynb": b""}


@change
def nothing(notebook):
    return {}


@change
def other_homework(notebook):
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x = 1")])
    return {f"{NAME}.ipynb": nbformat.writes(made).encode(), "essay.txt": b"My essay."}


@change
def no_cells(notebook):
    del notebook["cells"]
    return pack(notebook)


@change
def cell_types(notebook):
    for number, cell in enumerate(managed(notebook, "answer", "visible", "hidden")):
        cell["cell_type"] = ("raw", "markdown", "heading")[number % 3]
        cell.pop("outputs", None)
    called(notebook, "homework-title")["cell_type"] = "code"
    return pack(notebook)


@change
def not_cells(notebook):
    notebook["cells"] += [1, None, [], {}, "code"]
    return pack(notebook)


@change
def not_text(notebook):
    for cell in notebook["cells"]:
        cell["source"] = [["a"], 1] if cell["cell_type"] == "code" else 5
    return pack(notebook)


@change
def format_3(notebook):
    node = nbformat.from_dict(notebook)
    return {f"{NAME}.ipynb": nbformat.writes(nbformat.convert(node, 3), version=3).encode()}


@change
def format_3_broken(notebook):
    return pack({"nbformat": 3, "nbformat_minor": 0, "worksheets": [{"cells": [{"cell_type": "code"}]}]})


@change
def format_5(notebook):
    return pack(notebook | {"nbformat": 5})


@change
def large(notebook):
    called(notebook, "table-why")["source"] = "x" * (100 << 20)
    return pack(notebook)


@change
def many_cells(notebook):
    notebook["cells"] += [{"cell_type": "code", "source": "1", "metadata": {}, "outputs": []}] * 20_000
    return pack(notebook)


@change
def compressed(notebook):
    return {name: gzip.compress(data) for name, data in pack(notebook).items()}


@change
def half_characters(notebook):
    called(notebook, "rate-answer")["source"] += "\nx = '\ud800\0'\n"
    called(notebook, "table-why")["source"] = "half \ud83d, NUL \0, other half \ude00"
    return pack(notebook)


@change
def homoglyphs(notebook):
    answer = called(notebook, "information-answer")
    a = "\N{CYRILLIC SMALL LETTER A}"
    answer["source"] = answer["source"].replace("mutual_information", f"mutual_inform{a}tion")
    rate = called(notebook, "rate-answer")  # a letter that Python itself takes for the plain one
    rate["source"] = rate["source"].replace("def rate", "def \N{FULLWIDTH LATIN SMALL LETTER R}ate")
    table = called(notebook, "table-answer")
    table["metadata"]["nbgrader"]["grade_id"] = table["id"] = f"t{a}ble-answer"
    table["source"] = table["source"].replace("table", f"t{a}ble")
    return pack(notebook)


@change
def invisible(notebook):
    answer = called(notebook, "information-answer")
    answer["source"] = answer["source"].replace("mutual_information", "mutual_\N{HANGUL FILLER}information")
    rate = called(notebook, "rate-answer")
    rate["source"] += "\n# \N{RIGHT-TO-LEFT OVERRIDE}krow ym si siht\N{ZERO WIDTH SPACE}\n"
    called(notebook, "table-why")["source"] = (
        "\N{RIGHT-TO-LEFT ISOLATE}all\N{ZERO WIDTH JOINER} points\N{SOFT HYPHEN}"
    )
    return pack(notebook)


@change
def files(notebook):
    code = b"import sys\nprint('imported')\nsys.modules['numpy.testing'] = None\n"
    names = ["numpy.py", "torch/__init__.py", "sitecustomize.py", "ibcourse/grading/plain.py", "json.py",
             "../up.py", "/etc/ibcourse-was-here", "a/../../b.py", "C:\\x.py", "..", ".", "", "a\0b", "con",
             ".ipython/profile_default/startup/00.py", "kernel.json", "x\n.py", "x" * 5000]  # fmt: skip
    # one file in another's way
    names += [f"{NAME}.ipynb/x", "data.csv", "data.csv/x"]
    return pack(notebook) | dict.fromkeys(names, code)


@change
def markup(notebook):
    code = "<img src=x onerror=IBXSS()><script>IBXSS()</script><svg onload=IBXSS()>"
    code += "<a xlink:href='javascript:IBXSS()'>"
    text = [
        code,
        "[link](javascript:IBXSS()) <javascript:IBXSS()> [ref][1]\n\n[1]: javascript:IBXSS()",
        "![x](x' onerror='IBXSS()) ![y](data:image/svg+xml,<svg/onload=IBXSS()>)",
        "<iframe srcdoc='<script>IBXSS()</script>'></iframe><style>@import 'IBXSS';</style>",
        "<base href=//IBXSS><meta http-equiv=refresh content='0;url=javascript:IBXSS()'>",
        r"$\href{javascript:IBXSS()}{x}$ $$\unicode[IBXSS]{x}$$ \(\style{background:url(IBXSS)}{x}\)",
        "<details open ontoggle=IBXSS()>\n\n<form action=javascript:IBXSS()><button>x</button></form>",
        "```\n</code></pre><script>IBXSS()</script>\n```\n\n    </pre><script>IBXSS()</script>",
        '<div id="IBXSS" class="IBXSS" style="position:fixed" data-x="IBXSS">',
        "<!-- --><ScRiPt/x>IBXSS()</sCrIpT\n><math><mtext></p><script>IBXSS()</script>",
        "<a href=\"java&#x09;script:IBXSS()\">x</a> <A HREF='data:text/html,<script>IBXSS()</script>'>y</A>",
    ]
    why = called(notebook, "table-why")
    why["source"] = "\n\n".join(text)
    why["attachments"] = {"x.svg": {"image/svg+xml": "<svg onload=IBXSS()></svg>", "text/html": code}}
    for kind in ("markdown", "raw", "heading", "<script>IBXSS()</script>"):
        for number, words in enumerate(text):
            cell = {"cell_type": kind, "source": words, "metadata": {"format": "text/html"}, "level": 1}
            notebook["cells"].append(cell | {"id": f"{kind[:3]}{number}"})
    notebook["cells"].append(own(f'"""{code}"""\nNone #<script>IBXSS()</script>', name=code, title=code))
    notebook["metadata"] |= {"title": code, "authors": [{"name": code}], "kernelspec": {"name": code}}
    return pack(notebook) | {f"{code[:40]}.ipynb": b"{}"}


@change
def move_helpers(notebook):
    """The first cell of the student's own goes to the top, with a text before it."""
    first = next(cell for cell in notebook["cells"] if "ibcourse" not in cell["metadata"])
    notebook["cells"].remove(first)
    notebook["cells"][3:3] = [nbformat.v4.new_markdown_cell("My helpers"), first]
    return pack(notebook)


@change
def own_file(notebook):
    return pack(notebook) | {"own.json": b'{"zero": 0}', "timestamp.txt": b"2026-01-01 00:00:00 UTC"}


@change
def line_ends(notebook):
    for cell in notebook["cells"]:
        cell["source"] = cell["source"].replace("\n", "\r\n")
    data = json.dumps(notebook, indent=1).replace("\n", "\r\n")
    return {f"{NAME}.ipynb": b"\xef\xbb\xbf" + data.encode()}


@change
def other_kernel(notebook):
    notebook["metadata"]["kernelspec"] = {"name": "evil", "display_name": "Evil", "language": "bash"}
    notebook["metadata"]["language_info"] = {"name": "bash", "version": "5", "mimetype": "text/x-sh"}
    return pack(notebook)


@change
def old_minor(notebook):
    for cell in notebook["cells"]:
        cell.pop("id")
        cell["source"] = cell["source"].splitlines(keepends=True)
    return pack(notebook | {"nbformat_minor": 0}, indent=1)


@change
def no_ids(notebook):
    for cell in notebook["cells"]:
        cell.pop("id")
    return pack(notebook | {"nbformat_minor": 4})


@change
def no_metadata(notebook):
    for cell in notebook["cells"]:
        cell["metadata"] = {}
    return pack(notebook | {"metadata": {}})


@change
def renamed(notebook):
    (data,) = pack(notebook).values()
    return {f"{NAME} (1) übung.ipynb": data}


@change
def with_outputs(notebook):
    lines = {"output_type": "stream", "name": "stdout", "text": [f"line {number}\n" for number in range(100)]}
    error = {"output_type": "error", "ename": "E", "evalue": "e", "traceback": ["\x1b[31mE\x1b[0m: e"]}
    for count, cell in enumerate(managed(notebook, "answer", "visible", "hidden")):
        cell |= {"outputs": [lines, error], "execution_count": count}
    return pack(notebook) | {f".ipynb_checkpoints/{NAME}-checkpoint.ipynb": b"{}"}


# ------------------------------------------------------------------------------------------------------------
# The world around the sandbox


@dataclass
class World:
    """What stands outside the sandbox, with secrets in it, and must stay as it is.

    A course folder with its gradebook, two folders with canaries, a listener on 127.0.0.1 and two on Unix
    sockets, and a witness: a process that must not get a signal.
    """

    folder: Path
    secret: str = field(default_factory=lambda: MARK + secrets.token_hex(16))
    hidden: str = field(default_factory=lambda: MARK + secrets.token_hex(16))
    processes: int = 0  # that this one has started when nothing is graded
    resident: int = 0  # bytes of this one's memory before it grades

    def __enter__(self) -> "World":
        self.opened = contextlib.ExitStack()
        try:
            self._open()
        except BaseException:
            self.opened.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.opened.close()

    def _open(self) -> None:
        defer = self.opened.callback
        self.assignment = self._assignment()
        self.course = self.folder / "course"
        self.home = Path(tempfile.mkdtemp(prefix=".ibcourse-canary-", dir=Path.home()))
        defer(shutil.rmtree, self.home, ignore_errors=True)
        self.tmp = Path(tempfile.mkdtemp(prefix="ib-"))
        defer(shutil.rmtree, self.tmp, ignore_errors=True)
        source = self.course / "source" / NAME
        source.mkdir(parents=True)
        (source / f"{NAME}.ipynb").write_text(f"### BEGIN HIDDEN TESTS\n{self.secret}")
        (self.course / "secret.txt").write_text(self.secret)
        for place in (self.home, self.tmp):
            (place / "canary.txt").write_text(f"canary {self.secret}")
        with contextlib.closing(sqlite3.connect(self.course / "gradebook.db")) as book:
            book.execute("CREATE TABLE grade (manual_score REAL, secret TEXT)")
            book.execute("INSERT INTO grade VALUES (0, ?)", (self.secret,))
            book.commit()
        self.listeners = [
            self._listen(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0)),
        ]
        self.port = self.listeners[0].getsockname()[1]
        self.abstract = f"ibcourse-{secrets.token_hex(8)}"
        self.listeners += [
            self._listen(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", self.port)),
            self._listen(socket.AF_UNIX, socket.SOCK_STREAM, str(self.tmp / "s")),
            self._listen(socket.AF_UNIX, socket.SOCK_STREAM, f"\0{self.abstract}"),
        ]
        os.chmod(self.tmp, 0o755)
        os.chmod(self.tmp / "s", 0o777)
        self.environment = pytest.MonkeyPatch()
        self.environment.setenv("IBCOURSE_TOKEN", self.secret)
        defer(self.environment.undo)
        self.witness = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3600)"])
        defer(self.witness.wait)
        defer(self.witness.kill)
        self.sleep = 100_000 + os.getpid()
        self.before = self._canaries()

    def _listen(self, family: int, kind: int, address: Any) -> socket.socket:
        listener = self.opened.enter_context(socket.socket(family, kind))
        listener.bind(address)
        if kind == socket.SOCK_STREAM:
            listener.listen()
        listener.setblocking(False)
        return listener

    def _assignment(self) -> Assignment:
        """The homework as a gradebook holds it, with a secret in each hidden test."""
        released = {cell.id: cell for cell in release_notebook(homework()).cells}
        cells = []
        for cell in source_notebook(homework(), "the secret of the tests").cells:
            marks = cell.metadata.nbgrader
            if marks.solution:
                cell.source = released[cell.id].source
            begin = "### BEGIN HIDDEN TESTS\n"
            cell.source = cell.source.replace(begin, f"{begin}marker = '{self.hidden}'\n")
            cells.append(
                SourceCell(cell.id, cell.cell_type, cell.source, marks.locked, marks.grade, marks.solution,
                           marks.task, float(marks.get("points", 0)), compute_checksum(cell))
            )  # fmt: skip
        return Assignment(NAME, {NAME: tuple(cells)}, {"data.csv": b"x,y\n1,2\n"})

    def _canaries(self) -> dict[str, object]:
        """All that must not change, by its path."""
        found: dict[str, object] = {}
        for folder in (self.course, self.home, self.tmp):
            for path in sorted([folder, *folder.rglob("*")]):
                about = path.lstat()
                held = path.read_bytes() if path.is_file() else b""
                found[str(path)] = (about.st_mode, about.st_uid, about.st_mtime_ns, held)
        places = [Path(place, "ibcourse-was-here") for place in (*PLACES, self.course, self.home, self.tmp)]
        found |= {str(path): path.exists() for path in places}
        found["shared memory"] = str(0x1BC0DE) in Path("/proc/sysvipc/shm").read_text()
        return found

    def heard(self) -> list[str]:
        """What somebody sent to the listeners."""
        found = []
        for listener in self.listeners:
            with contextlib.suppress(BlockingIOError):
                if listener.type == socket.SOCK_DGRAM:
                    found.append(f"{listener.recv(1000)!r}")
                else:
                    with listener.accept()[0]:
                        found.append(f"a connection to {listener.getsockname()!r}")
        return found

    def submission(self, attack: Attack) -> Submission:
        """What the student of an attack hands in."""
        notebook = copy.deepcopy(release_notebook(homework()))
        sources = {}
        if attack.base == "right":
            sources = {
                cell.id: cell.source
                for cell in source_notebook(homework(), "none").cells
                if cell.metadata.nbgrader.solution
            }
        elif attack.base == "wrong":
            sources = dict(WRONG)
        by_id = {cell.id: cell for cell in notebook.cells}
        for name, source in sources.items():
            by_id[name].source = source
        last = "homework-setup"
        for number, (name, source) in enumerate(attack.cells):
            source = self._filled(source)
            if name in by_id:
                by_id[name].source = source
            else:
                new = {"code": nbformat.v4.new_code_cell, "markdown": nbformat.v4.new_markdown_cell}[name]
                name = f"own{number}"
                place = next(i for i, cell in enumerate(notebook.cells) if cell.id == last)
                notebook.cells.insert(place + 1, new(source, id=name))
            last = name
        plain = json.loads(nbformat.writes(notebook))
        for cell in plain["cells"]:
            cell["source"] = "".join(cell["source"])
        packed = CHANGES[attack.change](plain) if attack.change else pack(plain)
        return Submission("student", packed)

    def _filled(self, source: str) -> str:
        places = [*PLACES, str(self.course), str(self.home), str(self.tmp)]
        tokens = {
            "@COURSE@": str(self.course),
            "@HOME@": str(self.home),
            "@TMP@": str(self.tmp),
            "@PLACES@": repr(places)[1:-1],
            "@PORT@": str(self.port),
            "@SOCKET@": str(self.tmp / "s"),
            "@ABSTRACT@": self.abstract,
            "@PID@": str(os.getpid()),
            "@WITNESS@": str(self.witness.pid),
            "@SLEEP@": str(self.sleep),
            "@MARK@": '"IBSEC" "RET-"',  # in two parts, so that a search does not find the searcher
            "@ESCAPED@": '"ESC" "APED"',  # and no traceback shows it
        }
        for token, text in tokens.items():
            source = source.replace(token, text)
        return source

    def grade(self, attack: Attack) -> Result:
        ctypes.CDLL(None).malloc_trim(0)  # what the last one left is given back,
        Path("/proc/self/clear_refs").write_text("5")  # and the peak of this process's memory begins anew
        self.resident = memory("VmRSS")
        return grade(self.assignment, self.submission(attack), LIMITS if attack.hostile else Limits())

    def survivors(self) -> list[str]:
        """The processes of students that are still there."""
        found = []
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            with contextlib.suppress(OSError):
                words = path.read_bytes().split(b"\0")
                if str(self.sleep).encode() in words:
                    found.append(f"{path.parent.name}: {words}")
        return found


def memory(kind: str) -> int:
    """The memory of this process, as the kernel counts it."""
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(status[kind].split()[0]) << 10


def offspring() -> dict[int, str]:
    """The processes that this one started, and theirs, by their ids."""
    parents, names = {}, {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            number, rest = path.read_text().split(" (", 1)
            name, state = rest.rsplit(") ", 1)
            if state.split()[0] != "Z":
                parents[int(number)], names[int(number)] = int(state.split()[1]), name
    found: set[int] = set()
    level = {os.getpid()}
    while level := {child for child, parent in parents.items() if parent in level} - found:
        found |= level
    return {child: names[child] for child in found}


# ------------------------------------------------------------------------------------------------------------
# What must hold for each


def marks(result: Result) -> dict[str, float | None]:
    """The marks that nbgrader gives, by test cell."""
    notebook = nbformat.reads(result.notebooks[NAME].decode(), as_version=4)
    return {
        cell.metadata.nbgrader.grade_id: determine_grade(cell)[0]
        for cell in notebook.cells
        if cell.metadata.get("nbgrader", {}).get("grade")
    }


def points(world: World) -> dict[str, float]:
    return {cell.grade_id: cell.points for cell in world.assignment.notebooks[NAME] if cell.grade}


def shown(result: Result) -> str:
    """All that students get to see of a result, but for the cells that are the course's."""
    notebook = nbformat.reads(result.notebooks[NAME].decode(), as_version=4)
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("locked"):
            cell.source = ""
    return nbformat.writes(notebook) + "\n".join(result.remarks)


def outputs(result: Result, *names: str) -> str:
    """The outputs of some cells, or of all."""
    notebook = nbformat.reads(result.notebooks[NAME].decode(), as_version=4)
    return "\n".join(
        json.dumps(output)
        for cell in notebook.cells
        if not names or cell.id in names
        for output in cell.get("outputs", ())
    )


def check_marks(world: World, attack: Attack, result: Result) -> None:
    worth = points(world)
    got = marks(result)
    assert got.keys() == worth.keys()
    manual = got.pop("table-why")
    assert manual in (None, 0)
    expected = {name: 0 if name in attack.loses else worth[name] for name in TESTS}
    assert got == expected, outputs(result, *TESTS)[:3000]


def check_words(attack: Attack, result: Result) -> None:
    said = "\n".join(result.remarks)
    assert not result.trouble
    assert re.search(attack.remark, said + outputs(result, *TESTS)), said
    if attack.flagged != "any":
        assert result.flagged == attack.flagged, said
    assert result.failed == attack.failed
    assert all(letter.isprintable() or letter == "\n" for letter in said), "control characters in a remark"
    assert len(said) < 5000
    limits = LIMITS if attack.hostile else Limits()
    assert result.seconds < limits.notebook + 10


def check_notebook(world: World, result: Result) -> None:
    """The course's cells are what they were, the file is small, and nothing in it acts."""
    data = result.notebooks[NAME]
    assert list(result.notebooks) == [NAME]
    assert len(data) < 8 << 20
    notebook = nbformat.reads(data.decode(), as_version=4)
    nbformat.validate(notebook)
    held = {
        about.grade_id: (cell.cell_type, about.locked, about.grade, about.solution, about.get("points", 0))
        for cell in notebook.cells
        if (about := cell.metadata.get("nbgrader"))
    }
    assert held == {
        cell.grade_id: (cell.cell_type, cell.locked, cell.grade, cell.solution, cell.points)
        for cell in world.assignment.notebooks[NAME]
    }
    if b"IBXSS" in data:
        check_inert(notebook)


ACTIVE = {"script", "style", "svg", "iframe", "object", "embed", "base", "form", "math", "link", "meta"}


def check_inert(notebook: nbformat.NotebookNode) -> None:
    """A browser that shows the notebook runs nothing of the student's."""
    exporter = HTMLExporter(template_name="lab")
    page = LexborHTMLParser(exporter.from_notebook_node(notebook)[0])
    for node in page.css("body *"):
        for key, value in node.attributes.items():
            assert "IBXSS" not in f"{key} {value}", node.html[:500]
        if node.tag in ACTIVE:
            assert "IBXSS" not in (node.html or ""), node.html[:500]
    for node in page.css("title, head meta"):
        assert "IBXSS" not in (node.html or "")
    for node in page.css("pre, code, script, style"):  # where MathJax does not look
        node.decompose()
    assert not re.search(r"\\(href|unicode|style|class|cssId|require)\b", page.body.text())


def check_world(world: World, result: Result) -> None:
    """Nothing was read, written, sent, killed or left behind."""
    seen = shown(result)
    for secret in (world.secret, world.hidden):
        assert secret not in seen
        assert secret.removeprefix(MARK) not in seen
    assert "ESCAPED" not in outputs(result), outputs(result)[:3000]
    assert world.heard() == []
    assert world.witness.poll() is None
    assert "T" not in Path(f"/proc/{world.witness.pid}/stat").read_text().rsplit(") ", 1)[1].split()[0]
    assert world._canaries() == world.before
    assert memory("VmHWM") - world.resident < 400 << 20, "the grader itself took much memory"
    # students may resubmit: neither what a hidden test expects nor how far it is away
    hidden = outputs(result, *(name for name in TESTS if name.endswith("hidden")))
    assert not re.search(r"DESIRED|ACTUAL|difference[^\"]*\d", hidden), hidden


@pytest.fixture(scope="module")
def world(tmp_path_factory, request) -> Iterator[World]:
    if sys.platform != "linux":
        pytest.skip("the sandbox needs Linux")
    with World(tmp_path_factory.mktemp("attacks")) as made:
        request.getfixturevalue("sandbox")  # it starts with the secret in the environment around it
        contain(made)
        made.processes = len(offspring())
        yield made


PROBE = """
import json, os, resource
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
print(json.dumps({
    "spaces": [os.readlink(f"/proc/self/ns/{name}") for name in ("pid", "net", "mnt", "ipc", "uts")],
    "privileges": [int(status[name], 16) for name in ("CapEff", "CapPrm", "CapBnd")],
    "filter": [int(status[name]) for name in ("NoNewPrivs", "Seccomp")],
    "users": status["Uid"].split() + status["Gid"].split(),
    "processes": resource.getrlimit(resource.RLIMIT_NPROC)[1],
    "cores": resource.getrlimit(resource.RLIMIT_CORE)[1],
    "sees": [path for path in (@PLACES@) if os.path.exists(path) and os.access(path, os.W_OK)],
    "course": os.path.exists("@COURSE@"),
}))
"""


def contain(world: World) -> None:
    """Stop unless a harmless submission finds that it is in a sandbox."""
    probe = Attack("hostile/probe", "nothing", cells=(("information-answer", PROBE),))
    result = world.grade(probe)
    notebook = nbformat.reads(result.notebooks[NAME].decode(), as_version=4)
    printed = called(notebook, "information-answer").outputs
    assert printed, result
    found = json.loads(printed[0].text)
    here = {os.readlink(f"/proc/self/ns/{name}") for name in ("pid", "net", "mnt", "ipc", "uts")}
    assert not here & set(found["spaces"]), found
    assert found["privileges"] == [0, 0, 0], found
    assert found["filter"] == [1, 2], found
    assert "0" not in found["users"], found
    assert 0 < found["processes"] <= 4096, found
    assert found["cores"] == 0, found
    assert not found["course"], found
    assert set(found["sees"]) <= {"/tmp", "/dev/shm"}, found


REFERENCE = read(HERE / "attacks" / "right" / "reference.md")


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_what_must_happen_happens(world, attack):
    result = world.grade(attack)
    check_marks(world, attack, result)
    check_words(attack, result)
    check_notebook(world, result)
    check_world(world, result)
    if attack.hostile and attack.cells:  # its code ran, and the next one is graded as ever
        check_marks(world, REFERENCE, world.grade(REFERENCE))
    end = time.monotonic() + 3
    while (world.survivors() or len(offspring()) > world.processes) and time.monotonic() < end:
        time.sleep(0.05)
    assert world.survivors() == []
    assert len(offspring()) <= world.processes, offspring()


def test_there_are_enough():
    hostile = [attack for attack in ATTACKS if attack.hostile]
    assert len(hostile) >= 50
    assert len(ATTACKS) - len(hostile) >= 22
    assert {attack.change for attack in ATTACKS} - {""} == set(CHANGES)


def test_folders(world, tmp_path):
    """Links, pipes, folders and huge files among what was handed in are not followed, opened or read."""
    right = world.submission(REFERENCE).files[f"{NAME}.ipynb"]
    for name, make in {
        "link": lambda path: path.symlink_to(world.course / "secret.txt"),
        "folder": lambda path: path.mkdir(),
        "pipe": lambda path: os.mkfifo(path),
        "device": lambda path: path.symlink_to("/dev/zero"),
        "huge": lambda path: os.truncate(os.open(path, os.O_CREAT | os.O_WRONLY), 1 << 40),
    }.items():
        folder = tmp_path / name
        (folder / "more").mkdir(parents=True)
        make(folder / f"{NAME}.ipynb")
        (folder / "gradebook.db").symlink_to(world.course / "gradebook.db")
        (folder / "course").symlink_to(world.course)
        (folder / "loop").symlink_to(folder)
        os.mkfifo(folder / "more" / "pipe")
        os.link(world.course / "secret.txt", folder / "more" / "notes.ipynb")
        submission = read_folder(folder, "student")
        assert all(len(data) <= MAX_FILE for data in submission.files.values())
        result = grade(world.assignment, submission, LIMITS)
        assert set(marks(result).values()) == {0}
        assert result.flagged
        assert result.remarks
        check_world(world, result)
        (folder / "copy.ipynb").write_bytes(right)
        result = grade(world.assignment, read_folder(folder, "student"), LIMITS)
        check_marks(world, REFERENCE, result)


# ------------------------------------------------------------------------------------------------------------
# Archives for collect


def moodle(name: str, number: int, path: str = f"{NAME}.ipynb") -> str:
    return f"{name}_{number}_assignsubmission_file/{path}"


def paths(archive: zipfile.ZipFile, course: Path) -> None:
    """Names that lead out of the folder, that are none, or that stand in each other's way."""
    out = "../" * 8
    names = [
        *(out + moodle("Up", 10), moodle("Up", 11, f"{out}tmp/x.ipynb"), moodle("..", 12), moodle(".", 13)),
        *(moodle("../../..", 14), f"/{moodle('Root', 15)}", moodle("Root", 16, "/etc/ibcourse-was-here")),
        *(
            f"C:\\{moodle('Drive', 17)}",
            moodle("Back", 18, "..\\..\\x.ipynb"),
            moodle("Nul", 19, "CON.ipynb"),
        ),
        *(moodle("Null", 20, "a\0b.ipynb"), moodle("Bidi", 21, "\u202ebpyni.ipynb"), moodle("x" * 300, 22)),
        *(
            moodle("Long", 23, "x" * 300 + ".ipynb"),
            moodle("Deep", 24, "d/" * 100 + "x.ipynb"),
            moodle("", 25),
        ),
        *(
            moodle("Case", 26, "A.ipynb"),
            moodle("Case", 26, "a.ipynb"),
            moodle("Twice", 27),
            moodle("Twice", 27),
        ),
        *(moodle("Way", 28, "a.ipynb"), moodle("Way", 28, "a.ipynb/b.ipynb"), moodle("Dots", 29, "...")),
        *(
            moodle("Course", 30, ".ibcourse/x"),
            moodle("Time", 31, "timestamp.txt"),
            "x",
            "",
            "/",
            "gradebook.db",
        ),
        *(
            moodle("=1+1", 32),
            moodle("-rf", 33),
            moodle("$(id)`id`", 34),
            moodle("\x1b[2J", 35),
            moodle("a\nb", 36),
        ),
        *(f"student_LATE_1_2_{out}x.ipynb", "anon_../../x_5_x.ipynb", "s_99999999999999999999_1_x.ipynb"),
        *(moodle("CON", 37), moodle("Ann\u0301", 38), moodle("Ann\u0301".swapcase(), 39)),
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # zipfile warns of a name that stands twice
        for name in names:
            info = zipfile.ZipInfo("x")
            info.filename = name  # as it is
            archive.writestr(info, b"{}")


def kinds(archive: zipfile.ZipFile, course: Path) -> None:
    """Links, devices, pipes, wrong times, unknown compression, encryption, archives in archives."""
    for number, (mode, data) in enumerate(
        (
            (stat.S_IFLNK, str(course / "secret.txt").encode()),
            (stat.S_IFLNK, b"../../../../secret.txt"),
            (stat.S_IFIFO, b""),
            (stat.S_IFBLK, b""),
            (stat.S_IFSOCK, b""),
            (stat.S_IFREG | 0o6777, b"{}"),
        )
    ):
        info = zipfile.ZipInfo(moodle("Kind", 100 + number), (1980, 1, 1, 0, 0, 0))
        info.external_attr = mode << 16
        archive.writestr(info, data)
    link = zipfile.ZipInfo("linked_120_assignsubmission_file")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    archive.writestr(link, str(course).encode())
    archive.writestr("linked_120_assignsubmission_file/secret.txt", b"mine")
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as nested:
        nested.writestr("x.ipynb", bytes(30 << 20))
    archive.writestr(moodle("Nested", 121, "work.zip"), inner.getvalue())
    archive.writestr(zipfile.ZipInfo(moodle("Never", 122), (1980, 1, 1, 0, 0, 0)), b"{}")
    for name, change in {
        "encrypted": {"flag_bits": 1},
        "unknown": {"compress_type": 99},
        "time": {"date_time": (1980, 0, 0, 31, 63, 62)},
        "short": {"file_size": 1},
        "long": {"file_size": 1 << 31},
        "offset": {"header_offset": 1 << 30},
        "crc": {"CRC": 1},
    }.items():
        archive.writestr(moodle(name, 200 + len(archive.filelist)), b"x" * 1000)
        for key, value in change.items():
            setattr(archive.filelist[-1], key, value)  # the directory at the end is what readers trust


def broken(archive: zipfile.ZipFile, course: Path) -> None:
    """A directory that lies about its own parts."""
    archive.writestr(moodle("Broken", 250), b"x")
    archive.filelist[-1].extra = b"UT\xff\xff\x01"


def many(archive: zipfile.ZipFile, course: Path) -> None:
    """More files than a class has."""
    for number in range(60_000):
        archive.writestr(moodle("Many", number + 1), b"")


def bomb(archive: zipfile.ZipFile, course: Path) -> None:
    """Small files that become large."""
    for number in range(4):
        data = bytes(40 << 20) if number else bytes(60 << 20)
        archive.writestr(moodle("Bomb", 300 + number), data, zipfile.ZIP_DEFLATED)


def overlapping(good: bytes) -> bytes:
    """An archive whose files share their data: each holds the header of the next, and all that follows."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    plain = secrets.token_bytes(300_000) + bytes(40 << 20)
    tail = packer.compress(plain) + packer.flush()
    entries = []
    for number in range(12):
        if entries:  # a block of deflate that quotes the header of the file before
            header = tail[: 30 + len(entries[-1][1])]
            tail = struct.pack("<BHH", 0, len(header), 0xFFFF ^ len(header)) + tail
            plain = header + plain
        name = moodle("Quoted", 400 + number).encode()
        sizes = zlib.crc32(plain), len(tail), len(plain), len(name), 0
        about = struct.pack("<HHHHHIIIHH", 20, 0, zipfile.ZIP_DEFLATED, 0, 33, *sizes)
        tail = b"PK\3\4" + about + name + tail
        entries.append((about, name, len(tail)))
    name = moodle("Good Student", 1).encode()
    about = struct.pack("<HHHHHIIIHH", 20, 0, 0, 0, 33, zlib.crc32(good), len(good), len(good), len(name), 0)
    places = [(about, name, len(tail) - length) for about, name, length in entries] + [
        (about, name, len(tail))
    ]
    body = tail + b"PK\3\4" + about + name + good
    directory = b"".join(
        b"PK\1\2\24\0" + about + struct.pack("<HHHII", 0, 0, 0, 0, place) + name
        for about, name, place in places
    )
    end = struct.pack("<HHHHIIH", 0, 0, len(places), len(places), len(directory), len(body), 0)
    return body + directory + b"PK\5\6" + end


ARCHIVES = [paths, kinds, broken, many, bomb, overlapping]


@pytest.fixture(scope="module")
def class_of_one(tmp_path_factory):
    return load_settings(new_course(tmp_path_factory.mktemp("class") / "course"))


@pytest.mark.parametrize("made", ARCHIVES, ids=lambda made: made.__name__)
def test_archives(class_of_one, tmp_path, made):
    """An archive writes into the folders of its students, in bounds, and the others are collected."""
    settings, good = class_of_one, b'{"cells": [], "nbformat": 4, "nbformat_minor": 5, "metadata": {}}'
    before = tree(settings.course.parent)
    outside = sorted(os.listdir(tmp_path.parent))
    path = tmp_path / "class.zip"
    if made is overlapping:
        path.write_bytes(overlapping(good))
    else:
        with zipfile.ZipFile(path, "w") as archive:
            made(archive, settings.course)
            archive.writestr(moodle("Good Student", 1), good)
    start = time.monotonic()
    try:
        report = str(collect(settings, NAME, [path]))
    except GradingError as error:
        report = str(error)
        assert made in (broken, many, overlapping), "the others of the class are not collected"
    else:
        (placed,) = settings.course.glob(f"submitted/good*/{NAME}/{NAME}.ipynb")
        assert placed.read_bytes() == good
    assert all(letter.isprintable() or letter == "\n" for letter in report)
    after = tree(settings.course.parent)
    secret = (settings.course / "secret.txt").read_text().strip()
    total = 0
    for name, (mode, size) in after.items():
        place = Path(name).relative_to(settings.course.parent).parts
        assert stat.S_ISREG(mode) or stat.S_ISDIR(mode), name
        assert not mode & 0o6000, name
        assert secret not in report
        if before.get(name) != (mode, size) and stat.S_ISREG(mode):
            assert place[1] in ("submitted", ".ibcourse", "gradebook.db"), name
            if place[1] == "submitted":
                assert len(place) > 4, name
                assert place[3] == NAME, name
                assert secret not in Path(name).read_bytes()[:10_000].decode("latin1")
                total += size
    assert total <= max(1 << 20, 200 * path.stat().st_size), f"{total >> 20} MiB were written"
    assert sorted(os.listdir(tmp_path.parent)) == outside
    assert not any(Path(place, "ibcourse-was-here").exists() for place in PLACES)
    assert time.monotonic() - start < 30


def tree(folder: Path) -> dict[str, tuple[int, int]]:
    """The kind and size of all below a folder, by path."""
    return {str(path): (path.lstat().st_mode, path.lstat().st_size) for path in folder.rglob("*")}


# ------------------------------------------------------------------------------------------------------------
# The attack table


def rows(world: World) -> Iterator[dict[str, object]]:
    """The rows of the attack table, measured now."""
    worth = sum(points(world)[name] for name in TESTS)
    for attack in sorted(ATTACKS, key=lambda attack: attack.name):
        result = world.grade(attack)
        got = marks(result)
        words = [f"{sum(got[name] or 0 for name in TESTS):g} of {worth:g}"]
        words += ["flagged"] if result.flagged else []
        words += ["a failure, apart from zeros"] if result.failed else []
        as_stated = True
        try:
            check_marks(world, attack, result)
            check_words(attack, result)
            check_notebook(world, result)
            check_world(world, result)
        except AssertionError:
            as_stated = False
        kind, _, name = attack.name.partition("/")
        yield {
            "kind": kind,
            "submission": name,
            "tries": attack.tries,
            "plain nbgrader": attack.plain,
            "this grader": ", ".join(words),
            "as stated": as_stated,
        }


def main() -> None:
    """Measure the attack table and record it."""
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, World(Path(folder)) as world:
        check_sandbox()
        contain(world)
        found = []
        for row in rows(world):
            found.append(row)
            print(*row.values(), sep=" | ", flush=True)
    data = "the submissions of tests/grading/attacks"
    write_record("attacks", found, seconds=time.monotonic() - start, seeds=[], data=data)


if __name__ == "__main__":
    main()
