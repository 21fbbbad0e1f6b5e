"""Grading a class: many submissions at once, on this machine or on a Dask cluster, with one writer of marks.

A submission counts as graded once its record is written, which is the last thing that happens to it.  So a
run may end at any moment, and the next one goes on: what has no record is graded and merged again, and to
merge twice is to merge once.
"""

import contextlib
import fcntl
import math
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
import traceback
import uuid
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import TYPE_CHECKING

from ibcourse import pip_install
from ibcourse.grading import GradingError
from ibcourse.grading.gradebook import (
    Mark,
    Record,
    fingerprint,
    merge,
    read_assignment,
    read_marks,
    read_records,
    read_submission,
    write_record,
)
from ibcourse.grading.sandbox import Limits
from ibcourse.grading.settings import Settings, lock, quiet
from ibcourse.grading.submission import Assignment, Result, Submission
from ibcourse.grading.worker import grade_one, sandbox_trouble, serve

if TYPE_CHECKING:
    from distributed import Client, Future

PREFIX = "ibcourse-run-"  # of its temporary folder, short because sockets lie in it
SLACK = 60.0  # seconds that a notebook may take beyond its limit, for starting and cleaning up
ANSWER = 10.0  # seconds until a scheduler must answer


@dataclass(frozen=True)
class Row:
    """What became of one submission.

    Parameters
    ----------
    student : str
        The student's id.
    outcome : str
        ``graded``; ``unchanged``, graded by an earlier run; ``failed``, the grader could not grade it, which
        is not a zero; ``left`` for the next run.
    mark : Mark or None
        From the gradebook.
    remarks : tuple of str
        What the student is told.
    trouble : str
        Where it failed: what went wrong.
    seconds, memory
        As in `Result`.
    """

    student: str
    outcome: str
    mark: Mark | None = None
    remarks: tuple[str, ...] = ()
    trouble: str = ""
    seconds: float = 0.0
    memory: int = 0


@dataclass(frozen=True)
class Summary:
    """What a run did; as a string, a table for the terminal.

    Parameters
    ----------
    assignment : str
        Its name.
    rows : tuple of Row
        By student.
    seconds : float
        How long the run took.
    interrupted : bool
        It was stopped by Ctrl-C.

    Examples
    --------
    >>> rows = (Row("ada", "graded", Mark(5, 6, 0, False)), Row("bob", "failed", trouble="out of memory"))
    >>> print(Summary("01-information", rows, 4.0))
    student    score     of  remarks
    ada            5      6
    bob       FAILED      -  out of memory
    <BLANKLINE>
    01-information: 1 graded, 1 failed. 4 s, 30 a minute.
    What failed is no zero of the student's: look at it, and run the command again.
    """

    assignment: str
    rows: tuple[Row, ...]
    seconds: float
    interrupted: bool = False

    def count(self, outcome: str) -> int:
        """How many submissions have an outcome."""
        return sum(row.outcome == outcome for row in self.rows)

    @property
    def exit_code(self) -> int:
        """0 if all is graded, 1 if some failed, 130 if the run was interrupted."""
        return 130 if self.interrupted else int(self.count("failed") > 0)

    def __str__(self) -> str:
        width = max(len(row.student) for row in self.rows)
        lines = [f"{'student':{max(width, 7)}}  {'score':>7}  {'of':>5}  remarks"]
        lines += [_line(row, max(width, 7)) for row in self.rows]
        done, failed = self.count("graded"), self.count("failed")
        counts = [f"{done} graded"]
        counts += [f"{self.count('unchanged')} unchanged since an earlier run"] * bool(
            self.count("unchanged")
        )
        counts += [f"{failed} failed"] * bool(failed)
        if by_hand := sum(row.mark is not None and row.mark.by_hand for row in self.rows):
            counts.append(f"{by_hand} with something to mark by hand")
        speed = f", {60 * (done + failed) / self.seconds:.0f} a minute" if done + failed else ""
        lines += ["", f"{self.assignment}: {', '.join(counts)}. {self.seconds:.0f} s{speed}."]
        if failed:
            lines.append("What failed is no zero of the student's: look at it, and run the command again.")
        if self.interrupted:
            lines.append(
                f"Stopped with {self.count('left')} left. What is graded is kept; "
                "the same command goes on from there."
            )
        return "\n".join(lines)


