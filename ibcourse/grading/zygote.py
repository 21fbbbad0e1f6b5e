"""The zygote: a process inside bubblewrap that has imported the heavy packages and forks children of itself.

It runs no code of a student and knows no test.  A request names a role and brings file descriptors; the
answer is a descriptor of the new process.  The child enters namespaces of its own, reads its orders from its
channel, gives up every right, and then becomes the student's kernel or the tester.
"""

import base64
import ctypes
import gc
import importlib
import json
import os
import pkgutil
import random
import resource
import signal
import socket
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from typing import Any

from ibcourse.grading import plain, seccomp

WORK = "/tmp/work"  # the working folder
PRELOAD = (
    *(
        "numpy",
        "scipy.linalg",
        "scipy.optimize",
        "scipy.special",
        "scipy.stats",
        "scipy.sparse",
        "scipy.integrate",
    ),
    *("matplotlib.pyplot", "matplotlib_inline.backend_inline", "pandas", "multiprocessing.connection"),
    *("torch", "torch.nn.functional", "torch.distributions"),
    *(
        "IPython.core.completer",
        "IPython.core.completerlib",
        "IPython.core.debugger",
        "IPython.core.oinspect",
    ),
    *("IPython.extensions.storemagic", "ipykernel.debugger", "tornado.platform.asyncio"),
    *("ibcourse.grading.kernel", "ibcourse.grading.tester"),
)

_NEWNS, _NEWIPC, _NEWPID = 0x00020000, 0x08000000, 0x20000000
_BIND, _PRIVATE_ALL, _NOSUID_NODEV, _NOEXEC = 4096, (1 << 18) | 16384, 2 | 4, 8
_CAP_BOUND_DROP, _CAP_AMBIENT, _CAP_AMBIENT_CLEAR_ALL, _LAST_CAP = 24, 47, 4, 63

_libc = ctypes.CDLL(None, use_errno=True)


def main() -> None:
    """Serve requests until the grader closes its end of the socket, which is standard input."""
    requests = socket.socket(fileno=os.dup(0))
    _preload()
    requests.send(b"ready")
    while True:
        message, descriptors, _, _ = socket.recv_fds(requests, 4096, 8)
        if not message:
            return
        if (parent := os.fork()) == 0:
            _give_birth(requests, message.decode(), descriptors)
        if os.waitpid(parent, 0)[1]:
            requests.send(b"failed")
        for descriptor in descriptors:
            os.close(descriptor)


def _give_birth(requests: socket.socket, role: str, descriptors: list[int]) -> None:
    """Fork the child as the first process of a namespace, answer with its descriptor, and end."""
    status = 1
    try:
        _call("unshare", _NEWPID)
        if (child := os.fork()) == 0:
            requests.close()
            _become(role, descriptors)
        socket.send_fds(requests, [b"child"], [os.pidfd_open(child)])
        status = 0
    except OSError:
        traceback.print_exc()
    finally:
        os._exit(status)


def _preload() -> None:
    """Import what notebooks import, so that their processes find it in memory."""
    import ibcourse

    sys.modules["debugpy"] = None  # type: ignore[assignment]  # each kernel would start its debugger
    rooms = [f"ibcourse.{module.name}" for module in pkgutil.iter_modules(ibcourse.__path__)]
    for name in [*PRELOAD, *rooms]:
        if name not in ("ibcourse.cli", "ibcourse.__main__"):
            with suppress(ImportError):
                importlib.import_module(name)
    if torch := sys.modules.get("torch"):
        torch.set_num_threads(1)
    gc.collect()
    gc.freeze()  # collections in the children write to no page that they share


