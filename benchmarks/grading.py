"""How fast the grader is, and what it loses when it is killed: ``python -m benchmarks.grading COMMAND``.

The submissions are made from the answers under ``exercises/``, so that what each must get is known: right,
wrong and blank ones in turn.  Every command compares all marks with that.
"""

import argparse
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
from pathlib import Path

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
    for number in range(count):
        kind = ("reference", "right", "wrong", "blank")[number % 4]
        handed_in, lost = notebook(TOPIC), set()
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


def measure(name: str, commands: list[list[str]], folder: Path, count: int, workers: int) -> float:
    """Run commands at once and print what they took; return submissions a minute."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
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
    speed = 60 * count / wall
    print(
        f"{name:34}{wall:8.1f} s wall{cpu:8.1f} s CPU{speed:8.1f} a minute"
        f"{60 * count / cpu:8.1f} a CPU minute{peak / workers / 2**20:8.0f} MiB a worker  exit {codes}",
        flush=True,
    )
    if any(code not in (0, 1) for code in codes):
        print(log.read_text()[-2000:])
    return speed


# ------------------------------------------------------------------------------------------------------------
# The commands


def speed(arguments: argparse.Namespace, folder: Path) -> bool:
    """Grade with plain nbgrader and with the grader, side by side."""
    count, workers = arguments.count, arguments.workers
    settings, expected = make_course(folder, count)
    print(
        f"{count} submissions of {TOPIC}, {len(os.sched_getaffinity(0))} cores, load {os.getloadavg()[0]:.1f}"
    )
    plain = {}
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
        plain[parts] = measure(f"nbgrader autograde, {parts} process(es)", commands, copy, count, parts)
        report(Settings(copy, settings.config, f"sqlite:///{copy}/gradebook.db", "course"), expected)
    command = [*GRADE, "-j", str(workers), "--course", str(settings.course)]
    ours = measure(f"ibcourse grade -j {workers}", [command], settings.course, count, workers)
    right = report(settings, expected)
    records = read_records(settings, TOPIC).values()
    print(f"largest student's side: {max(record.memory for record in records) / 2**20:.0f} MiB")
    for parts, rate in plain.items():
        print(f"{ours / rate:.2f} times nbgrader autograde in {parts} process(es)")
    return right


def kill(arguments: argparse.Namespace, folder: Path) -> bool:
    """Kill the run at random moments, run it again, and compare all marks."""
    settings, expected = make_course(folder, arguments.count)
    command = [*GRADE, "-j", str(arguments.workers), "--course", str(settings.course)]
    fresh = folder / "fresh"
    shutil.copytree(settings.course, fresh)
    start = time.monotonic()
    subprocess.run(command, capture_output=True, check=False)
    whole = time.monotonic() - start
    right = report(settings, expected)
    draw = random.Random(2)
    good = 0
    for turn in range(1, arguments.times + 1):
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
        wrong = differences(settings, expected)
        good += not wrong and not alive and again.returncode == 0
        print(
            f"{turn:3}: killed after {moment:5.1f} of {whole:.1f} s, {kept} graded, {alive} processes left; "
            f"then exit {again.returncode}, {len(wrong)} marks wrong",
            flush=True,
        )
    print(f"{good} of {arguments.times} killed and resumed runs gave the same marks")
    return right and good == arguments.times


def dask(arguments: argparse.Namespace, folder: Path) -> bool:
    """Grade on a local cluster of processes, and kill one of them in the middle."""
    from distributed import LocalCluster

    settings, expected = make_course(folder, arguments.count)
    with LocalCluster(n_workers=arguments.workers, threads_per_worker=1, dashboard_address=None) as cluster:
        command = [*GRADE, "--scheduler", cluster.scheduler_address, "--course", str(settings.course)]
        start = time.monotonic()
        run = subprocess.Popen(command)
        while run.poll() is None and len(read_records(settings, TOPIC)) < arguments.count // 3:
            time.sleep(0.2)
        victim = next(iter(cluster.workers.values())).pid
        os.kill(victim, signal.SIGKILL)
        print(f"killed worker {victim} with {len(read_records(settings, TOPIC))} graded", flush=True)
        code = run.wait()
        print(f"exit {code}, {time.monotonic() - start:.1f} s")
    return report(settings, expected) and code == 0


def moodle(arguments: argparse.Namespace, folder: Path) -> bool:
    """Take a class from a zip as Moodle makes it: collect, grade, export."""
    settings = load_settings(courses.new_course(folder / "course"))
    courses.release(settings, "01")
    path = folder / "moodle.zip"
    wanted = []
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, (_, handed_in, points) in enumerate(submissions(arguments.count)):
            wanted.append(points)
            place = f"Student Number{number}_{700000 + number}_assignsubmission_file_"
            archive.writestr(f"{place}/{TOPIC}.ipynb", nbformat.writes(handed_in))
    marks = folder / "marks.csv"
    for name, *rest in (
        ("collect", "01", str(path)),
        ("grade", "01", "-j", str(arguments.workers)),
        ("export", "01", "--to", str(marks), "--for", "moodle"),
    ):
        start = time.monotonic()
        command = [*GRADE[:3], name, *rest, "--course", str(settings.course)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        tail = "\n".join(done.stdout.splitlines()[-3:])
        print(f"{name}: exit {done.returncode}, {time.monotonic() - start:.1f} s\n{tail}", flush=True)
        if done.returncode:
            print(done.stderr[-2000:])
            return False
    print("\n".join(marks.read_text(encoding="utf-8-sig").splitlines()[:3]))
    rows = list(csv.reader(marks.read_text(encoding="utf-8-sig").splitlines()))[1:]
    got = sorted(mark.score for mark in read_marks(settings, TOPIC).values())
    print(f"{len(rows)} rows exported; marks as they must be: {got == sorted(wanted)}")
    return got == sorted(wanted) and len(rows) == arguments.count


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder that is removed at the end."""
    with tempfile.TemporaryDirectory(prefix="ibcourse-bench-") as folder:
        yield Path(folder)


def main() -> int:
    """Run one command."""
    commands = {"speed": (speed, 24), "kill": (kill, 8), "dask": (dask, 12), "class": (moodle, 300)}
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("command", choices=commands)
    parser.add_argument("--count", type=int, help="submissions")
    parser.add_argument("-j", "--workers", type=int, default=2, help="processes that grade")
    parser.add_argument("--times", type=int, default=20, help="runs that are killed")
    arguments = parser.parse_args()
    command, count = commands[arguments.command]
    arguments.count = arguments.count or count
    adopt_orphans()
    with scratch() as folder:
        return int(not command(arguments, folder))


if __name__ == "__main__":
    sys.exit(main())
