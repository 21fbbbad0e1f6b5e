"""The visible checks of homework, run on a student's notebook before it is handed in.

The student's cells run in a kernel of their own, in the order of the notebook; locked cells and checks are
the course's, so that an edited or deleted check hides nothing.  The notebook's file is only read.
"""

import re
import subprocess
import textwrap
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty
from typing import Any

import nbformat
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager

from ibcourse.course import CourseError
from ibcourse.course.homework import STUDENTS, homeworks, imports, notebook

SECONDS = 60.0  # for one cell
PATIENCE = 5.0  # for a cell to end that is interrupted
UNANSWERED = "not answered yet"
RUN = {"setup", "answer", "visible", "own"}


@dataclass
class Result:
    """A course cell and what happened to it; ``error`` is empty where nothing went wrong."""

    id: str
    kind: str
    source: str
    problem: str = ""
    points: int = 0
    error: str = ""


@dataclass
class Report:
    """What `check` found: every course cell in the course's order, and remarks about the file."""

    path: Path
    topic: str
    cells: list[Result] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        return not any(cell.error for cell in self.cells if cell.kind == "visible")

    def __str__(self) -> str:
        lines = [f"{self.path}, checked as {self.topic}"]
        for cell in self.cells:
            if cell.kind == "title" and cell.problem:
                lines += ["", cell.source.lstrip("# ")]
            elif cell.kind == "visible":
                points = f"{0 if cell.error else cell.points} of {cell.points}" if cell.points else ""
                lines.append(f"  {'FAIL' if cell.error else 'ok':6}{cell.id:38}{points}".rstrip())
            elif cell.kind in ("hidden", "written"):
                what = "hidden tests" if cell.kind == "hidden" else "read by a person"
                lines.append(f"  {'later':6}{cell.id:38}? of {cell.points}  ({what})")
            elif cell.error and cell.error != UNANSWERED:
                lines.append(f"  {'ERROR':6}{cell.id}")
            if cell.error and (cell.kind == "visible" or cell.error != UNANSWERED):
                lines.append(textwrap.indent(cell.error, " " * 8))
        lines += ["", *self.remarks] if self.remarks else []
        visible = [cell for cell in self.cells if cell.kind == "visible"]
        good = [cell for cell in visible if not cell.error]
        got, total = sum(cell.points for cell in good), sum(cell.points for cell in visible)
        lines += ["", f"{len(good)} of {len(visible)} checks passed: {got} of {total} visible points."]
        if self.passed:
            for kind, judge in (("hidden", "judged by hidden tests"), ("written", "read by a person")):
                if more := sum(cell.points for cell in self.cells if cell.kind == kind):
                    lines.append(f"{more} more point{' is' if more == 1 else 's are'} {judge}.")
        return "\n".join(lines)


def check(path: Path, exercises: Path | None = None) -> Report:
    """Run the course's visible checks on a student's notebook.

    Parameters
    ----------
    path : pathlib.Path
        The student's notebook; it is not written.
    exercises : pathlib.Path, optional
        As for `ibcourse.course.homework.homeworks`.

    Returns
    -------
    Report
        Its ``str`` is what the student reads.

    Raises
    ------
    CourseError
        If the file is not a notebook, or not of this course's homework.
    """
    try:
        with warnings.catch_warnings(action="ignore"):  # about cells without ids
            theirs = nbformat.reads(path.read_text(encoding="utf8"), as_version=4)
        cells = [(_grade_id(cell), str(cell.cell_type), str(cell.source)) for cell in theirs.cells]
    except OSError:
        raise
    except Exception as error:  # nbformat stumbles over broken files in many ways
        raise CourseError(
            f"{path} is not a notebook that can be read. Open it in JupyterLab and save it again; if that "
            "fails too, put your answers into a fresh copy from `ibcourse homework`."
        ) from error
    courses = {topic: notebook(topic, exercises) for topic in homeworks(exercises)}
    ids = {name for name, _, _ in cells}
    shared = {topic: len(ids & set(map(_grade_id, ours.cells))) for topic, ours in courses.items()}
    topic = max(shared, key=shared.__getitem__, default="")
    if not topic or not shared[topic]:
        raise CourseError(f"{path} holds no cell of this course's homework; `ibcourse homework` lists it.")
    report = Report(path, topic)
    for cell in courses[topic].cells:
        points = cell.metadata.nbgrader.get("points", 0)
        report.cells.append(
            Result(_grade_id(cell), source=cell.source, points=points, **cell.metadata.ibcourse)
        )
    _run(_merge(cells, report), report)
    return report


def _grade_id(cell: nbformat.NotebookNode) -> str:
    about = cell.metadata.get("nbgrader")
    return str(about.get("grade_id", "")) if isinstance(about, Mapping) else ""


