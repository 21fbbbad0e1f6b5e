"""Marks as CSV files that Moodle and Canvas take.

A mark is a number only where there is one.  What failed, what a person has still to mark, and what was never
handed in or graded has none, and says so.

Moodle's offline grading worksheet (``mod/assign/feedback/offline/importgradeslib.php``) needs ``Identifier``,
``Grade`` and ``Last modified (grade)``, by their English names; the identifier ends in the participant's
number in this one assignment.  Canvas (``lib/gradebook_importer.rb``) needs ``Student``, ``ID``, ``Section``,
then a column for each assignment, which it finds by its title.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from ibcourse.grading import GradingError
from ibcourse.grading.collect import collected, students
from ibcourse.grading.gradebook import fingerprint, read_marks, read_records, read_submission, use
from ibcourse.grading.roster import Student
from ibcourse.grading.settings import Settings, quiet

GRADED, FAILED, BY_HAND = "graded", "failed: the grader could not grade it", "to be marked by hand"
CHANGED, WAITING, NOTHING = "changed since it was graded", "not graded yet", "nothing handed in"


@dataclass(frozen=True)
class Row:
    """What there is to say of a student and an assignment.

    Parameters
    ----------
    assignment, student : str
        Their names in the gradebook.
    about : Student
        Name, email, and the LMS's number of the user.
    participant : str
        Moodle's number of the student in this assignment.
    status : str
        `GRADED`, or why there is no mark.
    raw, penalty : float or None
        The points, and those taken off for being late; None without a mark.
    most : float
        The points that the assignment has.
    """

    assignment: str
    student: str
    about: Student
    participant: str
    status: str
    raw: float | None
    penalty: float | None
    most: float

    @property
    def score(self) -> float | None:
        """The mark, with lateness taken off."""
        if self.raw is None or self.penalty is None:
            return None
        return max(0.0, self.raw - self.penalty)

    def why(self, kind: str = "plain") -> str:
        """Why the student has no mark in a file of a kind."""
        if self.score is None:
            return self.status
        return "no number of Moodle's is known" if kind == "moodle" else "no number of Canvas's is known"


def read_rows(settings: Settings, assignments: Sequence[str] | None = None) -> list[Row]:
    """Read the marks of assignments: a row for each student of the course in each of them.

    Parameters
    ----------
    settings : Settings
        From `ibcourse.grading.settings.load`.
    assignments : sequence of str, optional
        Names in the gradebook, such as ``01-information``; by default, all.

    Raises
    ------
    GradingError
        If the gradebook does not know one of them.
    """
    known = students(settings)
    with quiet():
        most, everyone = use(
            settings,
            lambda book: (
                {assignment.name: assignment.max_score for assignment in book.assignments},
                {student.id for student in book.students},
            ),
        )
        rows = []
        for assignment in sorted(most) if assignments is None else assignments:
            if assignment not in most:
                raise GradingError(
                    f"the gradebook has no {assignment!r}. Release it first: ibcourse release {assignment}"
                )
            rows += _rows(settings, assignment, most[assignment], known, sorted(everyone | known.keys()))
        return rows


def _rows(
    settings: Settings, assignment: str, most: float, known: Mapping[str, Student], everyone: Iterable[str]
) -> list[Row]:
    marks = read_marks(settings, assignment)
    records = read_records(settings, assignment)
    handed_in = collected(settings, assignment)
    rows = []
    for student in everyone:
        mark, record, came = marks.get(student), records.get(student), handed_in.get(student)
        if mark is None:
            there = settings.folder("submitted", student, assignment).is_dir()
            status = WAITING if there else NOTHING
        elif mark.by_hand:
            status = FAILED if record and record.failed else BY_HAND
        else:
            now = fingerprint(*read_submission(settings, assignment, student))
            status = CHANGED if record and record.submission != now else GRADED
        about = known.get(student, Student(""))
        participant = came.number if came and came.lms == "moodle" else ""
        row = Row(assignment, student, about, participant, status, None, None, most)
        rows.append(replace(row, raw=mark.score, penalty=mark.penalty) if mark and status == GRADED else row)
    return rows


# ------------------------------------------------------------------------------------------------------------
# Files


def plain_csv(rows: Iterable[Row]) -> str:
    """Everything, one row for each student and assignment; without a mark its cells are empty."""
    header = "assignment student name email status score raw_score late_penalty max_score"
    lines: list[Sequence[object]] = [header.split()]
    for row in rows:
        who = (row.assignment, row.student, row.about.name, row.about.email, row.status)
        lines.append((*who, _number(row.score), _number(row.raw), _number(row.penalty), _number(row.most)))
    return _csv(lines)


def moodle_csv(rows: Iterable[Row]) -> tuple[str, list[Row]]:
    """A grading worksheet for Moodle, and the rows that have no place in it.

    Parameters
    ----------
    rows : iterable of Row
        Of one assignment: Moodle's numbers hold for one only.
    """
    now = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC"  # Moodle keeps a mark that was changed there later
    header = "Identifier,Full name,Email address,Grade,Maximum grade,Last modified (grade)"
    lines: list[Sequence[object]] = [header.split(",")]
    left = []
    for row in rows:
        if row.score is None or not row.participant:
            left.append(row)
            continue
        who = (f"Participant {row.participant}", row.about.name, row.about.email)
        lines.append((*who, _number(row.score), _number(row.most), now))
    return _csv(lines), left


def canvas_csv(rows: Iterable[Row]) -> tuple[str, list[Row]]:
    """A gradebook for Canvas with a column for each assignment, and the rows that have no mark in it."""
    found = list(rows)
    most = {row.assignment: row.most for row in found}
    marks: dict[str, dict[str, str]] = {}
    about: dict[str, Student] = {}
    left = []
    for row in found:
        if row.score is None or not (row.about.number or row.about.listed):
            left.append(row)
            continue
        marks.setdefault(row.student, {})[row.assignment] = _number(row.score)
        about[row.student] = row.about
    lines: list[Sequence[object]] = [("Student", "ID", "SIS User ID", "SIS Login ID", "Section", *most)]
    lines.append(("    Points Possible", "", "", "", "", *map(_number, most.values())))
    for student, scores in marks.items():
        who = about[student]
        sis = student if who.listed and not who.number else ""
        lines.append((who.name, who.number, sis, "", "", *(scores.get(name, "") for name in most)))
    return _csv(lines), left


def _number(value: float | None) -> str:
    return "" if value is None else f"{round(value, 5):g}"


def _csv(lines: Iterable[Sequence[object]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([[_cell(value) for value in line] for line in lines])
    return text.getvalue()


def _cell(value: object) -> str:
    """A cell that no spreadsheet takes for a formula, whatever a student calls himself.

    >>> _cell("=1+1"), _cell("2.5")
    ("'=1+1", '2.5')
    """
    text = "".join(letter for letter in str(value) if letter.isprintable())
    return f"'{text}" if text.lstrip().startswith(("=", "+", "-", "@")) else text
