r"""What students handed in, out of the archives that Moodle and Canvas give an instructor.

What the two write, as their sources say (Moodle: ``mod/assign/classes/downloader.php`` and the importer of
``assignfeedback_file``; Canvas: ``lib/content_zipper.rb``):

Moodle
    ``Full name_123456_assignsubmission_file/name.ipynb``; before version 4.1 the folder's name ends in ``_``,
    and without folders the file's name follows there.  ``_onlinetext`` holds what was typed in.  The number
    is the participant's in this assignment alone: within an archive the number says who is who, between
    assignments the name does.  A group's work has the group's name and number, and is collected as one.
Canvas
    ``lovelaceada_LATE_12345_678901_name.ipynb``: last and first name run together, a mark if it is late, the
    user, the file (a later one has a larger number), and its name, to which Canvas adds ``-1`` and so on when
    it is handed in again.  Anonymous: ``anon_AbC12_678901_name.ipynb``.  ``_text.html`` holds what was typed.

Recent versions of both stamp the files of an archive with the time of its download.  So files of a source
that were all stamped within a quarter of an hour do not say when they were handed in.  Then no time is
stored, and no late penalty follows, unless Moodle's grading worksheet, given as the roster, has the time, or
the assignment has a due date and Canvas marks who was late.
"""

import json
import re
import shutil
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ibcourse.course.files import write
from ibcourse.grading import GradingError
from ibcourse.grading.gradebook import use
from ibcourse.grading.roster import Roster, Student, plain_id, slug, split_name
from ibcourse.grading.settings import Settings, lock, quiet
from ibcourse.grading.unpack import ARCHIVES, JUNK, MIB, Entry, Refused, entries, parts, show

if TYPE_CHECKING:
    from nbgrader.api import Gradebook

MAX_STUDENT = 200 * MIB
AT_ONCE = timedelta(minutes=15)
_MOODLE = re.compile(r"(?P<name>.+?)_(?P<number>\d+)_assignsubmission_(?P<kind>[a-z]+)(?:_(?P<rest>.*))?")
_CANVAS = re.compile(
    r"(?:(?P<name>.+?)_)??(?P<late>LATE_)?(?P<number>\d+|anon_[A-Za-z0-9]+)_(?P<file>\d+)_(?P<rest>.+)"
)
_TYPED = re.compile(r"(?:.+_)?(?:\d+|anon_[A-Za-z0-9]+)_(?:text|link)\.html")
_NAMELESS = {"participant", "default group"}  # Moodle's words in place of a name


@dataclass(frozen=True)
class Collected:
    """A student's submission as it was collected.

    Parameters
    ----------
    lms : str
        ``moodle``, ``canvas`` or ``plain``.
    number : str
        The LMS's: of a participant in this assignment (Moodle), of a user (Canvas); else the folder's name.
    name : str
        As the LMS has it.
    folder : str
        Moodle's folder, by which it takes feedback back.
    time : str
        When it was handed in or packed, in UTC; it tells newer from older.
    late : bool
        Canvas says that it came late.
    """

    lms: str
    number: str
    name: str
    folder: str = ""
    time: str = ""
    late: bool = False


@dataclass
class Report:
    """What `collect` did: lists of students, and of sentences; as a string, for the terminal."""

    assignment: str
    new: list[str] = field(default_factory=list)
    replaced: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    older: list[str] = field(default_factory=list)
    unplaced: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        counts = [
            (self.new, "new"),
            (self.replaced, "replaced by a newer one"),
            (self.unchanged, "unchanged"),
            (self.older, "not newer than what is there, and left out"),
        ]
        said = ", ".join(f"{len(who)} {what}" for who, what in counts if who) or "nothing"
        lines = [f"{self.assignment}: {said}."]
        lines += [f"  {what}: {', '.join(who)}" for who, what in (counts[1], counts[3]) if who]
        lines += dict.fromkeys(self.notes)
        if self.unplaced:
            lines += [f"Not placed ({len(self.unplaced)}):", *(f"  {each}" for each in self.unplaced)]
        return "\n".join(lines)


