"""A whole notebook executed: the student's cells in the kernel, grade cells in the tester.

Locked cells that are no grade cells, such as imports, run in both.  Whatever a student's code does, every
grade cell ends with outputs that nbgrader can mark: an error with a reason where it could not be run.
"""

import copy
import json
import math
import os
import shutil
import signal
import socket
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import zmq
from nbformat import NotebookNode, from_dict
from nbformat.v4 import new_output

from ibcourse.grading import GradingError, plain
from ibcourse.grading.sandbox import MIB, Limits, zygote
from ibcourse.grading.submission import is_locked, is_test

GRACE = 2.0  # seconds to react to an interrupt
FLOOD = 256 * MIB  # bytes that a kernel may publish in all
SOCKET_PATH = 107  # bytes, at most, on Linux
FLOODED = "Your notebook printed or sent too much."
DELIMITER = b"<IDS|MSG>"
HEADERS = 1 << 16  # bytes that the headers of a message may have


@dataclass(frozen=True)
class Executed:
    """A notebook that was executed.

    Attributes
    ----------
    notebook : NotebookNode
        A copy with its outputs.
    reason : str
        Why the run, or a cell, ended early, for the student; empty if nothing did.
    flagged : bool
        Whether a person must look.
    memory : int
        The most bytes that the student's processes held.
    """

    notebook: NotebookNode
    reason: str
    flagged: bool
    memory: int


class KernelEndedError(Exception):
    """The student's kernel is of no more use; the message says why, for the student."""


def execute(notebook: NotebookNode, files: Mapping[str, bytes], limits: Limits) -> Executed:
    """Execute a notebook in the sandbox.

    Parameters
    ----------
    notebook : NotebookNode
        With the metadata of nbgrader as the instructor wrote it.  Grade cells that are no solutions run in
        the tester alone.
    files : mapping of str to bytes
        What lies in the working folder, by relative path.
    limits : Limits
        What it may use.

    Returns
    -------
    Executed
        Whatever the notebook holds.

    Raises
    ------
    GradingError
        If the sandbox does not work here, which is never a student's fault.
    """
    return _Run(copy.deepcopy(notebook), files, limits).run()


