"""The command ``ibcourse``.

A command is one function of `COMMANDS`: its name is the command's, its first line the help; it declares its
arguments and returns what runs.  Imports stand inside what runs, so that the command starts at once.
"""

import os
import shlex
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ibcourse
from ibcourse.course import CourseError
from ibcourse.grading import start_sooner

if TYPE_CHECKING:
    from ibcourse.course.files import Put
    from ibcourse.grading.settings import Settings

Run = Callable[[Namespace], int]
#: The extras of the package that bring a module; any other comes with ``labs``.
EXTRAS = {"nbgrader": "grading", "sqlalchemy": "grading", "tqdm": "grading", "distributed": "cluster"}


def take_folder(parser: ArgumentParser) -> None:
    parser.add_argument("--to", type=Path, default=Path(), metavar="DIR", help="a folder other than this one")
    parser.add_argument("--no-open", action="store_true", help="only write the notebook")


def hand_over(done: "Put", arguments: Namespace) -> int:
    """Say where a student's copy lies, and open it."""
    from ibcourse.course.lab import open_in_jupyterlab

    print(f"{done.path}: {done.outcome.value}")
    if done.fresh != done.path:
        print(f"{done.fresh}: the course's copy")
    return 0 if arguments.no_open else open_in_jupyterlab(done.path)


def lab(parser: ArgumentParser) -> Run:
    """Put a lab into your folder and open it in JupyterLab."""
    parser.add_argument("lab", nargs="?", help="its number, such as 04; without it, the labs are listed")
    take_folder(parser)

    def run(arguments: Namespace) -> int:
        from ibcourse.course.lab import listing, put_lab

        if arguments.lab is None:
            print(listing())
            return 0
        return hand_over(put_lab(arguments.lab, arguments.to), arguments)

    return run


def homework(parser: ArgumentParser) -> Run:
    """Put homework into your folder and open it in JupyterLab."""
    parser.add_argument("homework", nargs="?", help="its number, such as 04; without it, all are listed")
    take_folder(parser)
    parser.add_argument(
        "--source", type=Path, metavar="COURSE", help="for instructors: write nbgrader's source into COURSE"
    )

    def run(arguments: Namespace) -> int:
        from ibcourse.course.homework import listing, put_homework, write_source

        if arguments.homework is None:
            print(listing())
            return 0
        if arguments.source:
            print(f"{write_source(arguments.homework, arguments.source)}: written")
            return 0
        return hand_over(put_homework(arguments.homework, arguments.to), arguments)

    return run


def check(parser: ArgumentParser) -> Run:
    """Run the visible checks of your homework and say what is wrong."""
    parser.add_argument("file", type=Path, help="your notebook, such as 04-bottleneck.ipynb; it is only read")

    def run(arguments: Namespace) -> int:
        if not arguments.file.is_file():
            raise CourseError(
                f"there is no file {arguments.file}. Name your notebook, such as 01-information.ipynb."
            )
        from ibcourse.course.check import check

        report = check(arguments.file)
        print(report)
        return int(not report.passed)

    return run


def doctor(parser: ArgumentParser) -> Run:
    """Say what is installed and what to do about what is not."""

    def run(arguments: Namespace) -> int:
        from ibcourse.course.doctor import examine

        findings = []
        for finding in examine():
            print(finding)
            findings.append(finding)
        return int(any(finding.required and not finding.ok for finding in findings))

    return run


def take_course(parser: ArgumentParser, **options: Any) -> None:
    parser.add_argument("assignment", help="its number or name, such as 01", **options)
    parser.add_argument(
        "--course",
        type=Path,
        default=Path(),
        metavar="DIR",
        help="the course's folder, if it is not this one",
    )


def open_course(arguments: Namespace) -> "tuple[Settings, str]":
    """The course that a command is for, and the assignment."""
    if sys.platform == "win32":
        raise CourseError("courses are graded on Linux. On Windows, use the Windows Subsystem for Linux.")
    from ibcourse.grading.course import find_assignment
    from ibcourse.grading.settings import load

    settings = load(arguments.course)
    return settings, find_assignment(settings, arguments.assignment)