@dataclass
class _Handed:
    """What one source holds of one student; ``numbers`` are those of Canvas's files."""

    lms: str
    number: str
    name: str
    source: str
    folder: str = ""
    late: bool = False
    time: datetime | None = None
    certain: bool = False
    files: dict[str, Entry] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)

    @property
    def age(self) -> tuple[int, datetime]:
        """The larger, the newer."""
        return max(self.numbers.values(), default=0), self.time or datetime.min.replace(tzinfo=UTC)

    def add(self, name: str, entry: Entry) -> None:
        if name.casefold() in {other.casefold() for other in self.files}:
            raise Refused("has the name of another file of the same student")
        self.files[name] = entry


# ------------------------------------------------------------------------------------------------------------
# The whole


def collect(
    settings: Settings, assignment: str, sources: Sequence[Path], roster: Path | None = None
) -> Report:
    """Put the newest submission of each student into ``submitted/STUDENT/ASSIGNMENT/``.

    What was collected before gives way to something newer only, in one step, and is kept in
    ``.ibcourse/history/``.  To collect the same again changes nothing.

    Parameters
    ----------
    settings : Settings
        From `ibcourse.grading.settings.load`.
    assignment : str
        Its name, such as ``01-information``.
    sources : sequence of pathlib.Path
        Archives of Moodle or Canvas, unpacked or not; folders or zips with a folder for each student; single
        files with Moodle's or Canvas's names.
    roster : pathlib.Path, optional
        See `ibcourse.grading.roster.Roster`.  Students that it names have its ids, in later calls too;
        otherwise ids are made from the LMS's names and numbers.

    Returns
    -------
    Report
        Every file that could not be placed is in it, with the reason.

    Raises
    ------
    GradingError
        If a source or the roster is missing, or cannot be read at all.
    """
    if missing := [str(source) for source in sources if not source.exists()]:
        raise GradingError(f"there is no {', '.join(missing)}.")
    known = students(settings)
    listed = Roster(roster, known)
    report = Report(assignment)
    with lock(settings), ExitStack() as stack:
        handed = [
            each
            for source in sources
            for each in _sort(entries(source, stack, report.unplaced), source.name, assignment, report)
        ]
        for each in handed:
            if each.lms == "moodle" and each.number in listed.times:
                each.time, each.certain = listed.times[each.number], True
        records = collected(settings, assignment)
        newest: dict[str, _Handed] = {}
        for student, each in _identify(handed, records, known, listed, report):
            if student not in newest or each.age > newest[student].age:
                newest[student] = each
        _note_times(newest.values(), report)
        place = _Place(settings, assignment, report)
        for student, each in sorted(newest.items()):
            if record := place(student, each, records.get(student)):
                records[student] = record
        known |= listed.rows
        for student, record in records.items():
            number = record.number if record.lms == "canvas" else ""
            known.setdefault(student, Student(record.name, number=number))
        _save(settings.state / "collected" / f"{assignment}.json", records)
        _save(settings.state / "students.json", known)
        _introduce(settings, known)
    return report


def collected(settings: Settings, assignment: str) -> dict[str, Collected]:
    """What is collected of an assignment, by student."""
    path = settings.state / "collected" / f"{assignment}.json"
    return {student: Collected(**record) for student, record in _load(path).items()}


def students(settings: Settings) -> dict[str, Student]:
    """The students that archives and rosters named, by id."""
    return {student: Student(**row) for student, row in _load(settings.state / "students.json").items()}


