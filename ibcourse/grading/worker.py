"""What runs in the processes that grade, on this machine or on another; it imports little before it must."""

import contextlib
import ctypes
import os
import signal
import tempfile
import threading
import traceback
from multiprocessing.connection import Connection
from pathlib import Path

from ibcourse.grading import GradingError, start_sooner
from ibcourse.grading.sandbox import Limits, check_sandbox
from ibcourse.grading.settings import quiet
from ibcourse.grading.submission import Assignment, Result, Submission

PR_SET_PDEATHSIG = 1
_one_at_a_time = threading.Lock()


def serve(pipe: Connection, limits: Limits, folder: Path, parent: int) -> None:
    """What a worker does: take an assignment, then submissions, and answer with results.

    Where there is no sandbox, it answers with the reason instead.
    """
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before the line above
        return
    os.setsid()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    tempfile.tempdir = str(folder)
    start_sooner()
    with contextlib.suppress(EOFError, BrokenPipeError), quiet():
        if trouble := sandbox_trouble():
            pipe.send(trouble)
            return
        from ibcourse.grading import grade  # noqa: F401  # before anything is to be graded

        assignment = pipe.recv()
        while True:
            pipe.send(grade_one(assignment, pipe.recv(), limits))


def grade_one(assignment: Assignment, submission: Submission, limits: Limits) -> Result:
    """Grade, one submission at a time in a process; a fault of the grader is no end of the run."""
    from ibcourse.grading.grade import fail, grade

    try:
        with _one_at_a_time:
            return grade(assignment, submission, limits)
    except Exception:
        return fail(assignment, submission.student, traceback.format_exc())


def sandbox_trouble() -> str:
    """Why there is no sandbox here; empty if there is one."""
    try:
        check_sandbox()
    except GradingError as error:
        return str(error)
    return ""
