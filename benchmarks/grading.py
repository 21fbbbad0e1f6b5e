"""How fast the grader is, and what it loses when it is killed: ``python -m benchmarks.grading COMMAND ...``.

The submissions are made from the answers under ``exercises/``, so that what each must get is known: right,
wrong and blank ones in turn.  Every command compares all marks with that.
"""

import argparse
import copy
import csv
import ctypes
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path
from typing import Any

import nbformat

from ibcourse.course.answers import answers
from ibcourse.course.homework import EXERCISES, TESTS, find, load, notebook, source_notebook
from ibcourse.grading import course as courses
from ibcourse.grading.gradebook import read_marks, read_records
from ibcourse.grading.settings import Settings
from ibcourse.grading.settings import load as load_settings

TOPIC = find("1")
PR_SET_CHILD_SUBREAPER = 36
GRADE = [sys.executable, "-m", "ibcourse.cli", "grade", "01"]


# ------------------------------------------------------------------------------------------------------------
# A class that was never taught


def submissions(count: int) -> Iterator[tuple[str, nbformat.NotebookNode, float]]:
    """Students, their notebooks, and the points that they must get."""
    homework = load(EXERCISES / TOPIC)
    tried = answers(homework, EXERCISES / TOPIC)
    reference = {cell.id: cell.source for cell in source_notebook(homework, "").cells}
    points = {
        cell.id: cell.points for problem in homework.problems for cell in problem.cells if cell.kind in TESTS
    }
    draw = random.Random(1)
    released = notebook(TOPIC)
    for number in range(count):
        kind = ("reference", "right", "wrong", "blank")[number % 4]
        handed_in, lost = copy.deepcopy(released), set()
        code = {} if kind == "blank" else dict(reference)
        for problem in homework.problems:
            known = [answer for answer in tried if answer.problem is problem]
            if kind == "blank":
                lost |= {cell.id for cell in problem.cells if cell.kind in TESTS}
            elif fitting := [answer for answer in known if answer.name.startswith(f"{kind}/")]:
                answer = draw.choice(fitting)
                code |= answer.code
                lost |= answer.loses
        for cell in handed_in.cells:
            if cell.metadata.nbgrader.solution and cell.cell_type == "code":
                cell.source = code.get(cell.id, cell.source)
        yield f"s{number:03}", handed_in, sum(points.values()) - sum(points[cell] for cell in lost)


def make_course(folder: Path, count: int) -> tuple[Settings, dict[str, float]]:
    """A course with a released homework and submissions; what each must get."""
    settings = load_settings(courses.new_course(folder / "course"))
    courses.release(settings, "01")
    expected = {}
    for student, handed_in, points in submissions(count):
        expected[student] = points
        place = settings.folder("submitted", student, TOPIC)
        place.mkdir(parents=True)
        nbformat.write(handed_in, place / f"{TOPIC}.ipynb")
    return settings, expected


def differences(settings: Settings, expected: dict[str, float]) -> list[str]:
    """Students whose marks are not what they must be."""
    marks = {student: mark.score for student, mark in read_marks(settings, TOPIC).items()}
    names = sorted(expected.keys() | marks.keys())
    return [
        f"{name}: {marks.get(name)} for {expected.get(name)}"
        for name in names
        if marks.get(name) != expected.get(name)
    ]


def report(settings: Settings, expected: dict[str, float]) -> bool:
    """Print whether all marks are right."""
    wrong = differences(settings, expected)
    print(f"marks: {len(expected) - len(wrong)} of {len(expected)} as they must be. {'; '.join(wrong[:5])}")
    return not wrong


# ------------------------------------------------------------------------------------------------------------
# Processes