def _line(row: Row, width: int) -> str:
    mark = row.mark
    score, most = (f"{mark.score - mark.penalty:g}", f"{mark.max_score:g}") if mark else ("-", "-")
    remarks = list(row.remarks)
    if row.outcome == "failed":
        score = "FAILED"
        remarks += row.trouble.strip().splitlines()[-1:]
    elif row.outcome == "left":
        remarks.append("not graded yet")
    if mark and mark.penalty:
        remarks.append(f"late: {mark.penalty:g} points off")
    return f"{row.student:{width}}  {score:>7}  {most:>5}  {' '.join(remarks)}".rstrip()


# ------------------------------------------------------------------------------------------------------------
# The run


def run(
    settings: Settings,
    assignment: str,
    students: Iterable[str] | None = None,
    workers: int | None = None,
    scheduler: str | None = None,
    again: bool = False,
    limits: Limits | None = None,
    progress: bool = True,
) -> Summary:
    """Grade the submissions of an assignment that are new or have changed.

    Parameters
    ----------
    settings : Settings
        The course.
    assignment : str
        Its name in the gradebook, such as ``01-information``.
    students : iterable of str, optional
        Only these; by default, all who handed in.
    workers : int, optional
        How many processes grade on this machine; by default, one for each core.
    scheduler : str, optional
        The address of a Dask scheduler, whose workers grade instead.
    again : bool, optional
        Grade what is graded already as well.
    limits : Limits, optional
        What a student's code may use.
    progress : bool, optional
        Show a bar.

    Returns
    -------
    Summary
        One row for each submission.

    Raises
    ------
    GradingError
        If nothing can be graded: the sandbox is missing, the assignment or a student is not known, nobody
        handed in, the gradebook stays locked, no worker answers.
    SettingsError
        If another command is at work in this course.
    """
    start = time.monotonic()
    limits = limits or Limits()
    asked = None if students is None else set(students)
    with lock(settings), _Team(limits, workers or _cores()) as team:
        if scheduler is None:  # they start while this process reads the gradebook
            team.start(len(_unrecorded(settings, assignment, asked, again)))
        source = read_assignment(settings, assignment)
        chosen = _students(settings, assignment, asked)
        work = _Work(settings, source, again)
        if scheduler is None:
            results = _local(work.submissions(chosen), source, team)
        else:
            results = _cluster(work.submissions(chosen), source, limits, scheduler)
        interrupted = False
        with (
            quiet(),
            contextlib.closing(results),
            _bar(progress, assignment, chosen) as show,
            _remembered_interrupt() as asked_to_stop,
        ):
            work.show = show
            try:
                for result in results:
                    work.finish(result)
                    if asked_to_stop():
                        raise KeyboardInterrupt
            except KeyboardInterrupt:
                interrupted = True
        marks = read_marks(settings, assignment)
        rows = tuple(work.row(student, marks.get(student)) for student in chosen)
    return Summary(assignment, rows, time.monotonic() - start, interrupted)


def _cores() -> int:
    return len(os.sched_getaffinity(0))


def _handed_in(settings: Settings, assignment: str) -> set[str]:
    submitted = settings.course / "submitted"
    return {path.parent.name for path in submitted.glob(f"*/{assignment}") if path.is_dir()}


def _unrecorded(settings: Settings, assignment: str, asked: set[str] | None, again: bool) -> set[str]:
    """Who is to be graded for certain, as far as it is known without the gradebook."""
    there = _handed_in(settings, assignment)
    chosen = there if asked is None else there & asked
    return chosen if again else chosen - read_records(settings, assignment).keys()