def course(parser: ArgumentParser) -> Run:
    """For instructors: make the folder of a new course."""
    actions = parser.add_subparsers(metavar="new", required=True)
    new = actions.add_parser("new", help="make a folder with settings and a secret, and say what to do next")
    new.add_argument(
        "folder", type=Path, metavar="DIR", help="a new folder, outside of the course's checkout"
    )
    new.add_argument(
        "--id", metavar="NAME", help="the course's name in the gradebook; by default, the folder's"
    )

    def run(arguments: Namespace) -> int:
        from ibcourse.grading.course import new_course

        folder = new_course(arguments.folder, arguments.id)
        print(f"{folder}: a new course; its README.md says what is in it. Next:")
        print(f"    cd {shlex.quote(str(folder))}\n    ibcourse release 01")
        return 0

    return run


def release(parser: ArgumentParser) -> Run:
    """For instructors: make the notebook that students get."""
    take_course(parser)

    def run(arguments: Namespace) -> int:
        from ibcourse.grading.course import release
        from ibcourse.grading.settings import load

        done = release(load(arguments.course), arguments.assignment)
        print(f"{done.assignment} is released. Students get what lies in {done.folder}:")
        print("\n".join(f"    {file}" for file in done.files))
        if done.changed:
            print(
                f"It has changed, and {len(done.changed)} handed in before: {', '.join(done.changed)}.\n"
                f"`ibcourse grade {done.assignment}` grades their work again, by the new tests."
            )
        return 0

    return run


def collect(parser: ArgumentParser) -> Run:
    """For instructors: take in what Moodle or Canvas has collected."""
    take_course(parser)
    parser.add_argument(
        "sources",
        nargs="+",
        type=Path,
        metavar="FILE_OR_FOLDER",
        help="the zip that Moodle or Canvas gives; or a folder or a zip with one folder for each student",
    )
    parser.add_argument(
        "--roster",
        type=Path,
        metavar="CSV",
        help="who the students are: columns id, name, email, lms id; or Moodle's grading worksheet, which "
        "also says when they handed in; or Canvas's exported gradebook",
    )

    def run(arguments: Namespace) -> int:
        settings, assignment = open_course(arguments)
        from ibcourse.grading.collect import collect

        report = collect(settings, assignment, arguments.sources, arguments.roster)
        print(report)
        return int(bool(report.unplaced))

    return run


def grade(parser: ArgumentParser) -> Run:
    """For instructors: grade what students handed in, in a sandbox."""
    take_course(parser)
    parser.set_defaults(failure=2)
    parser.epilog = "Exit code: 0 all graded, 1 some could not be graded, 2 nothing could run, 130 stopped."
    parser.add_argument(
        "-j", dest="workers", type=int, metavar="N", help="so many at a time; by default, one for each core"
    )
    parser.add_argument("--students", metavar="A,B", help="only these, by their ids")
    parser.add_argument(
        "--again", action="store_true", help="also what is graded already and has not changed"
    )
    parser.add_argument(
        "--scheduler", metavar="ADDRESS", help="a Dask scheduler whose workers grade, such as tcp://HOST:8786"
    )

    def run(arguments: Namespace) -> int:
        if arguments.workers is not None and arguments.workers < 1:
            raise CourseError(f"-j {arguments.workers}: give a number from 1.")
        settings, assignment = open_course(arguments)
        from ibcourse.grading.run import run

        summary = run(
            settings,
            assignment,
            students=arguments.students.split(",") if arguments.students else None,
            workers=arguments.workers,
            scheduler=arguments.scheduler,
            again=arguments.again,
            progress=sys.stderr.isatty(),
        )
        print(summary)
        return summary.exit_code

    return run


