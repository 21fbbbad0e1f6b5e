"""Grading of homework that its authors could have written to fool or harm the grader.

A student's cells run in a kernel inside a sandbox.  The tests run in another process, which knows the
student's names only as proxies.  Nothing but plain data crosses.
"""

from ibcourse.course import CourseError


class GradingError(CourseError):
    """What the grader tells the instructor when it cannot grade: one or more plain sentences."""