def adopt_orphans() -> None:
    """Become the parent of processes whose own parent has died, so that none escapes the accounts."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)


def descendants(root: int) -> list[int]:
    """The processes below one, by what the system says of their parents."""
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            parents[int(path.parent.name)] = int(path.read_text().rpartition(")")[2].split()[1])
    found, level = [], [root]
    while level:
        level = [child for child, parent in parents.items() if parent in level]
        found += level
    return found


def memory(processes: list[int]) -> int:
    """Bytes that processes hold, pages in common counted once."""
    total = 0
    for process in processes:
        with suppress(OSError):
            text = Path(f"/proc/{process}/smaps_rollup").read_text()
            total += 1024 * int(re.search(r"^Pss:\s+(\d+)", text, re.MULTILINE)[1])
    return total


def reap(seconds: float = 5.0) -> int:
    """Wait for orphans; how many are still alive after some seconds."""
    end = time.monotonic() + seconds
    while True:
        try:
            ended, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return 0
        if not ended:
            if time.monotonic() > end:
                return len(descendants(os.getpid()))
            time.sleep(0.05)


def measure(name: str, commands: list[list[str]], folder: Path, count: int, workers: int) -> dict[str, Any]:
    """Run commands at once; print and return what they took."""
    before, load = resource.getrusage(resource.RUSAGE_CHILDREN), os.getloadavg()[0]
    start, peak = time.monotonic(), 0
    log = folder / "log.txt"
    with open(log, "wb") as out:
        running = [subprocess.Popen(each, cwd=folder, stdout=out, stderr=out) for each in commands]
        while any(process.poll() is None for process in running):
            peak = max(peak, memory(descendants(os.getpid())))
            time.sleep(1)
    wall = time.monotonic() - start
    reap()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    codes = [process.returncode for process in running]
    row = {
        "command": name,
        "wall_s": round(wall, 1),
        "cpu_s": round(cpu, 1),
        "submissions_a_minute": round(60 * count / wall, 1),
        "submissions_a_cpu_minute": round(60 * count / cpu, 1),
        "mib_a_worker": round(peak / workers / 2**20),
        "load_before": round(load, 1),
        "exit_codes": codes,
    }
    print(row, flush=True)
    if any(code not in (0, 1) for code in codes):
        print(log.read_text()[-2000:])
    return row


# ------------------------------------------------------------------------------------------------------------
# The commands


def speed(folder: Path, count: int, workers: int, times: int) -> tuple[bool, dict[str, Any]]:
    """Grade with plain nbgrader and with the grader, one after the other."""
    settings, expected = make_course(folder, count)
    rows = []
    for parts in sorted({1, workers}):
        copy = folder / f"plain-{parts}"
        copy.mkdir()
        for name in ("source", "release", "submitted", "gradebook.db"):
            (shutil.copytree if (settings.course / name).is_dir() else shutil.copy)(
                settings.course / name, copy / name
            )
        (copy / "nbgrader_config.py").write_text("c = get_config()\nc.CourseDirectory.course_id = 'course'\n")
        students = sorted(expected)
        chunks = [students[part::parts] for part in range(parts)]
        # nbgrader takes a student or a pattern: each process leaves out those of the others
        commands = [
            [
                str(Path(sys.executable).parent / "nbgrader"),
                "autograde",
                TOPIC,
                f"--CourseDirectory.student_id_exclude={','.join(set(students) - set(chunk))}",
            ]
            for chunk in chunks
        ]
        rows.append(measure(f"nbgrader autograde, {parts} at a time", commands, copy, count, parts))
        report(Settings(copy, settings.config, f"sqlite:///{copy}/gradebook.db", "course"), expected)
    command = [*GRADE, "-j", str(workers), "--course", str(settings.course)]
    ours = measure(f"ibcourse grade -j {workers}", [command], settings.course, count, workers)
    right = report(settings, expected)
    for row in rows:
        for what in ("wall_s", "cpu_s"):
            print(f"{what}: {row[what] / ours[what]:.2f} times as fast as {row['command']}")
    largest = max(record.memory for record in read_records(settings, TOPIC).values())
    about = {"submissions": count, "cores": len(os.sched_getaffinity(0)), "mib_of_a_student": largest >> 20}
    print(about, flush=True)
    return right, about | {"rows": [*rows, ours]}


def kill(folder: Path, count: int, workers: int, times: int) -> tuple[bool, dict[str, Any]]:
    """Kill the run at random moments, run it again, and compare all marks."""
    settings, expected = make_course(folder, count)
    command = [*GRADE, "-j", str(workers), "--course", str(settings.course)]
    fresh = folder / "fresh"
    shutil.copytree(settings.course, fresh)
    start = time.monotonic()
    subprocess.run(command, capture_output=True, check=False)
    whole = time.monotonic() - start
    right = report(settings, expected)
    draw = random.Random(2)
    rows = []
    for turn in range(1, times + 1):
        shutil.rmtree(settings.course)
        shutil.copytree(fresh, settings.course)
        moment = draw.uniform(0, whole)
        run = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(moment)
        run.send_signal(signal.SIGKILL)
        run.wait()
        alive = reap()
        kept = len(read_records(settings, TOPIC))
        again = subprocess.run(command, capture_output=True, text=True, check=False)
        row = {
            "killed_after_s": round(moment, 1),
            "graded_by_then": kept,
            "processes_left": alive,
            "exit_code_of_the_next": again.returncode,
            "marks_wrong": len(differences(settings, expected)),
        }
        rows.append(row)
        print(f"{turn:3}: {row}", flush=True)
    wrong = ("processes_left", "exit_code_of_the_next", "marks_wrong")
    good = sum(not any(row[what] for what in wrong) for row in rows)
    print(f"{good} of {times} killed and resumed runs gave the same marks", flush=True)
    about = {"submissions": count, "times": times, "same_marks": good, "whole_run_s": round(whole, 1)}
    return right and good == times, about | {"rows": rows}


def dask(folder: Path, count: int, workers: int, times: int) -> tuple[bool, dict[str, Any]]:
    """Grade on a local cluster of processes, and kill one of them in the middle."""
    from distributed import LocalCluster

    settings, expected = make_course(folder, count)
    with LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address="127.0.0.1:0") as cluster:
        command = [*GRADE, "--scheduler", cluster.scheduler_address, "--course", str(settings.course)]
        start = time.monotonic()
        run = subprocess.Popen(command)
        while run.poll() is None and len(read_records(settings, TOPIC)) < count // 3:
            time.sleep(0.2)
        os.kill(next(iter(cluster.workers.values())).pid, signal.SIGKILL)
        graded = len(read_records(settings, TOPIC))
        code = run.wait()
        wall = round(time.monotonic() - start, 1)
    row = {
        "submissions": count,
        "workers": workers,
        "graded_when_a_worker_was_killed": graded,
        "exit_code": code,
        "wall_s": wall,
        "marks_wrong": len(differences(settings, expected)),
    }
    print(row, flush=True)
    return report(settings, expected) and code == 0 and graded < count, row


def moodle(folder: Path, count: int, workers: int, times: int) -> tuple[bool, dict[str, Any]]:
    """Take a class from a zip as Moodle makes it: collect, grade, export."""
    settings = load_settings(courses.new_course(folder / "course"))
    courses.release(settings, "01")
    path = folder / "moodle.zip"
    wanted = []
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, (_, handed_in, points) in enumerate(submissions(count)):
            wanted.append(points)
            place = f"Student Number{number}_{700000 + number}_assignsubmission_file_"
            archive.writestr(f"{place}/{TOPIC}.ipynb", nbformat.writes(handed_in))
    marks = folder / "marks.csv"
    row: dict[str, Any] = {"submissions": count, "workers": workers}
    for name, *rest in (
        ("collect", "01", str(path)),
        ("grade", "01", "-j", str(workers)),
        ("export", "01", "--to", str(marks), "--for", "moodle"),
    ):
        start = time.monotonic()
        command = [*GRADE[:3], name, *rest, "--course", str(settings.course)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        row[f"{name}_s"] = round(time.monotonic() - start, 1)
        tail = "\n".join(done.stdout.splitlines()[-3:])
        print(f"{name}: exit {done.returncode}, {row[f'{name}_s']} s\n{tail}", flush=True)
        if done.returncode:
            print(done.stderr[-2000:])
            return False, row
    print("\n".join(marks.read_text(encoding="utf-8-sig").splitlines()[:3]))
    rows = list(csv.reader(marks.read_text(encoding="utf-8-sig").splitlines()))[1:]
    got = sorted(mark.score for mark in read_marks(settings, TOPIC).values())
    row |= {"rows_exported": len(rows), "marks_as_they_must_be": got == sorted(wanted)}
    print(row, flush=True)
    return got == sorted(wanted) and len(rows) == count, row


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder that is removed at the end."""
    with tempfile.TemporaryDirectory(prefix="ibcourse-bench-") as folder:
        yield Path(folder)


