"""Who the students are: ids for names and numbers of Moodle and Canvas, and rosters that say them."""

import csv
import hashlib
import io
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ibcourse.grading import GradingError

#: Names that mean a device on Windows.
DEVICES = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))}
_LETTERS = str.maketrans(
    {"ß": "ss", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ł": "l", "Ł": "L", "æ": "ae", "Æ": "Ae", "œ": "oe",
     "Œ": "Oe", "þ": "th", "Þ": "Th", "ð": "d", "ı": "i"}
)  # fmt: skip
_COLUMNS = {  # what a roster's columns may be called, in small letters
    "id": ("id", "student id", "id number"),
    "name": ("name", "student name", "full name"),
    "first": ("first name", "firstname", "given name"),
    "last": ("last name", "lastname", "surname"),
    "email": ("email", "email address", "e-mail"),
    "number": ("lms id", "lms_id", "lms user id", "canvas id", "identifier"),
    "time": ("last modified (submission)",),
}
# Canvas's own gradebook: its first line has these.
_CANVAS = {"name": "student", "number": "id", "id": "sis user id", "email": "sis login id"}


@dataclass(frozen=True)
class Student:
    """A student of a course.

    Parameters
    ----------
    name, email : str
        As a roster or the LMS has them.
    number : str
        Canvas's number of the user; or a roster's, such as Moodle's of a participant.
    listed : bool
        A roster names the student.
    """

    name: str
    email: str = ""
    number: str = ""
    listed: bool = False


class Roster:
    """The students that a roster names, and how names and numbers of an LMS lead to their ids.

    Parameters
    ----------
    path : pathlib.Path, optional
        A CSV file with a first line of names of columns: id, name (or first name and last name), email,
        lms id.  Moodle's grading worksheet and Canvas's exported gradebook are understood.
    known : mapping of str to Student
        Students of earlier rosters.

    Raises
    ------
    GradingError
        If the file is missing, has no column that says who a student is, or an id twice.
    """

    def __init__(self, path: Path | None, known: Mapping[str, Student]) -> None:
        self.rows = {student: row for student, row in known.items() if row.listed}
        #: When each participant handed in, by Moodle's number.
        self.times: dict[str, datetime] = {}
        if path:
            self._read(path)
        self._numbers = {row.number: student for student, row in self.rows.items() if row.number}
        self._names: dict[str, set[str]] = defaultdict(set)
        for student, row in self.rows.items():
            for form in _forms(row.name):
                self._names[form].add(student)

    def find(self, number: str, name: str) -> str | None:
        """The id of who has this number, or else this name; None where no row or more than one says so."""
        if number in self._numbers:
            return self._numbers[number]
        if number in self.rows:  # a folder that is named by the id
            return number
        found = set().union(*(self._names.get(form, ()) for form in _forms(name)))
        return found.pop() if len(found) == 1 else None

    def _read(self, path: Path) -> None:
        try:
            text = path.read_text(encoding="utf-8-sig")
        except FileNotFoundError:
            raise GradingError(f"there is no roster {path}.") from None
        except UnicodeDecodeError:
            text = path.read_text(encoding="cp1252", errors="replace")
        separator = max(",;\t", key=text.partition("\n")[0].count)
        reader = csv.DictReader(io.StringIO(text), delimiter=separator)
        columns = _columns(reader.fieldnames or ())
        if not {"id", "name", "number", "last"} & columns.keys():
            first = text.partition("\n")[0]
            raise GradingError(
                f"{path} does not say who the students are. Its first line is {first!r}; "
                "it should name columns such as id, name, email, lms id."
            )
        seen = set()
        for line, cells in enumerate(reader, 2):
            row = {key: (cells.get(column) or "").strip() for key, column in columns.items()}
            number = re.sub(r".*?(\d+)$", r"\1", row.get("number", ""))  # Moodle writes "Participant 123"
            name = row.get("name") or f"{row.get('first', '')} {row.get('last', '')}".strip()
            if not (name or number or row.get("id")) or "points possible" in name.casefold():
                continue
            student = plain_id(row["id"]) if row.get("id") else self._numbered(name, number)
            if student in seen:
                raise GradingError(f"{path}, line {line}: {student} stands twice. Give each student an id.")
            seen.add(student)
            before = self.rows.get(student, Student(""))
            email = row.get("email") or before.email
            self.rows[student] = Student(name or before.name, email, number or before.number, listed=True)
            if time := _moodle_time(row.get("time", "")):
                self.times[number] = time

    def _numbered(self, name: str, number: str) -> str:
        """The id of a row that gives none: that of an earlier row of the same name, or a new one."""
        found = {student for student, row in self.rows.items() if row.name == name and name}
        if len(found) == 1 and self.rows[student := found.pop()].number in ("", number):
            return student
        return slug(name or number) if not found else f"{slug(name)}-{number}"


