"""What code in the sandbox can reach: files, processes, the network, other notebooks; and what it may use."""

import os
import socket
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from ibcourse.grading import GradingError, sandbox
from ibcourse.grading.sandbox import MIB, Limits, check_sandbox, zygote

pytestmark = pytest.mark.usefixtures("sandbox")


@pytest.fixture
def printed(run):
    """Run a student's cell and return its standard output, split into words."""

    def printed(source, **options):
        (cell,) = run(("extra", source), **options).notebook.cells
        errors = [output for output in cell.outputs if output.output_type == "error"]
        assert not errors, errors
        return "".join(output.text for output in cell.outputs if output.get("name") == "stdout").split()

    return printed


def processes():
    """The processes of this machine as far as this process sees them."""
    return {int(entry) for entry in os.listdir("/proc") if entry.isdigit()}


def test_the_sandbox_has_no_files_of_the_machine(printed, tmp_path):
    tmp_path.joinpath("canary").write_text("canary")
    words = printed(f"""
import os
root = os.path.dirname(os.path.dirname(__import__("ibcourse").__file__))
for place in [{str(tmp_path)!r}, "/etc/shadow", "/var", "/run", root + "/exercises", root + "/.git"]:
    print(os.path.exists(place))
print(os.listdir("/tmp/work"), sorted(set(os.environ) & set({list(os.environ)!r})))
""")
    assert words[:7] == ["False"] * 6 + ["[]"]
    assert not any("TOKEN" in word or "SECRET" in word for word in words)


def test_nothing_but_its_own_folder_can_be_written(printed):
    words = printed("""
import os
places = ["/", "/usr", "/dev", "/proc/sys/kernel", "/etc", "/sys", os.path.dirname(os.__file__)]
for place in places:
    try:
        open(os.path.join(place, "x"), "w")
        print("wrote", place)
    except OSError:
        pass
for place in ["/tmp/work", "/tmp", "/dev/shm", "/tmp/home"]:
    open(os.path.join(place, "x"), "w").write("x")
""")
    assert words == []


def test_it_has_no_rights(printed):
    words = printed("""
import ctypes, os
print(*[line for line in open("/proc/self/status") if line.startswith(("Cap", "NoNewPrivs", "Seccomp:"))])
libc = ctypes.CDLL(None)
print([libc.unshare(flag) for flag in (0x10000000, 0x20000, 0x20000000)])
print(libc.mount(b"none", b"/tmp", b"tmpfs", 0, None))
print(libc.ptrace(16, os.getpid(), 0, 0), os.system("unshare -Ur true 2> /dev/null") != 0)
print(os.getuid() == 0, os.system("ls /proc/1/root > /dev/null"))
""")
    text = " ".join(words)
    for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        assert f"{name}: 0000000000000000" in text
    assert "NoNewPrivs: 1 Seccomp: 2 [-1, -1, -1] -1 -1 True False" in text


def test_it_sees_its_own_processes_alone_and_none_outlives_it(printed):
    before = processes()
    words = printed("""
import os, subprocess
subprocess.Popen("trap '' TERM HUP INT; sleep 787", shell=True, start_new_session=True)
if os.fork() == 0:
    os.setsid()
    __import__("time").sleep(787)
for number in (15, 9):
    try:
        os.kill(-1, number)
    except OSError:
        pass
subprocess.Popen(["sleep", "787"])
print(os.getpid(), sorted(p for p in os.listdir("/proc") if p.isdigit())[0])
""")
    assert words == ["1", "1"]
    time.sleep(0.1)
    commands = []
    for process in processes() - before:
        try:
            commands.append(Path(f"/proc/{process}/cmdline").read_bytes())
        except OSError:
            continue
    assert not [command for command in commands if b"787" in command]


def test_it_has_no_network(printed):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        words = printed(f"""
import socket
for address in [("127.0.0.1", {listener.getsockname()[1]})]:
    try:
        socket.create_connection(address, 1)
        print("connected")
    except OSError as error:
        print(type(error).__name__)
print([name for _, name in socket.if_nameindex()])
try:
    socket.socket(40)
except OSError as error:
    print(error.errno)
""")
        assert words == ["ConnectionRefusedError", "['lo']", "97"]
        with pytest.raises(TimeoutError):
            listener.accept()


def test_abstract_sockets_of_the_machine_are_out_of_reach(printed):
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("\0ibcourse-test")
        listener.listen()
        assert printed("""
import socket
try:
    socket.socket(socket.AF_UNIX).connect("\\0ibcourse-test")
except OSError as error:
    print(type(error).__name__)
""") == ["ConnectionRefusedError"]


def test_disk_is_limited(printed):
    limits = Limits(cell=10, notebook=20, disk=16 * MIB)
    words = printed("""
import os
wrote = 0
for place in ["/tmp/work", "/dev/shm", "/tmp"]:
    try:
        for i in range(40):
            with open(f"{place}/{i}", "wb") as file:
                wrote += file.write(bytes(1 << 20))
    except OSError as error:
        print(error.errno)
print(wrote <= 17 << 20)
try:
    for i in range(100_000):
        open(f"/tmp/work/inode{i}", "w").close()
except OSError as error:
    print(error.errno)
""", limits=limits)  # fmt: skip
    assert words == ["28", "28", "28", "True", "28"]