def _load(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf8")) if path.exists() else {}


def _save(path: Path, rows: Mapping[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {student: asdict(row) for student, row in sorted(rows.items())}
    write(path, json.dumps(content, ensure_ascii=False, indent=1) + "\n")


# ------------------------------------------------------------------------------------------------------------
# Whose files they are


def _sort(found: Iterable[Entry], source: str, assignment: str, report: Report) -> list[_Handed]:
    """The files of one source by student."""
    files: list[tuple[tuple[str, ...], Entry]] = []
    for entry in found:
        try:
            path = parts(entry.path)
        except Refused as refused:
            report.unplaced.append(f"{source}: {show(entry.path)} {refused}.")
            continue
        if not JUNK.intersection(path) and not path[-1].startswith("._"):
            files.append((path, entry))
    top = {path[0] for path, _ in files}
    inside = len(top) == 1 and all(len(path) > 1 for path, _ in files)
    # in a folder of its own, as an unpacked archive, all must be Canvas's: a student may name a file so
    flat = all(_CANVAS.fullmatch(path[-1]) or _TYPED.fullmatch(path[-1]) for path, _ in files)
    wrapped = inside and (
        any(len(path) > 2 and path[1] != assignment for path, _ in files)
        and all(len(path) > 2 for path, _ in files)
    )
    handed: dict[tuple[str, str], _Handed] = {}
    for path, entry in files:
        try:
            if _moodle(path, entry, source, handed):
                continue
            if (len(path) == 1 or (inside and flat and len(path) == 2)) and _canvas(
                path[-1], entry, source, handed
            ):
                continue
            _plain(path[1:] if wrapped else path, entry, source, assignment, handed)
        except Refused as refused:
            report.unplaced.append(f"{source}: {show(entry.path)} {refused}.")
    given = [each for each in handed.values() if each.files]
    for each in given:
        times = [entry.time for entry in each.files.values() if entry.time]
        each.time = each.time or max(times, default=None)
    times = [each.time for each in given if each.time]
    if times and max(times) - min(times) > AT_ONCE:
        for each in given:
            each.certain = True
    return given


def _moodle(path: tuple[str, ...], entry: Entry, source: str, handed: dict[tuple[str, str], _Handed]) -> bool:
    """Whether it is a file of Moodle's archive; then it is added."""
    for place, part in enumerate(path):
        if match := _MOODLE.fullmatch(part):
            rest = [name for name in (match["rest"], *path[place + 1 :]) if name]
            if match["kind"] != "file" or not rest:
                raise Refused("is text typed into Moodle, or empty, and no file")
            name, number = match["name"].replace("_", " "), match["number"]
            each = handed.setdefault(("moodle", number), _Handed("moodle", number, name, source))
            each.folder = part[: match.start("rest")] if match["rest"] else part
            each.add("/".join(rest), entry)
            return True
    return False


def _canvas(name: str, entry: Entry, source: str, handed: dict[tuple[str, str], _Handed]) -> bool:
    """Whether it is a file of Canvas's archive; then it is added."""
    if _TYPED.fullmatch(name):
        raise Refused("is text or a link typed into Canvas, and no file")
    if not (match := _CANVAS.fullmatch(name)):
        return False
    number, order = match["number"], int(match["file"])
    each = handed.setdefault(("canvas", number), _Handed("canvas", number, match["name"] or number, source))
    each.late |= bool(match["late"])
    file = parts(match["rest"])[-1]
    if file in each.files and order > each.numbers[file]:
        del each.files[file]
    each.add(file, entry)
    each.numbers[file] = order
    return True


def _plain(
    path: tuple[str, ...],
    entry: Entry,
    source: str,
    assignment: str,
    handed: dict[tuple[str, str], _Handed],
) -> None:
    """Add a file of a student's folder, which may hold one for each assignment as nbgrader's do."""
    if len(path) < 2:
        raise Refused("has no name of Moodle's or Canvas's, and lies in no student's folder")
    student, *rest = path
    each = handed.setdefault(("plain", student), _Handed("plain", student, student, source))
    if rest[0] == assignment and len(rest) > 1:
        del rest[0]
    if rest == ["timestamp.txt"]:
        each.time, each.certain = _stamp(entry.read()), True
    else:
        each.add("/".join(rest), entry)


def _stamp(data: bytes) -> datetime:
    """nbgrader's timestamp.txt."""
    from nbgrader.utils import parse_utc

    try:
        return parse_utc(data.decode("utf8", "replace").strip()).replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise Refused("holds no time") from None


# ------------------------------------------------------------------------------------------------------------
# Who they are


def _identify(
    handed: list[_Handed],
    records: Mapping[str, Collected],
    known: Mapping[str, Student],
    roster: Roster,
    report: Report,
) -> Iterator[tuple[str, _Handed]]:
    """Give each of those who handed in an id: the roster's, the one it has already, or a new one."""
    before = {(record.lms, record.number): student for student, record in records.items()}
    numbers = _numbers_of_names([*handed, *records.values()])
    ids = [
        roster.find(each.number, each.name) or before.get((each.lms, each.number)) or _new_id(each, numbers)
        for each in handed
    ]
    folded = {student.casefold(): student for student in [*known, *records]}
    claims = defaultdict(set)  # Moodle's numbers of each id: one student has one in an assignment
    given: list[tuple[str, _Handed | Collected]] = [*records.items(), *zip(ids, handed, strict=True)]
    for student, one in given:
        if one.lms == "moodle":
            claims[student].add(one.number)
    for student, each in zip(ids, handed, strict=True):
        who = f"{each.name} ({each.number})"
        if folded.setdefault(student.casefold(), student) != student:
            problem = f"differs from {folded[student.casefold()]} only in capitals"
        elif (
            each.lms == "moodle"
            and len(claims[student]) > 1
            and before.get(("moodle", each.number)) != student
        ):
            problem = f"may be {student}, and so may another: give a roster with Moodle's numbers"
        else:
            if roster.rows and student not in roster.rows:
                report.notes.append(f"{who} is not in the roster, or more than once; the id is {student}.")
            elif student == f"{slug(each.name)}-{each.number}" and each.lms == "moodle":
                report.notes.append(
                    f"{who} has the id {student}, since the name does not tell who it is. Moodle's numbers "
                    "change from one assignment to the next: a roster keeps students together."
                )
            yield student, each
            continue
        report.unplaced.append(f"{each.source}: {show(each.name)} ({each.number}) {problem}.")


def _numbers_of_names(found: Iterable[_Handed | Collected]) -> Mapping[str, set[str]]:
    """Moodle's numbers of each name."""
    numbers = defaultdict(set)
    for one in found:
        if one.lms == "moodle":
            numbers[slug(one.name)].add(one.number)
    return numbers


def _new_id(each: _Handed, numbers: Mapping[str, set[str]]) -> str:
    """An id from the name, with the number where it stays the same or the name alone does not tell."""
    name = slug(each.name)
    if each.lms == "plain":
        return plain_id(each.number)
    if each.lms == "canvas":
        return name if each.name == each.number else f"{name}-{slug(each.number)}"
    alone = len(numbers[name]) == 1 and each.name.casefold() not in _NAMELESS
    return name if alone else f"{name}-{each.number}"


def _note_times(handed: Iterable[_Handed], report: Report) -> None:
    for source in sorted({each.source for each in handed if each.time and not each.certain}):
        report.notes.append(
            f"{source} does not say when students handed in: its files were all stamped at once. No time is "
            "stored where nothing else says it; with Moodle's grading worksheet as --roster it is known."
        )


# ------------------------------------------------------------------------------------------------------------
# Putting it in place


class _Place:
    """Puts submissions in their places if they are newer than what is there."""

    def __init__(self, settings: Settings, assignment: str, report: Report) -> None:
        self.settings, self.assignment, self.report = settings, assignment, report
        self.due = _due(settings, assignment)
        source = settings.course / "source" / assignment
        self.notebooks = [path.stem for path in source.glob("*.ipynb")]

    def __call__(self, student: str, each: _Handed, record: Collected | None) -> Collected | None:
        """The new record of a student; None if there is nothing new to record."""
        files = self._read(student, each)
        if not files:
            return None
        target = self.settings.folder("submitted", student, self.assignment)
        stamp = _timestamp(each, self.due)
        time = each.time.isoformat() if each.time else ""
        now = Collected(each.lms, each.number, each.name, each.folder, time, each.late)
        there = _contents(target)
        if there == files:
            if stamp and not (target / "timestamp.txt").exists():
                write(target / "timestamp.txt", stamp)
            self.report.unchanged.append(student)
            return replace(now, time=record.time if record else time)
        if there and time <= (record.time if record else _last_change(target)):
            self.report.older.append(student)
            return None
        self._put(target, student, files, stamp)
        (self.report.replaced if there else self.report.new).append(student)
        return now

    def _read(self, student: str, each: _Handed) -> dict[str, bytes]:
        """The files of a submission; none where a notebook cannot be read, so that it replaces nothing."""
        files: dict[str, bytes] = {}
        for name, entry in each.files.items():
            if name.partition("/")[0] == "timestamp.txt":  # the LMS says when, not the student
                continue
            notebook = name.casefold().endswith(".ipynb")
            try:
                if any(other.startswith(f"{name}/") or name.startswith(f"{other}/") for other in files):
                    raise Refused("has the name of a folder, or of a file in place of its folder")
                data = entry.read()
                if len(data) + sum(map(len, files.values())) > MAX_STUDENT:
                    raise Refused(f"is too much: a student's files may have {MAX_STUDENT // MIB} MiB")
            except Refused as refused:
                taken = ", so nothing of this student is taken" if notebook else ""
                self.report.unplaced.append(f"{each.source}: {show(entry.path)} {refused}{taken}.")
                if notebook:
                    return {}
                continue
            if name.casefold().endswith(ARCHIVES):
                self.report.notes.append(
                    f"{student}: {show(name)} is an archive; it is kept, and not opened."
                )
            files[name] = data
        if files and not any(name.casefold().endswith(".ipynb") for name in files):
            self.report.notes.append(f"{student} handed in no notebook, but {', '.join(map(show, files))}.")
        return self._rename(files, each.numbers)

    def _rename(self, files: dict[str, bytes], numbers: Mapping[str, int]) -> dict[str, bytes]:
        """Give a notebook its own name back, if an LMS or a browser added a number."""
        for notebook in self.notebooks:
            pattern = re.escape(notebook) + r"(?:-\d+| \(\d+\))?\.ipynb"
            found = sorted(
                (name for name in files if re.fullmatch(pattern, name)), key=lambda name: numbers.get(name, 0)
            )
            own = f"{notebook}.ipynb"
            if any(name.startswith(f"{own}/") for name in files):
                continue
            if found and (own not in files or (numbers and found[-1] != own)):
                if own in files:
                    files[f"older-{own}"] = files.pop(own)
                files[own] = files.pop(found[-1])
        return files

    def _put(self, target: Path, student: str, files: Mapping[str, bytes], stamp: str) -> None:
        incoming = self.settings.state / "incoming"
        shutil.rmtree(incoming, ignore_errors=True)  # of a call that was killed
        for name, data in files.items():
            path = incoming / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        if stamp:
            write(incoming / "timestamp.txt", stamp)
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists():
            history = self.settings.state / "history" / self.assignment / student
            history.mkdir(parents=True, exist_ok=True)
            number = 1 + max((int(path.name) for path in history.iterdir()), default=0)
            target.rename(history / str(number))
        incoming.rename(target)


def _contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink() and path != folder / "timestamp.txt"
    }


def _last_change(folder: Path) -> str:
    """When a submission that was not collected here was handed in or written."""
    try:
        return _stamp((folder / "timestamp.txt").read_bytes()).isoformat()
    except (FileNotFoundError, Refused):
        newest = max(path.stat().st_mtime for path in folder.rglob("*"))
        return datetime.fromtimestamp(newest, UTC).isoformat()


def _timestamp(each: _Handed, due: datetime | None) -> str:
    """What timestamp.txt holds, in nbgrader's format; nothing where nobody knows."""
    time = each.time if each.certain else None
    if each.lms == "canvas" and due and not time:
        given = each.time or due
        time = max(given, due + timedelta(seconds=1)) if each.late else min(given, due)
    return f"{time:%Y-%m-%d %H:%M:%S.%f} UTC" if time else ""


def _due(settings: Settings, assignment: str) -> datetime | None:
    from nbgrader.api import MissingEntry

    def read(book: "Gradebook") -> datetime | None:
        try:
            return book.find_assignment(assignment).duedate
        except MissingEntry:
            return None

    with quiet():
        due = use(settings, read)
    return due.replace(tzinfo=UTC) if due else None


def _introduce(settings: Settings, known: Mapping[str, Student]) -> None:
    """Tell the gradebook the students' names, so that formgrader shows them."""

    def update(book: "Gradebook") -> None:
        there = {student.id: student for student in book.students}
        for student, row in known.items():
            first, last = split_name(row.name)
            given = {"first_name": first, "last_name": last, "email": row.email[:120] or None}
            have = there.get(student)
            if have is None or any(getattr(have, key) != value for key, value in given.items()):
                book.update_or_create_student(student, **given)

    with quiet():
        use(settings, update)
