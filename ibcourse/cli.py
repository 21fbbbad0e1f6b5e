"""The command ``ibcourse``.

A command is one function of `COMMANDS`: its name is the command's, its first line the help; it declares its
arguments and returns what runs.  Imports stand inside what runs, so that the command starts at once.
"""

import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING

import ibcourse
from ibcourse.course import CourseError

if TYPE_CHECKING:
    from ibcourse.course.files import Put

Run = Callable[[Namespace], int]


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


COMMANDS = (lab, homework, check, doctor)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line: 0 is success, 1 a failure that it explains, 2 a command not understood."""
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
        subparser.set_defaults(run=command(subparser))
    arguments = parser.parse_args(argv)
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
        print(f"ibcourse: {error.name} is not installed: {ibcourse.pip_install('labs')}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