class _Kernel:
    """The grader's end of the student's kernel: Jupyter messages over sockets that the grader opened."""

    def __init__(self, files: Mapping[str, bytes], limits: Limits) -> None:
        self.limits, self.received = limits, 0
        folder = Path(tempfile.mkdtemp(prefix="ibcourse-"))
        if len(os.fsencode(folder)) > SOCKET_PATH - len("/iopub"):
            folder.rmdir()
            raise GradingError(
                f"the temporary folder {folder.parent} has a path too long for sockets. "
                "Set TMPDIR to a shorter one, such as /tmp."
            )
        context: zmq.Context = zmq.Context.instance()
        self.shell, self.iopub = context.socket(zmq.DEALER), context.socket(zmq.SUB)
        listeners = []
        try:
            for channel, name in ((self.shell, "shell"), (self.iopub, "iopub")):
                listener = socket.socket(socket.AF_UNIX)
                listeners.append(listener)
                listener.bind(str(folder / name))
                listener.listen(1)
                channel.linger = 0
                channel.rcvhwm = 16
                channel.maxmsgsize = 8 * limits.output + MIB
                channel.reconnect_ivl = -1
                channel.connect(f"ipc://{folder / name}")
            self.iopub.subscribe(b"")
            self.child = zygote().fork("kernel", [listener.fileno() for listener in listeners], files, limits)
        except BaseException:
            self.shell.close()
            self.iopub.close()
            raise
        finally:
            for listener in listeners:
                listener.close()
            shutil.rmtree(folder)
        self.child.channel.settimeout(GRACE)
        self.flooded = False
        self.closing = threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()
        self.poller = zmq.Poller()
        for source in (self.shell, self.iopub, self.child.pidfd):
            self.poller.register(source, zmq.POLLIN)

    def _watch(self) -> None:
        """End a kernel that fills the grader's memory: parts of a message without end are kept unseen."""
        most = _held() + FLOOD
        while not self.closing.wait(0.05):
            if _held() > most:
                self.flooded = True
                self.child.signal(signal.SIGKILL)
                return

    def greet(self, deadline: float) -> None:
        """Wait until messages arrive on both channels."""
        while not self.wait(self.request("kernel_info_request"), time.monotonic() + 0.5):
            if time.monotonic() > deadline:
                raise GradingError("the student's kernel does not answer")

    def request(self, kind: str, **content: Any) -> str:
        """Send a request and return its number."""
        number = uuid.uuid4().hex
        header = {
            "msg_id": number,
            "msg_type": kind,
            "session": "grader",
            "username": "grader",
            "date": "2000-01-01T00:00:00Z",
            "version": "5.3",
        }
        parts: tuple[dict[str, Any], ...] = (header, {}, {}, content)
        with suppress(zmq.Again):
            self.shell.send_multipart(
                [DELIMITER, b"", *(json.dumps(part).encode() for part in parts)], zmq.NOBLOCK
            )
        return number

    def wait(self, number: str, deadline: float, outputs: "Outputs | None" = None) -> bool:
        """Collect outputs until a request is done; say whether that was before the deadline.

        Raises
        ------
        KernelEndedError
            If the kernel ends, or publishes too much.
        """
        replied = idle = False
        while not (replied and idle):
            left = deadline - time.monotonic()
            if left <= 0:
                return replied
            events = dict(self.poller.poll(math.ceil(left * 1000)))
            for channel in (self.shell, self.iopub):
                if channel not in events:
                    continue
                frames = channel.recv_multipart()
                if channel is self.iopub:
                    self.received += sum(map(len, frames))
                    if self.received > FLOOD:
                        raise KernelEndedError(FLOODED)
                kind, parent, content = _parse(frames)
                if parent != number:
                    continue
                if channel is self.shell:
                    replied = True
                    deadline = min(deadline, time.monotonic() + GRACE)  # for the last outputs
                elif kind == "status":
                    idle = content.get("execution_state") == "idle"
                elif outputs is not None:
                    outputs.add(kind, content, sum(map(len, frames)))
            if self.child.pidfd in events and not (events.keys() - {self.child.pidfd}):
                raise KernelEndedError(
                    FLOODED
                    if self.flooded
                    else "Your notebook used more memory than it may."
                    if self.child.starved()
                    else "Your notebook's kernel ended."
                )
        return True

    def finish(self, number: str, deadline: float, outputs: "Outputs | None" = None) -> bool:
        """Wait as `wait` does, and interrupt what has not ended by the deadline.

        Raises
        ------
        KernelEndedError
            Also if it cannot be interrupted.
        """
        if self.wait(number, deadline, outputs):
            return True
        for _ in range(2):
            self.child.signal(signal.SIGINT)
            if self.wait(number, time.monotonic() + GRACE, outputs):
                return False
        raise KernelEndedError("Your notebook did not stop when its time was up.")

    def close(self) -> None:
        self.closing.set()
        self.child.close()
        self.shell.close()
        self.iopub.close()


