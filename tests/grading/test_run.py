"""Grading a class: at once, killed, resumed, on a cluster.

Most of these tests put a stand-in for the sandbox into the workers, so that they take no time: it gives full
marks to answers that say so, and does what else the answers ask.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import nbformat
import pytest

from ibcourse.grading import GradingError
from ibcourse.grading import run as module
from ibcourse.grading.gradebook import read_marks, read_records, use
from ibcourse.grading.run import Row, Summary, run
from ibcourse.grading.sandbox import Limits
from ibcourse.grading.settings import SettingsError, load, lock

NAME = "01-sample"

# Python imports this module when it starts, in the workers too.
STAND_IN = """
import os, signal, sys, time
from pathlib import Path
from types import ModuleType, SimpleNamespace

def execute(notebook, files, limits):
    said = " ".join(cell.source for cell in notebook.cells if cell.metadata.nbgrader.solution)
    once = Path(__file__).with_name("once")
    if "always" in said or ("once" in said and not once.exists()):
        once.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    if "hang" in said:
        time.sleep(1000)
    time.sleep(0.1)
    from nbformat.v4 import new_output
    for cell in notebook.cells:
        if cell.cell_type == "code" and cell.metadata.nbgrader.grade and "right" not in said:
            cell.outputs = [new_output("error", ename="AssertionError", evalue="", traceback=[])]
    reason = "A remark." if "remark" in said else ""
    return SimpleNamespace(notebook=notebook, reason=reason, flagged=bool(reason), memory=2**20)

def check_sandbox():
    if Path(__file__).with_name("missing").exists():
        raise GradingError("bubblewrap is missing")

if any("spawn_main" in word for word in sys.orig_argv):  # a worker
    sys.modules["ibcourse.grading.execute"] = ModuleType("execute")
    sys.modules["ibcourse.grading.execute"].execute = execute
    from ibcourse.grading import GradingError, sandbox
    sandbox.check_sandbox = check_sandbox
"""


@pytest.fixture
def stand_in(monkeypatch, tmp_path):
    """Let every Python that starts from now on have the stand-in; return its folder."""
    folder = tmp_path / "stand-in"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(STAND_IN)
    monkeypatch.setenv("PYTHONPATH", str(folder))
    return folder


@pytest.fixture
def course(released, tmp_path):
    """A course with one homework and no submissions."""
    return load(shutil.copytree(released, tmp_path / "ib"))


@pytest.fixture
def heard():
    """Ctrl-C is heard, also where a shell started the tests in the background and let them ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def hand_in(settings, student, answer, handed_in=None):
    notebook = nbformat.read(settings.course / "release" / NAME / f"{NAME}.ipynb", 4)
    for cell in notebook.cells:
        if cell.id == "total-variation-answer":
            cell.source = answer
    folder = settings.folder("submitted", student, NAME)
    folder.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, folder / f"{NAME}.ipynb")
    if handed_in:
        (folder / "timestamp.txt").write_text(handed_in)


def start(settings, **options):
    """The command, as a process."""
    command = [sys.executable, "-m", "ibcourse.cli", "grade", "1", "-j", "2", "--course", settings.course]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)


def go(settings, **keywords):
    return run(settings, NAME, **{"workers": 2, "progress": False} | keywords)


def scores(settings):
    return {student: mark.score for student, mark in read_marks(settings, NAME).items()}


def outcomes(summary):
    return {row.student: row.outcome for row in summary.rows}