def _students(settings: Settings, assignment: str, asked: set[str] | None) -> list[str]:
    """Who handed in, of those asked for."""
    there = _handed_in(settings, assignment)
    if not there:
        submitted = settings.course / "submitted"
        raise GradingError(f"nobody has handed in {assignment!r}: {submitted} holds no STUDENT/{assignment}.")
    if unknown := sorted((asked or set()) - there):
        raise GradingError(f"{', '.join(unknown)} handed in nothing for {assignment!r}.")
    return sorted(there if asked is None else asked)


@contextlib.contextmanager
def _bar(progress: bool, title: str, students: list[str]) -> Iterator[Callable[[], object]]:
    from tqdm import tqdm

    with tqdm(total=len(students), desc=title, unit="", disable=not progress, file=sys.stderr) as bar:
        yield bar.update


@contextlib.contextmanager
def _remembered_interrupt() -> Iterator[Callable[[], bool]]:
    """Say whether Ctrl-C was pressed: Python ignores an exception that reaches it in a finaliser."""
    pressed = threading.Event()

    def remember(*_: object) -> None:
        pressed.set()
        raise KeyboardInterrupt

    before = signal.getsignal(signal.SIGINT)
    # another handler is respected, and only the main thread may set one
    ours = before is signal.default_int_handler and threading.current_thread() is threading.main_thread()
    if ours:
        signal.signal(signal.SIGINT, remember)
    try:
        yield pressed.is_set
    finally:
        if ours:
            signal.signal(signal.SIGINT, before)


@dataclass
class _Work:
    """What the one writer knows during a run."""

    settings: Settings
    assignment: Assignment
    again: bool
    show: Callable[[], object] = bool
    records: dict[str, Record] = field(default_factory=dict)
    marked: set[str] = field(default_factory=set)
    handed_in: dict[str, datetime | None] = field(default_factory=dict)
    prints: dict[str, str] = field(default_factory=dict)
    outcomes: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.print = fingerprint(self.assignment)
        self.records = read_records(self.settings, self.assignment.name)
        self.marked = set(read_marks(self.settings, self.assignment.name))

    def submissions(self, students: list[str]) -> Iterator[Submission]:
        """Read one submission after the other; those that are graded already are passed over."""
        for student in students:
            submission, self.handed_in[student] = read_submission(
                self.settings, self.assignment.name, student
            )
            self.prints[student] = fingerprint(submission, self.handed_in[student])
            if self.again or not self.is_done(student):
                yield submission
            else:
                self.outcomes[student] = "unchanged"
                self.show()

    def is_done(self, student: str) -> bool:
        record = self.records.get(student)
        folder = self.settings.folder("autograded", student, self.assignment.name)
        return (
            record is not None
            and not record.failed
            and (record.submission, record.assignment) == (self.prints[student], self.print)
            and student in self.marked
            and all((folder / f"{name}.ipynb").is_file() for name in self.assignment.notebooks)
        )

    def finish(self, result: Result) -> None:
        """Merge a result, then record it."""
        student = result.student
        try:
            merge(self.settings, self.assignment, result, self.handed_in[student])
        except GradingError:
            raise
        except Exception:  # nbgrader could not take it; the others are graded all the same
            result = _lost(self.assignment, student, traceback.format_exc())
            merge(self.settings, self.assignment, result, self.handed_in[student])
        self.records[student] = Record(
            submission=self.prints[student],
            assignment=self.print,
            remarks=result.remarks,
            flagged=result.flagged,
            failed=result.failed,
            seconds=result.seconds,
            memory=result.memory,
            trouble=result.trouble,
        )
        write_record(self.settings, self.assignment.name, student, self.records[student])
        self.outcomes[student] = "failed" if result.failed else "graded"
        self.show()

    def row(self, student: str, mark: Mark | None) -> Row:
        outcome = self.outcomes.get(student, "left")
        record = self.records.get(student)
        if record is None or outcome == "left":
            return Row(student, "left", mark)
        return Row(student, outcome, mark, record.remarks, record.trouble, record.seconds, record.memory)