def _merge(theirs: Sequence[tuple[str, str, str]], report: Report) -> list[tuple[Result, str]]:
    """The code to run: the student's cells in their order, with the course's locked cells and checks.

    A course cell that is not there follows the one before it.
    """
    ours = {cell.id: cell for cell in report.cells}
    merged: list[tuple[Result, str]] = []
    seen: set[str] = set()
    for name, kind, source in theirs:
        if name in seen:
            report.remarks.append(f"The cell {name} stands twice; the first one counts.")
            continue
        cell = ours.get(name, Result("", "own", source))
        seen |= {name} & ours.keys()
        if cell.kind == "answer" and source.strip() == cell.source.strip():
            cell.error = UNANSWERED
        if cell.kind in (*STUDENTS, "own"):
            if kind != "code" and cell.kind == "answer":
                report.remarks.append(f"The cell {name} is no longer a code cell and was not run.")
            if cell.kind == "answer" and kind == "code" and _imports(source):
                report.remarks.append(f"The cell {name} imports; an answer uses what set-up cells import.")
            merged.append((cell, source if kind == "code" else ""))
        else:
            if source.strip() != cell.source.strip() and cell.kind in RUN:
                report.remarks.append(f"The cell {name} was changed; the course's own was run.")
            merged.append((cell, cell.source))
    place = 0
    for cell in report.cells:
        if cell.id in seen:
            place = next(i for i, (other, _) in enumerate(merged) if other is cell) + 1
        elif cell.kind in STUDENTS:
            cell.error = UNANSWERED if cell.kind == "answer" else ""
            report.remarks.append(f"The cell {cell.id} is missing; take it from a fresh copy.")
        else:
            if cell.kind in RUN:
                report.remarks.append(f"The cell {cell.id} is missing; the course's own was run.")
            merged.insert(place, (cell, cell.source))
            place += 1
    return [(cell, source) for cell, source in merged if cell.kind in RUN]


def _imports(source: str) -> bool:
    try:
        return bool(imports(source))
    except (SyntaxError, ValueError):  # said when the cell runs
        return False


# ------------------------------------------------------------------------------------------------------------
# Running


def _run(cells: Sequence[tuple[Result, str]], report: Report) -> None:
    """Run cells in a kernel, and write each one's error into its result."""
    stopped = ""
    unanswered = {cell.problem for cell in report.cells if cell.error}
    labels: dict[int, str] = {}  # what the kernel's number of a cell means to the student
    with _kernel(report.path.resolve().parent) as (manager, client):
        for cell, source in cells:
            label = cell.id or "a cell of your own"
            reply: dict[str, Any] = {"status": "stopped", "evalue": stopped}
            if not stopped:
                reply = _execute(manager, client, source)
            labels[reply.get("execution_count", 0)] = label
            if reply["status"] == "stopped" and not stopped:
                stopped = f"not run, because {label} stopped Python"
            if reply["status"] == "ok" or cell.error:
                continue
            skipped = cell.kind == "visible" and cell.problem in unanswered
            cell.error = UNANSWERED if skipped else _explain(reply, labels)
            if cell.kind == "own" and not cell.error.startswith("not run"):
                report.remarks.append(f"A cell of your own fails: {cell.error}.")


@contextmanager
def _kernel(folder: Path) -> Iterator[tuple[KernelManager, BlockingKernelClient]]:
    manager = KernelManager(kernel_name="python3")
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    history = ["--HistoryManager.hist_file=:memory:"]
    manager.start_kernel(cwd=str(folder), extra_arguments=history, **quiet)
    client = manager.blocking_client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=SECONDS)
        yield manager, client
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def _execute(manager: KernelManager, client: BlockingKernelClient, source: str) -> dict[str, Any]:
    """The kernel's reply; status ``late`` or ``stopped`` where it gives none."""
    request = client.execute(source, allow_stdin=False, stop_on_error=False)
    late = {"status": "late", "evalue": f"not finished after {SECONDS:g} s"}
    deadline = time.monotonic() + SECONDS
    interrupted = False
    while True:
        try:
            message = client.get_shell_msg(timeout=0.5)
        except Empty:
            if not manager.is_alive():
                return {"status": "stopped", "evalue": "Python stopped here"}
            if time.monotonic() < deadline:
                continue
            if interrupted:
                manager.shutdown_kernel(now=True)
                return {"status": "stopped", "evalue": f"{late['evalue']}, and it could not be interrupted"}
            manager.interrupt_kernel()
            interrupted, deadline = True, time.monotonic() + PATIENCE
        else:
            if message["parent_header"].get("msg_id") == request:
                return late if interrupted else message["content"]


def _explain(reply: Mapping[str, Any], labels: Mapping[int, str]) -> str:
    """An error in a student's words: its message, and for a crash the line where it arose."""
    message, kind = str(reply["evalue"]).strip(), reply.get("ename", "")
    if kind in ("", "AssertionError"):
        return message or "a check of this cell failed"
    trace = re.sub(r"\x1b\[[\d;]*m", "", "\n".join(reply["traceback"]))
    places = re.findall(r"Cell In\[(\d+)\], line (\d+)", trace)
    if kind == "NotImplementedError" and not message:
        function = re.findall(r"Cell In\[\d+\], line \d+, in (\w+)\(", trace)
        subject = function[-1] if function else "the cell"
        message = f"{subject} comes to raise NotImplementedError(): write your code in place of that line"
    where = f"\nin line {places[-1][1]} of {labels[int(places[-1][0])]}" if places else ""
    return f"{kind}: {message}{where}" if message else f"{kind}{where}"