def keep(name: str, row: dict[str, Any], seconds: float) -> None:
    """Record what one command measured; what the others did before stays, each with its own date."""
    from ibcourse.data import record, write_record

    try:
        results = record("grading")["results"]
    except LookupError:
        results = {}
    results[name] = {"date": date.today().isoformat(), "seconds": round(seconds, 1), **row}
    total = sum(each["seconds"] for each in results.values())
    data = f"submissions of {TOPIC}, made from the answers under exercises/"
    write_record("grading", results, seconds=total, seeds=[1, 2], data=data)


def main() -> int:
    """Run commands one after the other; record what they measured where all was right."""
    commands = {"speed": (speed, 24), "kill": (kill, 8), "dask": (dask, 12), "class": (moodle, 300)}
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("commands", nargs="+", choices=commands)
    parser.add_argument("--count", type=int, help="submissions")
    parser.add_argument("-j", "--workers", type=int, default=2, help="processes that grade")
    parser.add_argument("--times", type=int, default=20, help="runs that are killed")
    parser.add_argument("--record", action="store_true", help="write the record that pages read")
    arguments = parser.parse_args()
    sys.argv[0] = "-m benchmarks.grading"  # as it was typed; a record says so
    adopt_orphans()
    for name in arguments.commands:
        start = time.monotonic()
        command, count = commands[name]
        with scratch() as folder:
            right, row = command(folder, arguments.count or count, arguments.workers, arguments.times)
        print(f"{name}: {'as it must be' if right else 'WRONG'}", flush=True)
        if not right:
            return 1
        if arguments.record:
            keep(name, row, time.monotonic() - start)
    return 0


if __name__ == "__main__":
    sys.exit(main())