# ------------------------------------------------------------------------------------------------------------
# This machine


@dataclass
class _Worker:
    """A process that grades one submission after another."""

    process: BaseProcess
    pipe: Connection
    ready: bool = False  # it has the assignment
    submission: Submission | None = None
    end: float = math.inf

    def give(self, assignment: Assignment, submission: Submission, patience: float) -> None:
        """Let it grade a submission."""
        self.submission, self.end = submission, time.monotonic() + patience
        with contextlib.suppress(OSError):  # it has died; the pipe says so to who waits for the answer
            if not self.ready:
                self.pipe.send(assignment)
            self.ready = True
            self.pipe.send(submission)

    def stop(self) -> None:
        self.pipe.close()
        self.process.kill()
        self.process.join()
        self.process.close()


class _Team:
    """The workers of this machine, and the folder of their temporary files; at its end none is left."""

    def __init__(self, limits: Limits, size: int) -> None:
        self.limits, self.size = limits, size
        self.idle: list[_Worker] = []
        self.busy: list[_Worker] = []
        self.stack = contextlib.ExitStack()
        self.folder: Path | None = None

    def __enter__(self) -> "_Team":
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self.idle + self.busy:
            worker.stop()
        self.stack.close()

    def start(self, count: int) -> None:
        """Start workers, no more than the team has."""
        if count and self.folder is None:
            self.folder = self.stack.enter_context(_folder())
        context = multiprocessing.get_context("spawn")
        for _ in range(min(count, self.size - len(self.idle) - len(self.busy))):
            ours, theirs = context.Pipe()
            process = context.Process(
                target=serve, args=(theirs, self.limits, self.folder, os.getpid()), daemon=True
            )
            # Ctrl-C at the terminal is for this process alone; a worker starts with the signal blocked.
            before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
            try:
                process.start()
            finally:
                signal.pthread_sigmask(signal.SIG_SETMASK, before)
            theirs.close()
            self.idle.append(_Worker(process, ours))


def _local(
    submissions: Iterator[Submission], assignment: Assignment, team: _Team
) -> Generator[Result, None, None]:
    """Grade in processes of this machine; a submission whose process dies is tried once more."""
    patience = len(assignment.notebooks) * (team.limits.notebook + SLACK)
    again: deque[Submission] = deque()
    answers: deque[Result] = deque()
    failed_once: set[str] = set()
    busy = team.busy
    while True:
        while len(busy) < team.size:
            submission = again.popleft() if again else next(submissions, None)
            if submission is None:
                break
            if not team.idle:
                team.start(1)
            worker = team.idle.pop()
            busy.append(worker)
            worker.give(assignment, submission, patience)
        if answers:  # merged while the workers go on
            yield answers.popleft()
            continue
        if not busy:
            return
        first = min(worker.end for worker in busy)
        wait([worker.pipe for worker in busy], max(0.0, first - time.monotonic()))
        for worker in list(busy):
            late = time.monotonic() > worker.end
            if not late and not worker.pipe.poll():
                continue
            busy.remove(worker)
            assert worker.submission
            try:
                if late:
                    raise TimeoutError(f"no answer after {patience:.0f} s")
                answer = worker.pipe.recv()
            except (EOFError, OSError) as error:
                worker.stop()
                student = worker.submission.student
                if student in failed_once:
                    trouble = str(error) or "its worker was killed, twice"
                    answers.append(_lost(assignment, student, trouble))
                else:
                    failed_once.add(student)
                    again.append(worker.submission)
                continue
            if isinstance(answer, str):
                worker.stop()
                raise GradingError(answer)
            team.idle.append(worker)
            answers.append(answer)


