"""The course on the student's disk: notebooks made from the pages, labs, and a check of what is installed.

Nothing here computes; it reads pages and writes files.
"""

from collections.abc import Iterable, Mapping


class CourseError(Exception):
    """What a command tells its user when it cannot do what was asked: one or more plain sentences."""


def find_topic(name: str, topics: Iterable[str]) -> str | None:
    """Return the topic that is meant by its number, its name or both, in any case; None if there is none.

    >>> [find_topic(name, ["01-information"]) for name in ("1", "001", "Information", "2")]
    ['01-information', '01-information', '01-information', None]
    """
    for topic in topics:
        number, _, rest = topic.partition("-")
        if name.lower() in (topic, rest) or name.lstrip("0") == number.lstrip("0"):
            return topic
    return None


def list_topics(titles: Mapping[str, str]) -> str:
    """Topics with their titles, one a line."""
    return "\n".join(f"  {topic:24} {title}" for topic, title in titles.items()) or "  (none)"


def choose_topic(name: str, titles: Mapping[str, str], kind: str, heading: str) -> str:
    """Return the topic that a student means, as `find_topic` does.

    Raises
    ------
    CourseError
        If there is none; the message lists those that there are, under the heading.
    """
    if topic := find_topic(name, titles):
        return topic
    raise CourseError(f"there is no {kind} {name!r}. {heading}:\n{list_topics(titles)}")
