"""Grading of homework that its authors could have written to fool or harm the grader.

A student's cells run in a kernel inside a sandbox.  The tests run in another process, which knows the
student's names only as proxies.  Nothing but plain data crosses.
"""

import sys

from ibcourse.course import CourseError


def start_sooner() -> None:
    """Spare this process a second: the grammar of a check that nobody asks for.

    nbformat imports jsonschema, which compiles it as soon as the module that holds it can be imported.
    """
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]


class GradingError(CourseError):
    """What the grader tells the instructor when it cannot grade: one or more plain sentences."""
