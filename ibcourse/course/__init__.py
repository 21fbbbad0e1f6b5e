"""The course on the student's disk: notebooks made from the pages, labs, and a check of what is installed.

Nothing here computes; it reads pages and writes files.
"""


class CourseError(Exception):
    """What a command tells its user when it cannot do what was asked: one or more plain sentences."""
