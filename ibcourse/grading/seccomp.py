"""The filter of system calls for a student's processes (Linux, seccomp).

It refuses what a program of numbers never asks for: tracing, mounts, namespaces, keys, kernel modules, BPF,
sockets of odd families.  A refused call fails with an error; only a call in another machine's code kills.
The filter holds for the process and all its descendants.
"""

import ctypes
import errno
import os
import platform
import struct

from ibcourse.grading import GradingError

# The numbers of a call on x86_64 and on aarch64; None where the machine has none.
REFUSED: dict[str, tuple[int | None, int | None]] = {
    # other processes
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    "process_mrelease": (448, 448),
    "kcmp": (312, 272),
    "pidfd_getfd": (438, 438),
    # namespaces and mounts
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "fanotify_init": (300, 262),
    "fanotify_mark": (301, 263),
    # keys, and interfaces with a history of holes
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "userfaultfd": (323, 282),
    "vmsplice": (278, 75),
    "modify_ldt": (154, None),
    "personality": (135, 92),
    "lookup_dcookie": (212, 18),
    # memory that belongs to no file and to no process
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "shmat": (30, 196),
    "shmctl": (31, 195),
    "semget": (64, 190),
    "msgget": (68, 186),
    "mq_open": (240, 180),
    "mbind": (237, 235),
    "set_mempolicy": (238, 237),
    "set_mempolicy_home_node": (450, 450),
    "migrate_pages": (256, 238),
    "move_pages": (279, 239),
    # the machine
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "reboot": (169, 142),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "iopl": (172, None),
    "ioperm": (173, None),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "clock_adjtime": (305, 266),
    "adjtimex": (159, 171),
    "acct": (163, 89),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "nfsservctl": (180, 42),
    "vhangup": (153, 58),
    "syslog": (103, 116),
    "uselib": (134, None),
    "sysfs": (139, None),
}
NEWEST = 462  # the last call that was known when the list was made: those after it do not exist here

_MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}  # column, name in the kernel's audit
_CLONE, _CLONE3, _IOCTL = (56, 220), (435, 435), (16, 29)
_SOCKET, _SOCKETPAIR = (41, 198), (53, 199)
_NAMESPACES = 0x7E020000  # CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET
# The sandbox has a network of its own, without a way out; ipykernel uses it for its own processes.
_UNIX, _INET, _INET6, _NETLINK = 1, 2, 10, 16
_TCP, _UDP = 6, 17
_TERMINAL = (0x5412, 0x541C)  # TIOCSTI and TIOCLINUX put characters into a terminal's input

# Classic BPF: load a word of the call's description; jump; return.
_LOAD, _EQUAL, _GREATER, _BITS, _RETURN = 0x20, 0x15, 0x25, 0x45, 0x06
_NUMBER, _MACHINE, _ARGUMENT = 0, 4, 16
_ALLOW, _FAIL, _KILL = 0x7FFF0000, 0x00050000, 0x80000000


def program(machine: str) -> bytes:
    """Return the filter for a machine as BPF instructions.

    Raises
    ------
    GradingError
        If the machine is neither x86_64 nor aarch64.
    """
    if machine not in _MACHINES:
        raise GradingError(
            f"the sandbox knows no system calls of {machine}. Grade on a machine of x86_64 or aarch64."
        )
    column, audit = _MACHINES[machine]

    def fail(number: int) -> tuple[int, int, int, int]:
        return _RETURN, 0, 0, _FAIL | number

    # An instruction: its code, how many to skip if true, if false, and its operand.
    code = [
        (_LOAD, 0, 0, _MACHINE),
        (_EQUAL, 1, 0, audit),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
        (_GREATER, 0, 1, NEWEST),
        fail(errno.ENOSYS),
        (_EQUAL, 0, 1, _CLONE3[column]),  # its flags lie in memory, out of reach; clone takes its place
        fail(errno.ENOSYS),
    ]
    for numbers in REFUSED.values():
        number = numbers[column]
        if number is not None:
            code += [(_EQUAL, 0, 1, number), fail(errno.EPERM)]
    code += [
        (_EQUAL, 0, 4, _CLONE[column]),
        (_LOAD, 0, 0, _ARGUMENT),
        (_BITS, 0, 1, _NAMESPACES),
        fail(errno.EPERM),
        (_RETURN, 0, 0, _ALLOW),
    ]
    code += [
        (_EQUAL, 0, 4, _SOCKETPAIR[column]),
        (_LOAD, 0, 0, _ARGUMENT),
        (_EQUAL, 1, 0, _UNIX),
        fail(errno.EAFNOSUPPORT),
        (_RETURN, 0, 0, _ALLOW),
    ]
    code += [
        (_EQUAL, 0, 14, _SOCKET[column]),
        (_LOAD, 0, 0, _ARGUMENT),
        (_EQUAL, 11, 0, _UNIX),
        (_EQUAL, 5, 0, _INET),
        (_EQUAL, 4, 0, _INET6),
        (_EQUAL, 0, 2, _NETLINK),
        (_LOAD, 0, 0, _ARGUMENT + 16),
        (_EQUAL, 6, 0, 0),  # its protocol for addresses and routes, which lists this sandbox's
        fail(errno.EAFNOSUPPORT),
        (_LOAD, 0, 0, _ARGUMENT + 16),
        (_EQUAL, 3, 0, 0),
        (_EQUAL, 2, 0, _TCP),
        (_EQUAL, 1, 0, _UDP),
        fail(errno.EPROTONOSUPPORT),
        (_RETURN, 0, 0, _ALLOW),
        (_EQUAL, 0, 4, _IOCTL[column]),
        (_LOAD, 0, 0, _ARGUMENT + 8),
        *((_EQUAL, 1 - index, index, request) for index, request in enumerate(_TERMINAL)),
        fail(errno.EPERM),
        (_RETURN, 0, 0, _ALLOW),
    ]
    return b"".join(struct.pack("HBBI", *instruction) for instruction in code)


def install() -> None:
    """Put the filter on this process for good; it also loses the chance to gain privileges by a program.

    Raises
    ------
    GradingError
        For another machine than x86_64 and aarch64.
    OSError
        If the kernel has no such filters.
    """
    instructions = program(platform.machine())
    count = len(instructions) // 8
    memory = ctypes.create_string_buffer(instructions, len(instructions))
    header = struct.pack("HxxxxxxQ", count, ctypes.addressof(memory))
    libc = ctypes.CDLL(None, use_errno=True)
    no_new_privileges, set_filter, mode = 38, 22, 2
    for arguments in ((no_new_privileges, 1, 0, 0, 0), (set_filter, mode, header, 0, 0)):
        if libc.prctl(*arguments):
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
