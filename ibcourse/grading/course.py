"""A course's folder, and homework released into it."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from ibcourse.course import find_topic
from ibcourse.course.files import write
from ibcourse.course.homework import EXERCISES, course_secret, homeworks, write_source
from ibcourse.grading import GradingError
from ibcourse.grading.settings import CONFIG, Settings, lock, quiet

_CONFIG = """\
# The course's settings. They are Python, and are read strictly: a mistake is an error.
# formgrader and nbgrader's own commands read this file too, so start them in this folder.
from ibcourse.grading.settings import protect

c = get_config()

# Keep this line. It stops nbgrader's own "autograde", which would run students' code unprotected,
# and makes formgrader show students' work without anything that could act in your browser.
protect(c)

# The course's name in the gradebook and in JupyterHub's exchange.
c.CourseDirectory.course_id = {course_id!r}

# Marks are kept in gradebook.db. For PostgreSQL (pip install psycopg):
# c.CourseDirectory.db_url = "postgresql+psycopg://USER:PASSWORD@HOST/DATABASE"

# Late submissions. Set the due date of each homework in formgrader ("Manage Assignments").
# By default lateness costs nothing. This makes it cost all points:
# c.LateSubmissionPlugin.penalty_method = "zero"
# This makes it cost a tenth of the score for each day begun:
#
# from nbgrader.plugins import LateSubmissionPlugin
#
# class ATenthADay(LateSubmissionPlugin):
#     def late_submission_penalty(self, student_id, score, total_seconds_late):
#         return score * min(1, 0.1 * (1 + total_seconds_late // 86400))
#
# c.AssignLatePenalties.plugin_class = ATenthADay

# JupyterHub's exchange, a folder that all users of the hub can reach:
# c.Exchange.root = "/srv/nbgrader/exchange"
"""

_README = """\
# {course_id}

This folder belongs to the instructors. It holds solutions, hidden tests, students' work and marks:
keep it off public places, and back it up.

| place | holds |
|:--|:--|
| `nbgrader_config.py` | the settings |
| `secret.txt` | the course's secret: hidden tests are drawn with it. Never lose it, never share it |
| `source/`, `release/` | homework with solutions, and as students get it |
| `submitted/` | what students handed in |
| `autograded/`, `gradebook.db` | graded work, and the marks |
| `feedback/` | pages for students |
| `.ibcourse/` | what the commands remember; older submissions are in `.ibcourse/history/` |

In this folder:

    ibcourse release 01                 # then give students what lies in release/
    ibcourse collect 01 FILE.zip        # what Moodle or Canvas gives you to download
    ibcourse grade 01
    jupyter lab                         # formgrader, for what a person marks
    ibcourse feedback 01
    ibcourse export 01 --to marks.csv --for moodle

Each of them can be run again at any time.
"""


@dataclass(frozen=True)
class Released:
    """A released homework.

    Parameters
    ----------
    assignment : str
        Its name, such as ``01-information``.
    folder : pathlib.Path
        What students get.
    files : tuple of str
        The files in it.
    changed : tuple of str
        Students who handed in before the homework changed: their work is to be graded again.
    """

    assignment: str
    folder: Path
    files: tuple[str, ...]
    changed: tuple[str, ...]


def new_course(folder: Path, course_id: str | None = None) -> Path:
    """Make a course folder, which only its owner can read; nothing is ever overwritten.

    Parameters
    ----------
    folder : pathlib.Path
        A folder that is empty or not there yet.
    course_id : str, optional
        The course's name in the gradebook and the exchange; by default the folder's.

    Returns
    -------
    pathlib.Path
        The folder, absolute.

    Raises
    ------
    GradingError
        If the folder holds anything, lies in a checkout of the course, or if the name is not plain.
    """
    folder = folder.resolve()
    name = folder.name if course_id is None else course_id
    if not re.fullmatch(r"[A-Za-z0-9][\w.-]{0,99}", name, re.ASCII):
        raise GradingError(
            f"{name!r} cannot be a course's name: use letters, digits, dots and hyphens. Give one with --id."
        )
    for parent in (folder, *folder.parents):
        if (parent / ".git").exists() and (parent / "ibcourse" / "cli.py").is_file():
            raise GradingError(
                f"{folder} lies in {parent}, a checkout of the course, which others may read. "
                "Choose a folder outside of it."
            )
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise GradingError(f"{folder} is not an empty folder. Choose another, or empty it.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    course_secret(folder)
    write(folder / "README.md", _README.format(course_id=name))
    write(folder / CONFIG, _CONFIG.format(course_id=name))  # last: with it the folder is a course
    return folder


def find_assignment(settings: Settings, name: str) -> str:
    """The assignment of a course that is meant by ``1``, ``01``, ``information`` or ``01-information``.

    Raises
    ------
    GradingError
        If none is, or none yet; the message lists those that there are.
    """
    known = sorted(path.name for path in settings.course.glob("source/*") if any(path.glob("*.ipynb")))
    if found := find_topic(name, known):
        return found
    raise GradingError(
        f"the course {settings.course} has no assignment {name!r}; it has: {', '.join(known) or 'none'}. "
        f"Release it first: ibcourse release {name}"
    )


def release(settings: Settings, name: str, exercises: Path | None = None) -> Released:
    """Make the notebook that students get, and tell the gradebook of the homework.

    Parameters
    ----------
    settings : Settings
        From `ibcourse.grading.settings.load`.
    name : str
        A homework of the course such as ``01``; or an assignment of your own, whose notebook lies in
        ``source/NAME/``.
    exercises : pathlib.Path, optional
        As for `ibcourse.course.homework.homeworks`.

    Raises
    ------
    GradingError
        If nbgrader cannot make it; the message holds what it said.
    CourseError
        If there is no such homework.
    """
    with lock(settings):
        return _release(settings, name, exercises)


def _release(settings: Settings, name: str, exercises: Path | None) -> Released:
    own = settings.course / "source" / name
    if own.name == name and any(own.glob("*.ipynb")) and name not in homeworks(exercises):
        assignment = name
    else:
        assignment = write_source(name, settings.course, exercises or EXERCISES).stem
    digest = _digest(settings.course / "source" / assignment)
    with quiet():
        from nbgrader.apps.api import NbGraderAPI

        done = NbGraderAPI(config=settings.config).generate_assignment(assignment)
    if not done["success"]:
        raise GradingError(
            f"nbgrader cannot make the release of {assignment}:\n{done.get('log') or done['error']}"
        )
    folder = settings.course / "release" / assignment
    memory = settings.state / "released" / assignment
    before = memory.read_text(encoding="utf8") if memory.exists() else digest
    memory.parent.mkdir(parents=True, exist_ok=True)
    write(memory, digest)
    handed_in = sorted(path.parent.name for path in settings.course.glob(f"submitted/*/{assignment}"))
    files = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return Released(assignment, folder, tuple(files), tuple(handed_in) if before != digest else ())


def _digest(folder: Path) -> str:
    """A fingerprint of the files in a folder."""
    found = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            name, content = path.relative_to(folder).as_posix().encode(), path.read_bytes()
            found.update(b"%d %d " % (len(name), len(content)) + name + content)
    return found.hexdigest()
