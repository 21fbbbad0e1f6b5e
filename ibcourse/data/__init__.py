"""Data that need no network: each set by its name, and what the lessons count in them."""

from ibcourse.data.prose import letter_counts, letter_pair_counts, prose

__all__ = ["letter_counts", "letter_pair_counts", "load"]

_LOADERS = {"prose": prose}


def load(name: str) -> str:
    """Return a data set of the course.

    Parameters
    ----------
    name : str
        ``"prose"``: the English text of Python's help topics.

    Returns
    -------
    str
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