def _become(role: str, descriptors: list[int]) -> None:
    """Turn this new process into a child of that role; it ends with it."""
    status = 1
    channel = socket.socket(fileno=descriptors[0])
    try:
        for number in (signal.SIGCHLD, signal.SIGPIPE):
            signal.signal(number, signal.SIG_DFL)
        _close_others({0, 1, 2, *descriptors})
        orders = json.loads(plain.receive(channel, 1 << 40)[0])
        _confine(orders)
        _write_files(orders["files"])
        _reseed()
        gc.enable()
        if role == "kernel":
            from ibcourse.grading import kernel

            kernel.run(channel, descriptors[1:], orders["output"])
        else:
            from ibcourse.grading import tester

            tester.run(channel, orders["reply"])
        status = 0
    except BaseException:
        with suppress(OSError):
            plain.send(channel, json.dumps({"error": traceback.format_exc()}))
    finally:
        os._exit(status)


def _close_others(kept: set[int]) -> None:
    """Close every descriptor that is not kept, and point standard input and output at nothing."""
    for descriptor in map(int, os.listdir("/proc/self/fd")):
        if descriptor not in kept:
            with suppress(OSError):
                os.close(descriptor)
    null = os.open("/dev/null", os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    os.close(null)


def _confine(orders: dict[str, Any]) -> None:
    """Give this process namespaces, file systems and limits of its own, and take every right away."""
    os.setsid()
    _call("unshare", _NEWNS | _NEWIPC)
    _mount("none", "/", None, _PRIVATE_ALL)
    _mount("proc", "/proc", "proc", _NOSUID_NODEV | _NOEXEC)
    inodes = max(1024, orders["disk"] >> 13)
    _mount("tmpfs", "/tmp", "tmpfs", _NOSUID_NODEV, f"size={orders['disk']},nr_inodes={inodes},mode=1777")
    shared = Path("/tmp/.shm")
    shared.mkdir()
    shared.chmod(0o1777)
    _mount(str(shared), "/dev/shm", None, _BIND)
    _limit(orders)
    for capability in range(_LAST_CAP + 1):
        _libc.prctl(_CAP_BOUND_DROP, capability, 0, 0, 0)  # fails past the last one that the kernel has
    _libc.prctl(_CAP_AMBIENT, _CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
    if os.getuid() == 0:
        os.setgroups([])
        os.setresgid(*[orders["user"]] * 3)
        os.setresuid(*[orders["user"]] * 3)
    version, none = ctypes.create_string_buffer(b"\x22\x05\x08\x20".ljust(8, b"\0"), 8), bytes(24)
    _call("capset", version, none)
    seccomp.install()


def _limit(orders: dict[str, Any]) -> None:
    """Set the limits of resources, soft and hard."""
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    for kind, value in (
        (resource.RLIMIT_AS, used + orders["memory"]),
        (resource.RLIMIT_CPU, orders["seconds"]),
        (resource.RLIMIT_NPROC, orders["processes"]),
        (resource.RLIMIT_FSIZE, orders["disk"]),
        (resource.RLIMIT_NOFILE, 512),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MEMLOCK, 0),
        (resource.RLIMIT_MSGQUEUE, 0),
    ):
        resource.setrlimit(kind, (value, value))
    Path("/proc/self/oom_score_adj").write_text("1000")


def _write_files(files: dict[str, str]) -> None:
    """Make the working folder with the assignment's files, and the home."""
    os.umask(0o022)
    for folder in (WORK, "/tmp/home"):
        os.mkdir(folder)
    os.chdir(WORK)
    for name, data in files.items():
        path = Path(name)
        if path.is_absolute() or ".." in path.parts:
            continue
        with suppress(OSError, ValueError):  # names that no file can have, and more than the disk holds
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(base64.b64decode(data))


def _reseed() -> None:
    """Give the child random numbers of its own."""
    random.seed()
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed()
    if torch := sys.modules.get("torch"):
        torch.seed()


def _mount(source: str, target: str, kind: str | None, flags: int, data: str = "") -> None:
    _call("mount", source.encode(), target.encode(), kind and kind.encode(), flags, data.encode())


def _call(name: str, *arguments: Any) -> None:
    """Call a function of the C library that returns 0 or sets errno."""
    if getattr(_libc, name)(*arguments):
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


if __name__ == "__main__":
    main()
