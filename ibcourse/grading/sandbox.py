"""Processes that a student's code cannot leave: bubblewrap, limits, and the zygote that they are forked from.

bubblewrap gives the zygote a file system that holds Python and nothing else of the machine, and no network.
Each child of the zygote confines itself further (`ibcourse.grading.zygote`).  Where a control group can limit
the memory of a child and its descendants together, it does; the limit for each single process always holds.
"""

import atexit
import base64
import json
import math
import os
import platform
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import ibcourse
from ibcourse.grading import GradingError, plain, seccomp

MIB = 1 << 20
GIB = 1 << 30
START = 120.0  # seconds until the zygote has imported everything, at most
USERS = 60_000, 2_700  # the first user id of children of root, and how many pairs there are


@dataclass(frozen=True)
class Limits:
    """What one notebook may use.

    Attributes
    ----------
    cell : float
        Seconds for a cell of the student and for a grade cell.
    notebook : float
        Seconds for the whole notebook, from the start of its processes to their end.
    memory : int
        Bytes, for the student's processes and for the tester.
    processes : int
        Processes and threads.
    disk : int
        Bytes in the working folder and ``/tmp`` together.
    output : int
        Bytes of output that one cell keeps.
    reply : int
        Bytes of one answer that the student's code gives a test.
    """

    cell: float = 30
    notebook: float = 150
    memory: int = 6 * GIB
    processes: int = 128
    disk: int = 256 * MIB
    output: int = 2 * MIB
    reply: int = 64 * MIB


class Child:
    """A process that the zygote forked: the student's kernel or the tester.

    Attributes
    ----------
    channel : socket
        The grader's end of its channel.
    """

    def __init__(self, pidfd: int, channel: socket.socket, limits: Limits) -> None:
        self.pidfd, self.channel = pidfd, channel
        self.group = _group(self._pid(), limits)

    def _pid(self) -> int:
        """Its number in this process's namespace; -1 once it has ended."""
        for line in Path(f"/proc/self/fdinfo/{self.pidfd}").read_text().splitlines():
            if line.startswith("Pid:"):
                return int(line.split()[1])
        return -1

    def signal(self, number: int) -> None:
        """Send it a signal; nothing happens if it has ended."""
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.pidfd, number)

    def ended(self, seconds: float = 0) -> bool:
        """Whether it has ended, or does so within that time."""
        return bool(select.select([self.pidfd], [], [], seconds)[0])

    def memory(self) -> int:
        """The most bytes that it and its descendants held, or it alone where there is no control group."""
        if self.group:
            for name in ("memory.peak", "memory.max_usage_in_bytes"):
                with suppress(OSError, ValueError):
                    return int((self.group / name).read_text())
        with suppress(OSError):
            for line in Path(f"/proc/{self._pid()}/status").read_text().splitlines():
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) * 1024
        return 0

    def starved(self) -> bool:
        """Whether a process of its control group was killed for want of memory."""
        for name in ("memory.events", "memory.oom_control"):
            with suppress(OSError):
                if self.group and re.search(
                    r"^oom_kill [1-9]", (self.group / name).read_text(), re.MULTILINE
                ):
                    return True
        return False

    def close(self) -> None:
        """End it and all its descendants."""
        self.signal(signal.SIGKILL)
        self.ended(10)
        os.close(self.pidfd)
        self.channel.close()
        if self.group:
            for _ in range(50):  # its last descendants are still ending
                with suppress(OSError):
                    self.group.rmdir()
                    break
                time.sleep(0.02)