def _lost(assignment: Assignment, student: str, trouble: str) -> Result:
    from ibcourse.grading.grade import fail

    return fail(assignment, student, trouble)


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    """A folder for the temporary files of a run; those of runs that were killed are removed."""
    for left in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError), open(left / "lock", "rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(left, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    try:
        with open(folder / "lock", "wb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


# ------------------------------------------------------------------------------------------------------------
# A cluster


def _cluster(
    submissions: Iterator[Submission], assignment: Assignment, limits: Limits, address: str
) -> Generator[Result, None, None]:
    """Grade on a Dask cluster; its workers need this package and bubblewrap, and no disk in common."""
    try:
        with quiet():
            from distributed import Client
    except ImportError:
        raise GradingError(f"a cluster needs Dask: {pip_install('cluster')}") from None
    try:
        client = Client(address, timeout=ANSWER)
    except (OSError, ValueError) as error:
        raise GradingError(f"no Dask scheduler answers at {address}: {error}") from None
    with client:
        try:
            yield from _on_cluster(client, submissions, assignment, limits)
        except OSError as error:
            raise _gone(address) from error
        except RuntimeError as error:  # what the client raises once its connection is closed
            if client.status == "running":
                raise
            raise _gone(address) from error


def _gone(address: str) -> GradingError:
    return GradingError(
        f"the Dask scheduler at {address} has gone. What is graded is kept: "
        "start it, and run the command again."
    )


def _on_cluster(
    client: "Client", submissions: Iterator[Submission], assignment: Assignment, limits: Limits
) -> Generator[Result, None, None]:
    from distributed import wait as wait_for
    from distributed.client import FuturesCancelledError

    _check_workers(client)
    # All that a task needs travels with it.  So a worker that is lost takes nothing with it, and none waits
    # for what another one had.
    patience = 2 * len(assignment.notebooks) * (limits.notebook + SLACK)  # a task may wait for another one
    pending: dict[Future, tuple[Submission, float]] = {}
    tries: dict[str, int] = {}

    def submit(submission: Submission) -> None:
        key = f"grade-{submission.student}-{uuid.uuid4().hex}"
        with quiet():
            future = client.submit(grade_one, assignment, submission, limits, key=key, pure=False)
        pending[future] = submission, time.monotonic() + patience
        tries[submission.student] = tries.get(submission.student, 0) + 1

    try:
        while True:
            room = 2 * max(1, sum(client.nthreads().values())) - len(pending)
            for _ in range(room):
                if (submission := next(submissions, None)) is None:
                    break
                submit(submission)
            if not pending:
                return
            try:
                wait_for(list(pending), timeout=SLACK, return_when="FIRST_COMPLETED")
            except TimeoutError:
                _check_workers(client)
            except FuturesCancelledError:
                if client.status != "running":
                    raise OSError("the scheduler has gone") from None
            for future, (submission, end) in list(pending.items()):
                late = time.monotonic() > end
                if future.status == "pending" and not late:
                    continue
                del pending[future]
                if future.status == "finished":
                    yield future.result()
                    continue
                trouble = repr(future.exception()) if future.status == "error" else future.status
                if late:
                    client.cancel([future])
                    trouble = f"no answer after {patience:.0f} s"
                if tries[submission.student] < 2:
                    submit(submission)
                else:
                    yield _lost(assignment, submission.student, f"on the cluster, twice: {trouble}")
    finally:
        client.cancel(list(pending))


def _check_workers(client: "Client") -> None:
    """Wait for a worker, and see that all can hold a sandbox."""
    try:
        client.wait_for_workers(1, timeout=SLACK)
    except TimeoutError:
        raise GradingError(
            f"the scheduler has had no worker for {SLACK:.0f} s. Start some: dask worker ADDRESS --nthreads 1"
        ) from None
    try:
        troubles = client.run(sandbox_trouble)
    except ImportError as error:
        raise GradingError(
            f"a worker lacks what it needs: {error}. Install the same ibcourse there."
        ) from None
    for worker, trouble in troubles.items():
        if trouble:
            raise GradingError(f"the worker {worker} cannot grade: {trouble}")
