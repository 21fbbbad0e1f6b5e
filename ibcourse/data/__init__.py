"""Data that need no network, what the lessons count in them, and records of long runs."""

from collections.abc import Callable
from functools import partial
from typing import Any

from ibcourse.data.prose import letter_counts, letter_pair_counts, prose, topic_word_counts
from ibcourse.data.records import record, write_record
from ibcourse.data.tables import Measurements, breast_cancer, photograph

__all__ = [
    "Measurements",
    "letter_counts",
    "letter_pair_counts",
    "load",
    "record",
    "topic_word_counts",
    "write_record",
]

_LOADERS: dict[str, Callable[[], Any]] = {
    "prose": prose,
    "china": partial(photograph, "china"),
    "flower": partial(photograph, "flower"),
    "breast-cancer": breast_cancer,
}


def load(name: str) -> Any:
    """Return a data set of the course.

    Parameters
    ----------
    name : str
        ``"prose"``: the English text of Python's help topics.
        ``"china"`` or ``"flower"``: a photograph, red, green and blue from 0 to 255, shape (427, 640, 3).
        ``"breast-cancer"``: measurements of 569 tumours.

    Returns
    -------
    str, array or Measurements
        The data.

    Raises
    ------
    ValueError
        If there is no data set of that name; the message lists those there are.

    Examples
    --------
    >>> counts = letter_counts(load("prose"))
    >>> "abcdefghijklmnopqrstuvwxyz"[counts.argmax()]
    'e'
    """
    if name not in _LOADERS:
        raise ValueError(f'there is no data set "{name}"; expected one of: {", ".join(_LOADERS)}.')
    return _LOADERS[name]()