def test_processes_are_limited(printed):
    words = printed("""
import os, threading, time
made = 0
try:
    for _ in range(400):
        threading.Thread(target=time.sleep, args=(100,), daemon=True).start()
        made += 1
except RuntimeError:
    print(made < 128)
try:
    os.fork()
except OSError as error:
    print(error.errno)
""")
    assert words == ["True", "11"]


def test_memory_is_limited(run):
    limits = Limits(cell=10, notebook=30, memory=400 * MIB)
    cells = run(
        ("extra", "x = bytearray(2 << 30)"),
        ("extra", "x = 3\nprint(x)"),
        ("test", "assert x == 3"),
        limits=limits,
    ).notebook.cells
    assert cells[0].outputs[0].ename == "MemoryError"
    assert cells[1].outputs[0].text == "3\n"
    assert cells[2].outputs == []


def test_memory_of_many_processes_is_limited_where_there_are_control_groups(run):
    child = zygote().fork("tester", [], {}, Limits())
    group = child.group
    child.close()
    if group is None:
        pytest.skip("no control group for memory can be made here")
    assert not group.exists()
    bomb = """
import os, time
for _ in range(8):
    if os.fork() == 0:
        x = bytearray(b"x") * (150 << 20)
        time.sleep(100)
time.sleep(100)
"""
    start = time.monotonic()
    executed = run(("extra", bomb), ("test", "1"), limits=Limits(cell=6, notebook=20, memory=400 * MIB))
    assert time.monotonic() - start < 15
    assert executed.memory <= 400 * MIB
    assert executed.notebook.cells[1].outputs == [] or executed.flagged


def test_control_groups_of_graders_that_were_killed_are_removed():
    with closing(zygote().fork("tester", [], {}, Limits())) as child:
        if child.group is None:
            pytest.skip("no control group for memory can be made here")
        ended = subprocess.Popen(["true"])
        ended.wait()
        left = child.group.with_name(f"ibcourse-{ended.pid}")
        left.mkdir()
        with closing(zygote().fork("tester", [], {}, Limits())):
            assert not left.exists()
            assert child.group.exists()


def test_the_memory_that_was_used_is_reported(run):
    small = run(("extra", "x = 1")).memory
    large = run(("extra", "x = b'x' * (200 << 20)")).memory
    assert 0 < small < 150 * MIB < 190 * MIB < large < 500 * MIB


def test_files_lie_in_the_working_folder(run):
    files = {"data.csv": b"1,2", "folder/a.txt": b"\x00\xff", "../up": b"x", "/abs": b"x", "a\0b": b"x"}
    executed = run(
        ("extra", "print(open('data.csv').read(), open('folder/a.txt', 'rb').read())\n!rm data.csv"),
        ("test", "import os\nassert open('data.csv').read() == '1,2'\nassert len(os.listdir()) == 2"),
        files=files,
    )  # fmt: skip
    assert executed.notebook.cells[0].outputs[0].text == "1,2 b'\\x00\\xff'\n"
    assert executed.notebook.cells[1].outputs == []


def test_random_numbers_differ_between_notebooks(printed):
    source = (
        "import random, numpy, torch, os\nprint(random.random(), numpy.random.rand(), torch.rand(1).item())"
    )
    first, second = printed(source), printed(source)
    assert not set(first) & set(second)


def test_the_next_notebook_gets_a_new_zygote_when_this_one_has_ended(run):
    number = zygote().process.pid
    zygote().process.kill()
    assert run(("answer", "x = 1"), ("test", "assert x == 1")).notebook.cells[1].outputs == []
    assert zygote().process.pid != number


def test_the_zygote_ends_with_its_process():
    code = """
import os
from ibcourse.grading.sandbox import zygote
print(zygote().process.pid, flush=True)
os.kill(os.getpid(), 9)
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    number = int(result.stdout)
    for _ in range(50):
        if not Path(f"/proc/{number}").exists() or " Z " in Path(f"/proc/{number}/stat").read_text():
            break
        time.sleep(0.1)
    else:
        pytest.fail("the sandbox outlived the process that started it")


def test_a_missing_or_broken_bubblewrap_is_an_error(monkeypatch, tmp_path):
    monkeypatch.setattr(sandbox, "_zygote", None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(GradingError, match="sudo apt install bubblewrap"):
        check_sandbox()
    broken = tmp_path / "bwrap"
    broken.write_text("#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n")
    broken.chmod(0o755)
    with pytest.raises(GradingError, match=r"No permissions .* user.max_user_namespaces"):
        check_sandbox()


def test_other_systems_and_machines_are_refused(monkeypatch):
    monkeypatch.setattr(sandbox, "_zygote", None)
    monkeypatch.setattr(sandbox.platform, "machine", lambda: "riscv64")
    with pytest.raises(GradingError, match="riscv64"):
        check_sandbox()
    monkeypatch.setattr(sandbox.sys, "platform", "darwin")
    with pytest.raises(GradingError, match="Linux only"):
        check_sandbox()


def test_python_in_the_folder_that_the_sandbox_hides_is_refused(monkeypatch):
    monkeypatch.setattr(sandbox, "_zygote", None)
    monkeypatch.setattr(sandbox.sys, "prefix", "/tmp/venv")
    with pytest.raises(GradingError, match="lies in /tmp/venv"):
        check_sandbox()


def test_a_child_that_does_not_start_is_an_error():
    with pytest.raises(GradingError, match="could not start its tester"):
        zygote().fork("tester", [], {}, replace(Limits(), disk=-1))
    check_sandbox()