class Zygote:
    """A bubblewrap process in which the heavy packages are imported once."""

    def __init__(self) -> None:
        command = _command()
        self.owner = os.getpid()
        self.lock = threading.Lock()
        self.requests, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.log = tempfile.TemporaryFile()  # noqa: SIM115  # open as long as the process
        with other:
            self.process = subprocess.Popen(
                command, stdin=other.fileno(), stdout=self.log, stderr=self.log, start_new_session=True
            )
        self.requests.settimeout(START)
        try:
            ready = self.requests.recv(16)
        except OSError:
            ready = b""
        if ready != b"ready":
            raise self._ended()

    def alive(self) -> bool:
        """Whether it can fork for this process, which may itself be a fork of the one that started it."""
        return self.owner == os.getpid() and self.process.poll() is None

    def fork(
        self, role: str, descriptors: Sequence[int], files: Mapping[str, bytes], limits: Limits
    ) -> Child:
        """Start a child and wait until it is ready.

        Parameters
        ----------
        role : str
            ``"kernel"`` or ``"tester"``.
        descriptors : sequence of int
            What it gets beside its channel.
        files : mapping of str to bytes
            What lies in its working folder, by relative path.
        limits : Limits
            What it may use.

        Raises
        ------
        GradingError
            If it does not start.
        """
        own, other = socket.socketpair()
        with other, self.lock:
            try:
                socket.send_fds(self.requests, [role.encode()], [other.fileno(), *descriptors])
                _, (pidfd,), _, _ = socket.recv_fds(self.requests, 16, 1)
            except (OSError, ValueError) as error:
                own.close()
                raise self._ended() from error
        child = Child(pidfd, own, limits)
        orders = {
            "files": {name: base64.b64encode(data).decode() for name, data in files.items()},
            "user": USERS[0] + 2 * (os.getpid() % USERS[1]) + (role == "tester"),
            "memory": limits.memory,
            "processes": limits.processes,
            "disk": limits.disk,
            "seconds": math.ceil(limits.notebook) + 5,
            "output": limits.output,
            "reply": limits.reply,
        }
        answer = ""
        try:
            plain.send(own, json.dumps(orders))
            answer, _ = plain.receive(own, MIB, time.monotonic() + 60)
            if json.loads(answer) == {"ready": True}:
                return child
        except (OSError, EOFError, ValueError) as error:
            answer = answer or repr(error)
        child.close()
        raise GradingError(f"the sandbox could not start its {role}: {answer}")

    def _ended(self) -> GradingError:
        """The error that says why it is of no use."""
        self._end()
        self.log.seek(0)
        said = self.log.read().decode(errors="replace").strip()[-2000:] or "it did not say why"
        self.close()
        advice = ""
        if said.startswith("bwrap:"):
            advice = (
                " If the kernel forbids namespaces to ordinary users, see its settings"
                " user.max_user_namespaces, kernel.unprivileged_userns_clone and"
                " kernel.apparmor_restrict_unprivileged_userns. In a container, grade outside of it or give"
                " it the right to make namespaces."
            )
        return GradingError(f"the sandbox does not run here: {said}.{advice}")

    def close(self) -> None:
        """End it and all its children."""
        self._end()
        self.log.close()

    def _end(self) -> None:
        self.requests.close()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(2)
        self.process.kill()
        self.process.wait()


_zygote: Zygote | None = None
_lock = threading.Lock()


def zygote() -> Zygote:
    """Return this process's zygote; start it if there is none, or none any more.

    Raises
    ------
    GradingError
        If this machine cannot run it.
    """
    global _zygote
    with _lock:
        if _zygote is None or not _zygote.alive():
            if _zygote is not None and _zygote.owner == os.getpid():
                _zygote.close()
            _zygote = Zygote()
            atexit.register(_zygote.close)
        return _zygote


def check_sandbox() -> str:
    """Raise an error unless code can be run in the sandbox here.

    Returns
    -------
    str
        How memory is limited here, in words.

    Raises
    ------
    GradingError
        If not; the message says why, and how to install bubblewrap.
    """
    child = zygote().fork("tester", [], {}, Limits())
    child.close()
    if child.group:
        return "Memory is limited for a notebook's processes together, by a control group."
    return "Memory is limited for each process of a notebook, as no control group can be made here."


