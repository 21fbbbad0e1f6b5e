"""The student's kernel: ipykernel on sockets that the grader opened, which also answers the tester.

While a grade cell runs, the kernel answers questions about the student's names: what has this name, what is
this attribute, what does this function return.  It never sees the source of a test.
"""

import socket
from collections.abc import MutableMapping
from typing import Any

import zmq
from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp
from ipykernel.zmqshell import ZMQInteractiveShell
from jupyter_client.session import Session

from ibcourse.grading import plain

REQUEST = 1 << 28  # bytes that the tester may send at once


class StudentSession(Session):
    """A session that cuts what is larger than the grader reads."""

    output = 0

    def serialize(self, msg: dict[str, Any], ident: Any = None) -> list[bytes]:
        content = msg.get("content")
        if isinstance(content, dict):
            if isinstance(data := content.get("data"), dict):
                small = {kind: item for kind, item in data.items() if len(str(item)) <= self.output}
                lost = {"text/plain": "This output was too large to be kept."}
                content = content | {"data": small if len(small) == len(data) else small | lost}
            msg = msg | {"content": _cut(content, self.output)}
        return super().serialize(msg, ident)


def _cut(value: Any, limit: int) -> Any:
    """The value with long texts cut."""
    if isinstance(value, str):
        return value if len(value) <= limit else value[:limit] + "\nThe rest was not kept.\n"
    if isinstance(value, dict):
        return {key: _cut(item, limit) for key, item in value.items()}
    if isinstance(value, list):
        return [_cut(item, limit // 10) for item in value]
    return value


class StudentKernel(IPythonKernel):
    """An IPython kernel that knows one more request."""

    msg_types = [*IPythonKernel.msg_types, "answer_request"]  # noqa: RUF012
    channel: socket.socket
    session: Session
    shell: ZMQInteractiveShell

    def answer_request(self, stream: Any, ident: Any, parent: Any) -> None:
        """Answer the tester on the socket that has come through the channel, until it is closed."""
        try:
            _, (descriptor,) = plain.receive(self.channel, 0, descriptors=1)
            with socket.socket(fileno=descriptor) as link:
                answer(link, self.shell.user_ns)
        except (EOFError, OSError, ValueError):
            pass  # the tester has what it wanted, or no longer waits
        finally:
            self.session.send(stream, "answer_reply", {"status": "ok"}, parent=parent, ident=ident)


class KernelApp(IPKernelApp):
    """ipykernel's application without connection file, heartbeat and ports of its own."""

    kernel_class = StudentKernel
    listeners: list[int]

    def init_connection_file(self) -> None: ...

    def write_connection_file(self, **kwargs: Any) -> None: ...

    def log_connection_info(self) -> None: ...

    def init_heartbeat(self) -> None: ...

    def _bind_socket(self, s: Any, port: int) -> int:
        """Listen where the grader does; channels that it does not use stay inside the process."""
        if s.type == zmq.XPUB or len(self.listeners) == 2:
            s.setsockopt(zmq.USE_FD, self.listeners.pop(0))
            s.bind("ipc:///grader")
        else:
            s.bind(f"inproc://{id(s)}")
        return port


def run(channel: socket.socket, listeners: list[int], output: int) -> None:
    """Be the kernel until the process is killed.

    Parameters
    ----------
    channel : socket
        Of the grader: it brings the sockets on which the tester asks.
    listeners : list of int
        Descriptors of listening sockets, for the shell channel and for iopub.
    output : int
        Bytes that the grader keeps of a cell; one output is cut at half of that.
    """
    StudentSession.output = output // 2
    app = KernelApp.instance()
    app.listeners = listeners
    app.session = StudentSession(
        parent=app, key=b""
    )  # no signatures: the student's process would hold the key
    app.config.HistoryManager.enabled = False
    app.config.IPKernelApp.log_level = 50
    app.initialize([])
    app.kernel.channel = channel
    app.kernel.shell.enable_matplotlib("inline")
    plain.send(channel, '{"ready": true}')
    app.start()


def answer(link: socket.socket, names: MutableMapping[str, Any]) -> None:
    """Answer questions about names and the objects behind them until the link ends.

    A question is plain data: ``["name", name]``, ``["attribute", object, name]`` or
    ``["call", object, arguments, keywords]``.  An answer is ``["value", value]``, ``["missing"]`` or
    ``["error", names of the exception's types, message]``.
    """
    objects: list[Any] = []

    def keep(value: Any) -> int:
        objects.append(value)
        return len(objects) - 1

    while True:
        question, _ = plain.receive(link, REQUEST)
        try:
            what, target, *rest = plain.loads(question, lambda number, kind: objects[number])
            if what == "name" and target not in names:
                reply = plain.dumps(["missing"])
            else:
                if what == "name":
                    value = names[target]
                elif what == "attribute":
                    value = getattr(target, rest[0])
                else:
                    value = target(*rest[0], **rest[1])
                reply = plain.dumps(["value", value], keep)
        except BaseException as error:
            reply = _describe(error)
        plain.send(link, reply)


def _describe(error: BaseException) -> str:
    kinds = [kind.__name__ for kind in type(error).__mro__]
    try:
        return plain.dumps(["error", kinds, str.__getitem__(str(error), slice(2000))])
    except Exception:  # an exception that cannot say what it is
        return plain.dumps(["error", ["Exception"], ""])
