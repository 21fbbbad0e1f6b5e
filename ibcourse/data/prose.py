"""English prose that comes with Python, and counts of its letters.

Python's own reference manual, as its ``help`` shows it, is a few hundred thousand characters of English that
every reader has without a download.  The text belongs to a Python version, so numbers drawn from it differ a
little from one version to the next.
"""

import re
from collections import Counter
from pydoc_data.topics import topics

import numpy as np


def prose() -> str:
    """Return the text of Python's help topics.

    Returns
    -------
    str
        The topics one after the other, as paragraphs separated by an empty line.  Two things are left
        out: lines without a letter, which underline headings or frame tables, and repetitions of a
        paragraph, since topics share whole sections.  Examples of code stay.

    Examples
    --------
    >>> len(prose()) > 300_000
    True
    """
    lines = (line for text in topics.values() for line in ["", *text.splitlines()])
    text = "\n".join(line for line in lines if not line.strip() or re.search("[A-Za-z]", line))
    return "\n\n".join(dict.fromkeys(re.split(r"\n\s*\n", text.strip())))


def letter_counts(text: str) -> np.ndarray:
    """Count the letters a to z of a text.

    Parameters
    ----------
    text : str
        Any text.  Capitals count as small letters; other characters do not count.

    Returns
    -------
    array of int, shape (26,)
        How often each letter occurs, in alphabetical order.

    Examples
    --------
    >>> print(letter_counts("Abba!")[:3])
    [2 2 0]
    """
    letters = _letters(text)
    return np.bincount(letters[letters >= 0], minlength=26)


def letter_pair_counts(text: str) -> np.ndarray:
    """Count the pairs of neighbouring letters within the words of a text.

    Parameters
    ----------
    text : str
        Any text.  Capitals count as small letters; any other character ends a word.

    Returns
    -------
    array of int, shape (26, 26)
        How often each letter (row) is followed by each letter (column), in alphabetical order.

    Examples
    --------
    >>> print(letter_pair_counts("Abba a-b")[:2, :2])
    [[0 1]
     [1 1]]
    """
    letters = _letters(text)
    first, second = letters[:-1], letters[1:]
    within = (first >= 0) & (second >= 0)
    return np.bincount(26 * first[within] + second[within], minlength=26 * 26).reshape(26, 26)


def topic_word_counts(least: int = 20) -> tuple[np.ndarray, list[str], list[str]]:
    """Count the words of each help topic.

    Parameters
    ----------
    least : int
        Words that occur less often in all topics together are left out.

    Returns
    -------
    counts : array of int, shape (T, W)
        How often topic t has word w.  A word is a run of at least three letters; capitals are small ones.
    topics : list of str
        The names of the T topics.
    words : list of str
        The W words, in alphabetical order.

    Examples
    --------
    >>> counts, topics, words = topic_word_counts()
    >>> bool(counts[topics.index("import"), words.index("import")] > 0)
    True
    """
    found = {name: Counter(re.findall("[a-z]{3,}", text.lower())) for name, text in topics.items()}
    total = sum(found.values(), Counter())
    words = sorted(word for word, count in total.items() if count >= least)
    return np.array([[own[word] for word in words] for own in found.values()]), list(found), words


def _letters(text: str) -> np.ndarray:
    """Return each character as 0 to 25 for a to z, or −1."""
    codes = np.array([ord(character) for character in text.lower()], dtype=np.int64) - ord("a")
    return np.where((codes >= 0) & (codes < 26), codes, -1)