def left_over(folder):
    """Workers that still have the stand-in."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if f"PYTHONPATH={folder}".encode() in (path / "environ").read_bytes():
                found.append((path / "cmdline").read_text())
    return [command for command in found if "spawn_main" in command or "ibcourse.cli" in command]


def wait_until(condition, seconds=120):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def test_a_class(course, stand_in):
    hand_in(course, "ada", "right", "2026-01-02 10:00:00 UTC")
    hand_in(course, "bob", "wrong, remark", "not a time")
    hand_in(course, "cy", "right, but the process is killed once")
    hand_in(course, "dan", "the process is always killed")
    broken = course.folder("submitted", "eve", NAME)
    broken.mkdir(parents=True)
    (broken / f"{NAME}.ipynb").write_text('{"cells": [')
    course.folder("submitted", "flo", NAME).mkdir(parents=True)

    summary = go(course)
    assert outcomes(summary) == {
        "ada": "graded",
        "bob": "graded",
        "cy": "graded",
        "dan": "failed",
        "eve": "failed",
        "flo": "graded",
    }
    assert scores(course) == {"ada": 6, "bob": 0, "cy": 6, "dan": 0, "eve": 0, "flo": 0}
    assert summary.exit_code == 1

    def read_times(book):
        return {each.student_id: each.timestamp for each in book.find_assignment(NAME).submissions}

    times = use(course, read_times)
    assert times["ada"] == datetime(2026, 1, 2, 10)
    assert times["bob"] is None
    table = str(summary)
    for line in table.splitlines():
        if line.startswith("ada"):
            assert line.split() == ["ada", "6", "8"]
        if line.startswith("bob"):
            assert "timestamp.txt" in line
            assert "A remark." in line
        if line.startswith("dan"):
            assert "FAILED" in line
            assert "killed, twice" in line
        if line.startswith("eve"):
            assert "FAILED" in line
            assert "could not be read" in line
        if line.startswith("flo"):
            assert "You handed in no" in line
    assert "4 graded, 2 failed" in table
    flagged = {student for student, record in read_records(course, NAME).items() if record.flagged}
    assert flagged == {"bob", "dan", "eve", "flo"}
    for student in scores(course):
        assert (course.folder("autograded", student, NAME) / f"{NAME}.ipynb").is_file()
    wait_until(lambda: not left_over(stand_in))

    # the next run: what failed is tried again, what is new or has changed is graded, the rest is left
    (stand_in / "sitecustomize.py").write_text(STAND_IN.replace('"always" in said or', ""))
    hand_in(course, "bob", "right now")
    hand_in(course, "gus", "right")
    again = go(course)
    assert outcomes(again) == {
        "ada": "unchanged",
        "bob": "graded",
        "cy": "unchanged",
        "dan": "graded",
        "eve": "failed",
        "flo": "unchanged",
        "gus": "graded",
    }
    assert scores(course) == {"ada": 6, "bob": 6, "cy": 6, "dan": 0, "eve": 0, "flo": 0, "gus": 6}
    assert next(row for row in again.rows if row.student == "flo").remarks
    assert outcomes(go(course, students=["ada", "gus"], again=True)) == {"ada": "graded", "gus": "graded"}


def test_what_was_graded_is_graded_again_when_it_is_gone(course, stand_in):
    for student in ("ada", "bob", "cy"):
        hand_in(course, student, "right")
    assert go(course).count("graded") == 3
    assert go(course).count("unchanged") == 3
    (course.folder("autograded", "ada", NAME) / f"{NAME}.ipynb").unlink()
    use(course, lambda book: book.remove_submission(NAME, "bob"))
    assert outcomes(go(course)) == {"ada": "graded", "bob": "graded", "cy": "unchanged"}
    assert scores(course) == dict.fromkeys(["ada", "bob", "cy"], 6)


def test_a_worker_that_hangs(course, stand_in, monkeypatch):
    monkeypatch.setattr(module, "SLACK", 0)
    hand_in(course, "ada", "hang")
    summary = go(course, limits=Limits(notebook=2))
    assert outcomes(summary) == {"ada": "failed"}
    assert summary.rows[0].trouble == "no answer after 2 s"
    wait_until(lambda: not left_over(stand_in))


def test_killed_at_any_moment_and_resumed(course, stand_in, monkeypatch):
    """Marks are those of one run; no process and no folder is left behind."""
    students = [f"s{number:02}" for number in range(30)]
    for number, student in enumerate(students):
        hand_in(course, student, "right" if number % 3 else "wrong")
    expected = {student: 6 if number % 3 else 0 for number, student in enumerate(students)}
    temporary = stand_in / "tmp"  # where no other grader of this machine has its own
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    graded = 0
    for moment in (0.0, 0.15):
        with start(course) as process:
            wait_until(lambda before=graded: len(read_records(course, NAME)) > before)
            time.sleep(moment)
            process.kill()
        wait_until(lambda: not left_over(stand_in))
        graded = len(read_records(course, NAME))
        assert 0 < graded < 30
        assert len(list(temporary.glob(f"{module.PREFIX}*"))) == 1
    summary = go(course)
    assert summary.count("unchanged") == graded
    assert summary.count("graded") == 30 - graded
    assert scores(course) == expected
    assert not list(temporary.glob(f"{module.PREFIX}*"))


def test_stopped_by_hand(course, stand_in, heard):
    for number in range(30):
        hand_in(course, f"s{number:02}", "right")
    process = start(course, start_new_session=True)
    wait_until(lambda: len(read_records(course, NAME)) > 2)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, f"{out}{err}"
    assert "Traceback" not in err
    graded = len(read_records(course, NAME))
    assert f"Stopped with {30 - graded} left. What is graded is kept" in out
    assert len(scores(course)) == graded
    assert not left_over(stand_in)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_stopped_by_hand_while_a_finaliser_runs(course, stand_in, heard, monkeypatch):
    class Connection:
        def __del__(self):
            signal.raise_signal(signal.SIGINT)  # Python ignores the exception here

    def interrupted(*arguments):
        Connection()
        merge(*arguments)

    merge = module.merge
    monkeypatch.setattr(module, "merge", interrupted)
    for student in ("ada", "bob", "cy", "dan"):
        hand_in(course, student, "right")
    summary = go(course)
    assert summary.exit_code == 130
    assert (summary.count("graded"), summary.count("left")) == (1, 3)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_one_grader_at_a_time(course, stand_in):
    hand_in(course, "ada", "right")
    with (
        lock(course),
        pytest.raises(SettingsError, match=f"another command is at work.*process {os.getpid()}"),
    ):
        go(course)
    assert go(course).exit_code == 0


def test_a_machine_without_a_sandbox(course, stand_in):
    hand_in(course, "ada", "right")
    (stand_in / "missing").touch()
    with pytest.raises(GradingError, match="bubblewrap is missing"):
        go(course)
    assert scores(course) == {}
    assert not left_over(stand_in)


def test_nobody_to_grade(course):
    with pytest.raises(GradingError, match="nobody has handed in"):
        go(course)
    hand_in(course, "ada", "right")
    with pytest.raises(GradingError, match=r"^bob, eve handed in nothing"):
        go(course, students=["eve", "ada", "bob"])
    with pytest.raises(GradingError, match="no assignment"):
        run(course, "02-more")


def test_a_cluster_of_which_a_worker_is_killed(course, stand_in):
    distributed = pytest.importorskip("distributed")
    students = [f"s{number:02}" for number in range(16)]
    for student in students:
        hand_in(course, student, "right, but once" if student == "s05" else "right")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address="127.0.0.1:0", silence_logs=50
    ) as cluster:
        summary = go(course, scheduler=cluster.scheduler_address)
        assert (stand_in / "once").exists()
    assert summary.count("graded") == 16
    assert scores(course) == dict.fromkeys(students, 6)


def test_a_cluster_that_hangs(course, stand_in, monkeypatch):
    distributed = pytest.importorskip("distributed")
    monkeypatch.setattr(module, "SLACK", 2)
    hand_in(course, "ada", "hang")
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, processes=True, dashboard_address="127.0.0.1:0", silence_logs=50
    ) as cluster:
        summary = go(course, scheduler=cluster.scheduler_address, limits=Limits(notebook=1))
    assert outcomes(summary) == {"ada": "failed"}
    assert summary.rows[0].trouble == "on the cluster, twice: no answer after 6 s"


def test_a_cluster_that_is_not_there(course, monkeypatch):
    monkeypatch.setattr(module, "ANSWER", 0.5)
    hand_in(course, "ada", "right")
    with pytest.raises(GradingError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:9"):
        go(course, scheduler="tcp://127.0.0.1:9")


def test_the_table_tells_failures_from_zeros():
    rows = (Row("a", "graded"), Row("b", "failed", trouble="Traceback\nKeyError: 'x'"), Row("c", "left"))
    table = str(Summary("hw", rows, 60.0, interrupted=True))
    assert "b         FAILED      -  KeyError: 'x'" in table
    assert "hw: 1 graded, 1 failed. 60 s, 2 a minute." in table
    assert "Stopped with 1 left" in table
    assert [Summary("hw", rows[:n], 1.0).exit_code for n in (1, 2)] == [0, 1]


def test_the_sandbox_itself(course, sandbox):
    hand_in(course, "ada", "def total_variation(p, q):\n    return np.abs(np.subtract(p, q)).sum() / 2")
    hand_in(course, "bob", "def total_variation(p, q):\n    return 0.0")
    summary = go(course, workers=1)
    assert outcomes(summary) == {"ada": "graded", "bob": "graded"}
    assert scores(course) == {"ada": 4, "bob": 0}
    assert not any(tempfile.gettempdir() in row.trouble for row in summary.rows)
