"""The filter of system calls, by an interpreter of its instructions, and once in a process."""

import errno
import struct
import subprocess
import sys

import pytest

from ibcourse.grading import GradingError, seccomp

AUDIT = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
COLUMN = {"x86_64": 0, "aarch64": 1}
ALLOWED = {  # some that every notebook needs
    "x86_64": {"read": 0, "mmap": 9, "execve": 59, "kill": 62, "futex": 202, "openat": 257, "rseq": 334},
    "aarch64": {"read": 63, "mmap": 222, "execve": 221, "kill": 129, "futex": 98, "openat": 56, "rseq": 293},
}
ALLOW = "allow"


def decide(machine, number, *arguments, audit=None):
    """What the filter does with a call: an error's number, "allow" or "kill"."""
    arguments = [*arguments, *[0] * (6 - len(arguments))]
    data = struct.pack("=IIQ6Q", number, audit or AUDIT[machine], 0, *arguments)
    code = list(struct.iter_unpack("HBBI", seccomp.program(machine)))
    assert len(code) < 4096  # the kernel's limit
    position = accumulator = 0
    while True:
        operation, yes, no, operand = code[position]
        position += 1
        if operation == 0x20:
            (accumulator,) = struct.unpack_from("=I", data, operand)
        elif operation == 0x06:
            kind, value = operand & 0xFFFF0000, operand & 0xFFFF
            return {0x7FFF0000: ALLOW, 0x80000000: "kill"}.get(kind, value)
        else:
            true = {
                0x15: accumulator == operand,
                0x25: accumulator > operand,
                0x45: accumulator & operand,
            }[operation]
            position += yes if true else no


@pytest.fixture(params=["x86_64", "aarch64"])
def machine(request):
    return request.param


def test_refused_calls_fail(machine):
    for name, numbers in seccomp.REFUSED.items():
        if (number := numbers[COLUMN[machine]]) is not None:
            assert decide(machine, number) == errno.EPERM, name


def test_ordinary_calls_pass(machine):
    for name, number in ALLOWED[machine].items():
        assert decide(machine, number) == ALLOW, name


def test_a_process_may_be_made_but_no_namespace(machine):
    clone = {"x86_64": 56, "aarch64": 220}[machine]
    assert decide(machine, clone, 17) == ALLOW
    assert decide(machine, clone, 0x3D0F00) == ALLOW  # a thread of the C library
    for namespace in (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000):
        assert decide(machine, clone, 17 | namespace) == errno.EPERM
    assert decide(machine, 435) == errno.ENOSYS  # clone3


def test_sockets_are_of_few_families(machine):
    call = {"x86_64": 41, "aarch64": 198}[machine]
    for family in range(50):
        expected = ALLOW if family in (1, 2, 10, 16) else errno.EAFNOSUPPORT
        assert decide(machine, call, family, 1, 0) == expected, family
    assert decide(machine, call, 16, 3, 12) == errno.EAFNOSUPPORT  # the firewall's netlink


def test_a_terminal_takes_no_input_from_a_program(machine):
    ioctl = {"x86_64": 16, "aarch64": 29}[machine]
    assert decide(machine, ioctl, 0, 0x5401) == ALLOW
    assert decide(machine, ioctl, 0, 0x5412) == errno.EPERM
    assert decide(machine, ioctl, 0, 0x541C) == errno.EPERM
    assert decide(machine, ioctl, 0, 0xF00000005412) == errno.EPERM  # the kernel reads 32 bits


def test_calls_after_the_newest_and_of_other_machines_are_refused(machine):
    assert decide(machine, seccomp.NEWEST + 1) == errno.ENOSYS
    assert decide(machine, 0x40000000) == errno.ENOSYS  # the x32 numbers of x86_64
    assert decide(machine, 0, audit=0x40000003) == "kill"


def test_other_machines_are_refused():
    with pytest.raises(GradingError, match="riscv64"):
        seccomp.program("riscv64")


def test_the_filter_holds_in_a_process():
    code = """
import ctypes, os, socket
from ibcourse.grading import seccomp
seccomp.install()
libc = ctypes.CDLL(None, use_errno=True)
print([libc.unshare(0x10000000), ctypes.get_errno(), libc.ptrace(0, 0, 0, 0), ctypes.get_errno()])
try:
    socket.socket(socket.AF_PACKET)
except OSError as error:
    print(error.errno)
os.system("grep -E '^(NoNewPrivs|Seccomp):' /proc/self/status")
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    if "Error" in result.stderr:
        pytest.skip(f"no filter here: {result.stderr.splitlines()[-1]}")
    assert " ".join(result.stdout.split()) == "[-1, 1, -1, 1] 97 NoNewPrivs: 1 Seccomp: 2"