class _Run:
    """One notebook, its two processes and what has happened so far."""

    def __init__(self, notebook: NotebookNode, files: Mapping[str, bytes], limits: Limits) -> None:
        self.notebook, self.limits = notebook, limits
        self.deadline = time.monotonic() + limits.notebook
        self.left = 4 * limits.output  # of outputs, for all cells together
        self.reasons: list[str] = []
        self.locked = [cell.source for cell in notebook.cells if is_locked(cell) and not is_test(cell)]
        self.stopped = ""  # why nothing more can be run
        self.memory = 0
        try:
            self.kernel = _Kernel(files, limits)
        except GradingError:  # the zygote may have ended since the last notebook
            self.kernel = _Kernel(files, limits)
        try:
            self.tester = zygote().fork("tester", [], files, limits)
        except BaseException:
            self.kernel.close()
            raise

    def run(self) -> Executed:
        try:
            self.kernel.greet(self.deadline)
            for index, cell in enumerate(self.notebook.cells):
                if cell.cell_type == "code":
                    cell.outputs, cell.execution_count = [], None
                    name = cell.metadata.get("nbgrader", {}).get("grade_id", f"number {index + 1}")
                    self._cell(cell, name)
            self._measure()
        finally:
            self.kernel.close()
            self.tester.close()
        return Executed(self.notebook, " ".join(self.reasons), bool(self.reasons), self.memory)

    def _cell(self, cell: NotebookNode, name: str) -> None:
        test = is_test(cell)
        if not cell.source.strip():
            return
        if not self.stopped and time.monotonic() > self.deadline:
            self._end(f"Your notebook did not finish within its {self.limits.notebook:.0f} s.")
        if not test and not self.stopped:
            self._attempt(name, self._in_kernel, cell)
        if is_locked(cell) and not self.stopped:
            self._attempt(name, self._in_tester, cell)
        if test and self.stopped and not cell.outputs:
            cell.outputs = [_failed(self.stopped)]

    def _attempt(self, name: str, step: Callable[[NotebookNode], bool], cell: NotebookNode) -> None:
        """Run a cell, and note for the student what did not end by itself."""
        try:
            if not step(cell):
                self.reasons.append(
                    f"Cell {name} did not finish within {self.limits.cell:.0f} s and was interrupted."
                )
        except KernelEndedError as error:
            self._end(f"{error} That was in cell {name}.")
            cell.outputs.append(_failed(self.stopped))

    def _end(self, reason: str) -> None:
        self.stopped = f"{reason} The cells after it were not run."
        self.reasons.append(self.stopped)
        self._measure()
        self.kernel.child.signal(signal.SIGKILL)

    def _measure(self) -> None:
        self.memory = max(self.memory, self.kernel.child.memory())

    def _until(self) -> float:
        return min(time.monotonic() + self.limits.cell, self.deadline)

    def _in_kernel(self, cell: NotebookNode) -> bool:
        """Run a cell in the kernel; say whether it ended by itself."""
        outputs = Outputs(cell, min(self.limits.output, self.left))
        request = self.kernel.request(
            "execute_request",
            code=cell.source,
            silent=False,
            store_history=True,
            user_expressions={},
            allow_stdin=False,
            stop_on_error=False,
        )
        try:
            return self.kernel.finish(request, self._until(), outputs)
        finally:
            self.left -= outputs.kept

    def _in_tester(self, cell: NotebookNode) -> bool:
        """Run a cell in the tester, whose questions the kernel answers; say whether it ended by itself."""
        until = self._until()
        ours, theirs = socket.socketpair()
        with ours, theirs:
            with suppress(OSError):  # a kernel that takes no more sockets fails the test
                plain.send(self.kernel.child.channel, "", [ours.fileno()])
            request = self.kernel.request("answer_request")
            order = {
                "source": cell.source,
                "grade": is_test(cell),
                "seconds": max(0.0, until - time.monotonic()),
                "locked": self.locked,
            }
            self.locked = []
            with suppress(OSError):  # an ended tester is found out when its outputs are read
                plain.send(self.tester.channel, json.dumps(order), [theirs.fileno()])
        outputs = self._tested(until)
        if is_test(cell):
            cell.outputs = [_marked(output, cell) for output in outputs]
        return self.kernel.finish(request, time.monotonic() + GRACE) and time.monotonic() < until

    def _tested(self, until: float) -> list[NotebookNode]:
        """The outputs of the tester, which is interrupted when the time is up."""
        for patience in (1.0, GRACE):
            try:
                text, _ = plain.receive(self.tester.channel, FLOOD, max(until, time.monotonic()) + patience)
                return [from_dict(output) for output in json.loads(text)]
            except TimeoutError:
                self.tester.signal(signal.SIGINT)
            except (EOFError, OSError):
                raise KernelEndedError("The process that ran the tests ended.") from None
        raise KernelEndedError("A test did not stop when its time was up.")