def feedback(parser: ArgumentParser) -> Run:
    """For instructors: write a page for each student."""
    take_course(parser)

    def run(arguments: Namespace) -> int:
        settings, assignment = open_course(arguments)
        from ibcourse.grading.feedback import make_feedback

        done = make_feedback(settings, assignment)
        made = sum(map(len, done.pages.values()))
        print(f"{settings.course / 'feedback'}: {made} page{'s' * (made != 1)}")
        if done.archive:
            print(f'{done.archive}: upload it in Moodle, with "Upload multiple feedback files in a zip"')
        if done.missing:
            print(f"{done.log}\nNo page could be made for: {', '.join(done.missing)}", file=sys.stderr)
        return int(bool(done.missing))

    return run


def export(parser: ArgumentParser) -> Run:
    """For instructors: write marks for Moodle, Canvas or a table."""
    take_course(parser, nargs="?")
    parser.add_argument(
        "--to", type=Path, metavar="FILE", help="such as marks.csv; without it, they are printed"
    )
    parser.add_argument(
        "--for",
        dest="kind",
        choices=("plain", "moodle", "canvas"),
        default="plain",
        help="Moodle's grading worksheet, Canvas's gradebook, or, by default, a table with everything",
    )

    def run(arguments: Namespace) -> int:
        from ibcourse.grading.export import canvas_csv, moodle_csv, plain_csv, read_rows

        if arguments.assignment:
            settings, assignment = open_course(arguments)
            rows = read_rows(settings, [assignment])
        elif arguments.kind == "moodle":
            raise CourseError("a file for Moodle holds one assignment: name it, as in ibcourse export 01.")
        else:
            from ibcourse.grading.settings import load

            rows = read_rows(load(arguments.course))
        left = [row for row in rows if row.score is None]
        match arguments.kind:
            case "moodle":
                text, left = moodle_csv(rows)
            case "canvas":
                text, left = canvas_csv(rows)
            case _:
                text = plain_csv(rows)
        if arguments.to:
            from ibcourse.course.files import write

            write(arguments.to, text)
            print(f"{arguments.to}: {len(rows) - len(left)} mark{'s' * (len(rows) - len(left) != 1)}")
        else:
            print(text, end="")
        if left:
            print(f"Without a mark ({len(left)}), which is not a zero:", file=sys.stderr)
            for row in left:
                print(f"    {row.student}, {row.assignment}: {row.why(arguments.kind)}", file=sys.stderr)
        return 0

    return run


COMMANDS = (lab, homework, check, doctor, course, release, collect, grade, feedback, export)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line: 0 is success, 1 a failure that it explains, 2 a command not understood.

    Of ``grade``, 1 says that some could not be graded, and 2 that nothing could run.
    """
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal may lack the characters of a title
    try:
        try:
            return _main(argv)
        finally:
            sys.stdout.flush()
    except BrokenPipeError:  # such as `ibcourse lab | head`: nobody reads on, not even at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _main(argv: Sequence[str] | None) -> int:
    parser = ArgumentParser(prog="ibcourse", description="The Information Bottleneck: an executable course.")
    parser.add_argument("--version", action="version", version=f"ibcourse {ibcourse.__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for command in COMMANDS:
        line = (command.__doc__ or "").partition("\n")[0]
        subparser = commands.add_parser(command.__name__, help=line, description=line)
        subparser.set_defaults(failure=1)
        subparser.set_defaults(run=command(subparser))
    arguments = parser.parse_args(argv)
    start_sooner()
    if "run" not in arguments:
        parser.exit(2, parser.format_help())
    try:
        return arguments.run(arguments)
    except BrokenPipeError:
        raise
    except CourseError as error:
        print(f"ibcourse: {error}", file=sys.stderr)
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        print(f"ibcourse: {error.strerror or error}{where}", file=sys.stderr)
    except ModuleNotFoundError as error:
        if (error.name or "ibcourse").startswith("ibcourse"):
            raise
        extra = EXTRAS.get(error.name.partition(".")[0], "labs") if error.name else "labs"
        print(f"ibcourse: {error.name} is not installed: {ibcourse.pip_install(extra)}", file=sys.stderr)
    except KeyboardInterrupt:
        print("ibcourse: stopped", file=sys.stderr)
        return 130
    return arguments.failure


if __name__ == "__main__":
    sys.exit(main())