def _command() -> list[str]:
    """The command line of the zygote."""
    if sys.platform != "linux":
        raise GradingError(
            "homework is graded on Linux only: the sandbox needs its namespaces. "
            "Use a Linux machine, a virtual one or WSL 2; everything else of the course runs here."
        )
    seccomp.program(platform.machine())
    if (bubblewrap := shutil.which("bwrap")) is None:
        raise GradingError(
            "bubblewrap is missing, and without it no student's code is run. Install it: "
            "`sudo apt install bubblewrap` (Debian, Ubuntu), `sudo dnf install bubblewrap` (Fedora)."
        )
    package = str(Path(ibcourse.__file__).parent)
    shown = [sys.prefix, sys.base_prefix, sys.exec_prefix, package]
    shown = [path for path in dict.fromkeys(shown) if not path.startswith("/usr/")]
    if hidden := [path for path in shown if path.startswith("/tmp/")]:
        raise GradingError(
            f"Python or the course lies in {hidden[0]}, and the sandbox has a /tmp of its own. "
            "Install them elsewhere."
        )
    parents = {str(parent) for path in shown for parent in Path(path).parents} - {"/"}
    command = [bubblewrap, "--die-with-parent", "--new-session", "--clearenv", "--hostname", "sandbox"]
    command += ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"]
    if os.getuid() != 0:
        command += ["--unshare-user", "--uid", "1000", "--gid", "1000"]
    command += ["--cap-drop", "ALL"]
    for capability in ("SYS_ADMIN", "SETUID", "SETGID", "SETPCAP"):
        command += ["--cap-add", f"CAP_{capability}"]
    command += ["--perms", "1777", "--size", str(64 * MIB), "--tmpfs", "/tmp"]
    for path in sorted(parents):
        command += ["--perms", "0755", "--dir", path]  # bubblewrap would make them for its own user alone
    for path in ("/usr", "/lib", "/lib64", "/bin", "/etc/ld.so.cache", "/etc/localtime", "/etc/fonts"):
        command += ["--ro-bind-try", path, path]
    command += ["--ro-bind-try", "/sys/devices/system/cpu", "/sys/devices/system/cpu"]
    for path in shown:
        command += ["--ro-bind", path, path]
    command += ["--proc", "/proc", "--dev", "/dev", "--remount-ro", "/dev", "--remount-ro", "/"]
    environment = {
        "PATH": f"{sys.prefix}/bin:/usr/bin:/bin",
        "HOME": "/tmp/home",
        "USER": "student",
        "LANG": "C.UTF-8",
        "MPLBACKEND": "Agg",
        "MPLCONFIGDIR": "/tmp/home/.matplotlib",
        "IPYTHONDIR": "/tmp/home/.ipython",
        "PYTHONDONTWRITEBYTECODE": "1",
        "MALLOC_ARENA_MAX": "2",
        "NBGRADER_EXECUTION": "autograde",
    }
    environment |= {f"{name}_NUM_THREADS": "1" for name in ("OMP", "MKL", "OPENBLAS", "NUMEXPR")}
    for name, value in environment.items():
        command += ["--setenv", name, value]
    return [*command, "--", sys.executable, "-I", "-m", "ibcourse.grading.zygote"]


def _group(pid: int, limits: Limits) -> Path | None:
    """Put a process into a new control group that limits its memory; None where that cannot be done."""
    with suppress(OSError):
        for line in Path("/proc/self/cgroup").read_text().splitlines():
            number, controllers, path = line.split(":", 2)
            if controllers == "memory":  # version 1
                parent, limit = Path("/sys/fs/cgroup/memory", path.lstrip("/")), "memory.limit_in_bytes"
            elif number == "0":  # version 2: beside this group, as a group with processes has no children
                parent, limit = Path("/sys/fs/cgroup", path.lstrip("/")).parent, "memory.max"
            else:
                continue
            group = parent / f"ibcourse-{pid}"
            for left in parent.glob("ibcourse-*"):  # by a grader that was killed
                owner = left.name.removeprefix("ibcourse-")
                if left == group or not Path("/proc", owner).exists():
                    with suppress(OSError):
                        left.rmdir()
            try:
                group.mkdir()
                (group / limit).write_text(str(limits.memory))
                if (swap := group / "memory.swap.max").exists():
                    swap.write_text("0")
                (group / "cgroup.procs").write_text(str(pid))
            except OSError:
                with suppress(OSError):
                    group.rmdir()
                continue
            return group
    return None
