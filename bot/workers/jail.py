"""Shuts the present process in, for good: no file but Python's own, no network, no program, no other process.

By Linux's no_new_privs, Landlock (landlock(7)) and seccomp (seccomp(2)), through ctypes. Whatever takes over the
process afterwards, such as a hostile picture in its decoder, can compute and write to the pipes it has, no more. What
this kernel lacks is left out, and named. Run as a program, it tries itself and prints what is lacking.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
import sys
import sysconfig
from collections.abc import Callable, Iterable
from contextlib import suppress

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
LANDLOCK_CREATE_RULESET, LANDLOCK_ADD_RULE, LANDLOCK_RESTRICT_SELF = 444, 445, 446
LANDLOCK_ABI_FLAG, LANDLOCK_RULE_PATH_BENEATH = 1, 1
READ_FILE, READ_DIR = 1 << 2, 1 << 3
FS_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
"""How many rights over files each version of Landlock's ABI handles; later ones are as the last."""
NET_SINCE, TCP = 4, 0b11
SCOPES_SINCE, SCOPED = 6, 0b11
"""From these versions of the ABI on: TCP's bind and connect; abstract Unix sockets and signals to other processes."""

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
LOAD, EQUALS, HAS_BIT, RETURN = 0x20, 0x15, 0x45, 0x06
"""BPF's BPF_LD|BPF_W|BPF_ABS, BPF_JMP|BPF_JEQ|BPF_K, BPF_JMP|BPF_JSET|BPF_K, BPF_RET|BPF_K."""
KILL, REFUSE, ALLOW = 0x8000_0000, 0x0005_0000 | 1, 0x7FFF_0000
"""SECCOMP_RET_KILL_PROCESS; SECCOMP_RET_ERRNO with EPERM; SECCOMP_RET_ALLOW."""
NUMBER_AT, ARCHITECTURE_AT, ARGUMENTS_AT = 0, 4, 16
"""Offsets in struct seccomp_data; an argument has 8 bytes, its low half first on the architectures below."""

MACHINES = {"x86_64": (0, 0xC000_003E), "aarch64": (1, 0xC000_00B7)}
"""Of each, its column in the tables below and its AUDIT_ARCH."""
CALLS = {
    "read": (0, 63), "write": (1, 64), "close": (3, 57), "fstat": (5, 80), "lseek": (8, 62), "mmap": (9, 222),
    "mprotect": (10, 226), "munmap": (11, 215), "brk": (12, 214), "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135), "rt_sigreturn": (15, 139), "pread64": (17, 67), "readv": (19, 65), "writev": (20, 66),
    "sched_yield": (24, 124), "mremap": (25, 216), "madvise": (28, 233), "nanosleep": (35, 101), "getpid": (39, 172),
    "exit": (60, 93), "uname": (63, 160), "getcwd": (79, 17), "gettimeofday": (96, 169), "getrusage": (98, 165),
    "getuid": (102, 174), "getgid": (104, 176), "geteuid": (107, 175), "getegid": (108, 177), "getppid": (110, 173),
    "sigaltstack": (131, 132), "gettid": (186, 178), "futex": (202, 98), "sched_getaffinity": (204, 123),
    "getdents64": (217, 61), "restart_syscall": (219, 128), "clock_gettime": (228, 113), "clock_getres": (229, 114),
    "clock_nanosleep": (230, 115), "exit_group": (231, 94), "newfstatat": (262, 79), "readlinkat": (267, 78),
    "faccessat": (269, 48), "set_robust_list": (273, 99), "getrandom": (318, 278), "statx": (332, 291),
    "rseq": (334, 293), "faccessat2": (439, 439), "stat": (4, None), "lstat": (6, None), "access": (21, None),
    "readlink": (89, None),
}  # fmt: skip
"""The system calls that go on working, with their numbers on each machine."""
OPENING = {"open": (2, None, 1), "openat": (257, 56, 2)}
"""Those that open files, with the place of their flags among the arguments: reading alone goes on."""