class Outputs:
    """The outputs of a student's cell, cut where they are too large."""

    def __init__(self, cell: NotebookNode, limit: int) -> None:
        self.cell, self.limit, self.left = cell, limit, limit
        self.shown: dict[str, list[NotebookNode]] = {}  # by their display id, to be updated
        self.clear = False

    @property
    def kept(self) -> int:
        """The bytes that were kept."""
        return self.limit - max(0, self.left)

    def add(self, kind: str, content: dict[str, Any], size: int) -> None:
        """Take what the kernel publishes for the cell."""
        if kind not in (
            "stream",
            "display_data",
            "update_display_data",
            "execute_result",
            "error",
            "clear_output",
        ):
            return
        if self.left <= 0:
            return
        self.left -= size
        if self.left <= 0:
            self.cell.outputs.append(
                new_output("stream", name="stdout", text="\nMore output was not kept.\n")
            )
            return
        if kind == "clear_output":
            self.clear = content.get("wait") is True
            if not self.clear:
                self.cell.outputs.clear()
            return
        output = _output(kind, content)
        if self.clear:
            self.clear = False
            self.cell.outputs.clear()
        display = _text(_dict(content.get("transient")).get("display_id"))
        if kind == "update_display_data":
            for shown in self.shown.get(display, []):
                shown.data = output.data
            return
        last = self.cell.outputs[-1] if self.cell.outputs else None
        if kind == "stream" and last and last.output_type == "stream" and last.name == output.name:
            last.text += output.text
            return
        if kind == "execute_result":
            self.cell.execution_count = output.execution_count
        if display:
            self.shown.setdefault(display, []).append(output)
        self.cell.outputs.append(output)


def _output(kind: str, content: dict[str, Any]) -> NotebookNode:
    """A valid output made of what a student's process says it is."""
    if kind == "stream":
        name = "stderr" if content.get("name") == "stderr" else "stdout"
        return new_output("stream", name=name, text=_text(content.get("text")))
    if kind == "error":
        lines = content.get("traceback")
        return new_output(
            "error",
            ename=_text(content.get("ename")),
            evalue=_text(content.get("evalue")),
            traceback=[_text(line) for line in lines] if isinstance(lines, list) else [],
        )
    data = {
        _text(name): _text(item) for name, item in _dict(content.get("data")).items() if isinstance(item, str)
    }
    if kind == "execute_result":
        count = content.get("execution_count")
        count = count if type(count) is int and count >= 0 else None
        return new_output("execute_result", data=data, execution_count=count)
    return new_output("display_data", data=data)


def _held() -> int:
    """Bytes of memory that this process holds."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    """Text that can be written into a file."""
    return value.encode("utf8", "replace").decode() if isinstance(value, str) else ""


def _failed(reason: str) -> NotebookNode:
    return new_output("error", ename="NotGraded", evalue=reason, traceback=[reason])


def _marked(output: NotebookNode, cell: NotebookNode) -> NotebookNode:
    """An output of the tester, without values that nbgrader takes for a mark that cannot be."""
    if output.output_type == "execute_result":
        value, points = float(output.data["text/plain"]), float(cell.metadata.nbgrader.points)
        if not 0 <= value <= points:
            return _failed(f"The test gave {value}, which is no mark from 0 to {points:g}.")
    return output


def _parse(frames: list[bytes]) -> tuple[str, str, dict[str, Any]]:
    """The kind of a message, the number of its request, and its content; empty if it is broken."""
    try:
        start = frames.index(DELIMITER) + 2
        header, parent, _, content = frames[start : start + 4]
        if len(header) + len(parent) > HEADERS:
            return "", "", {}
        header, parent, content = json.loads(header), json.loads(parent), json.loads(content)
        kind, number = header["msg_type"], parent.get("msg_id")
        if isinstance(kind, str) and isinstance(number, str) and isinstance(content, dict):
            return kind, number, content
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        pass
    return "", "", {}