def _columns(header: Iterable[str]) -> dict[str, str]:
    """The columns of a roster, by what they mean."""
    given = {column.strip().casefold(): column for column in header if column}
    if {"student", "id", "section"} <= given.keys():
        return {key: given[name] for key, name in _CANVAS.items() if name in given}
    return {key: given[name] for key, names in _COLUMNS.items() for name in reversed(names) if name in given}


def _forms(name: str) -> set[str]:
    """A name as an LMS may write it: in any order of first and last names, or run together as Canvas does.

    >>> sorted(_forms("Ada King"))
    ['ada king', 'adaking', 'king ada', 'kingada']
    """
    words = re.split(r"[\s,]+", unicodedata.normalize("NFC", name).casefold().strip(" ,"))
    turned = [words[place:] + words[:place] for place in range(len(words))]
    joined = {re.sub(r"\W", "", "".join(order)) for order in turned}
    return {form for form in {" ".join(order) for order in turned} | joined if form}


def _moodle_time(text: str) -> datetime | None:
    """A time of Moodle's worksheet, "Saturday, 21 November 2026, 3:31 PM", in this computer's zone."""
    from dateutil.parser import ParserError, parse

    try:
        return parse(text).astimezone(UTC) if text.strip(" -") else None
    except (ParserError, OverflowError):
        return None


def slug(name: str) -> str:
    """A safe id from a name; names that lose letters get a few signs that tell them apart.

    >>> slug("Şebnem O'Neill-Łoś"), slug("王小明"), slug("con")
    ('sebnem-oneill-los', 'student-acf979', 'con-student')
    """
    name = unicodedata.normalize("NFC", name).strip()
    plain = unicodedata.normalize("NFKD", name.translate(_LETTERS))
    words = re.findall(r"[a-z0-9]+", re.sub(r"['’`]|[^\x00-\x7f]", "", plain).lower())
    short = "-".join(words)[:40].strip("-")
    lost = any(letter.isalnum() and not letter.isascii() for letter in plain)
    if lost or not short or len("-".join(words)) > 40:
        short = f"{short or 'student'}-{hashlib.sha256(name.casefold().encode()).hexdigest()[:6]}"
    return f"{short}-student" if short in DEVICES else short


def plain_id(given: str) -> str:
    """An id that somebody gave, if it can be a folder and a part of an address; else one made from it.

    >>> plain_id("s.12_A"), plain_id("../x"), plain_id("nul")
    ('s.12_A', 'x', 'nul-student')
    """
    fine = re.fullmatch(r"[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,62}[A-Za-z0-9_-])?", given)
    return given if fine and given.split(".")[0].casefold() not in DEVICES else slug(given)


def split_name(name: str) -> tuple[str, str]:
    """First and last name, without the signs that formgrader would take for HTML.

    >>> split_name("Lovelace, Ada"), split_name("Ada <b>King</b> Lovelace")
    (('Ada', 'Lovelace'), ('Ada bKing/b', 'Lovelace'))
    """
    printable = "".join(letter for letter in name if letter.isprintable())
    plain = " ".join(re.sub(r'[<>&"`{}]', "", printable).replace("'", "’").split())[:120]
    last, comma, first = plain.partition(", ")
    if not comma:
        first, _, last = plain.rpartition(" ")
    return first, last