def enter(readable: Iterable[str] = ()) -> list[str]:
    """Shut this process in; files below the folders `readable` can be read. Return the names of what is lacking."""
    steps: dict[str, Callable[[], None]] = {
        "no_new_privs": _forbid_new_privileges,
        "landlock": lambda: _restrict_files(readable),
        "seccomp": _restrict_calls,
    }
    lacking = []
    for name, step in steps.items():
        try:
            step()
        except (OSError, AttributeError, KeyError):
            lacking.append(name)
    return lacking


def python_folders() -> list[str]:
    """Return where Python's own modules and the installed ones are: one may yet be imported."""
    return sorted({sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")})


def _call(number: int, *arguments: object) -> int:
    """Raises OSError."""
    result = _libc().syscall(ctypes.c_long(number), *arguments)
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return int(result)


def _prctl(option: int, *arguments: object) -> None:
    """Raises OSError."""
    if _libc().prctl(option, *arguments, *[ctypes.c_ulong(0)] * (4 - len(arguments))) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _libc() -> ctypes.CDLL:
    if sys.platform != "linux":
        raise OSError("no Linux")
    return ctypes.CDLL(None, use_errno=True)


def _forbid_new_privileges() -> None:
    _prctl(PR_SET_NO_NEW_PRIVS, ctypes.c_ulong(1))


def _restrict_files(readable: Iterable[str]) -> None:
    version = _call(LANDLOCK_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint(LANDLOCK_ABI_FLAG))
    rights = (1 << FS_RIGHTS[min(version, max(FS_RIGHTS))]) - 1
    attributes = struct.pack("=Q", rights)
    if version >= NET_SINCE:
        attributes += struct.pack("=Q", TCP)
    if version >= SCOPES_SINCE:
        attributes += struct.pack("=Q", SCOPED)
    rules = _call(LANDLOCK_CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), ctypes.c_uint(0))
    try:
        for folder in readable:
            with suppress(FileNotFoundError):
                _allow_reading(rules, folder)
        _call(LANDLOCK_RESTRICT_SELF, ctypes.c_int(rules), ctypes.c_uint(0))
    finally:
        os.close(rules)


def _allow_reading(rules: int, folder: str) -> None:
    at = os.open(folder, os.O_PATH | os.O_CLOEXEC)
    try:
        beneath = struct.pack("=Qi", READ_FILE | READ_DIR, at)
        _call(
            LANDLOCK_ADD_RULE, ctypes.c_int(rules), ctypes.c_int(LANDLOCK_RULE_PATH_BENEATH), beneath, ctypes.c_uint(0)
        )
    finally:
        os.close(at)


class _Program(ctypes.Structure):
    """struct sock_fprog."""

    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def _restrict_calls() -> None:
    """Refuse every system call with EPERM but those of CALLS, and of these the opening of files for writing."""
    column, architecture = MACHINES[platform.machine()]
    steps = [
        (LOAD, 0, 0, ARCHITECTURE_AT),
        (EQUALS, 1, 0, architecture),
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, NUMBER_AT),
    ]
    for numbers in CALLS.values():
        if (number := numbers[column]) is not None:
            steps += [(EQUALS, 0, 1, number), (RETURN, 0, 0, ALLOW)]
    for *opening, flags in OPENING.values():
        if (number := opening[column]) is None:
            continue
        steps += [
            (EQUALS, 0, 4, number),
            (LOAD, 0, 0, ARGUMENTS_AT + 8 * flags),
            (HAS_BIT, 0, 1, WRITING),
            (RETURN, 0, 0, REFUSE),
            (RETURN, 0, 0, ALLOW),
        ]
    steps.append((RETURN, 0, 0, REFUSE))
    code = b"".join(struct.pack("=HBBI", *step) for step in steps)
    program = _Program(len(steps), code)
    _prctl(PR_SET_SECCOMP, ctypes.c_ulong(SECCOMP_MODE_FILTER), ctypes.byref(program))


if __name__ == "__main__":
    print(" ".join(enter()))
