"""Archives as Moodle and Canvas make them, and as somebody who means harm does."""

import json
import os
import shutil
import stat
import struct
import zipfile
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from ibcourse.grading import GradingError, collect, unpack
from ibcourse.grading.course import new_course
from ibcourse.grading.gradebook import use
from ibcourse.grading.roster import slug
from ibcourse.grading.settings import SettingsError, load, lock

pytestmark = pytest.mark.filterwarnings("ignore")  # of nbgrader's
HW = "01-information"
NOON = datetime(2026, 11, 2, 12, 0, 0)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A course with a gradebook that knows one homework, due at noon in UTC."""
    course = new_course(tmp_path_factory.mktemp("made") / "course")
    use(load(course), lambda book: book.update_or_create_assignment(HW, duedate=NOON))
    (course / "source" / HW).mkdir(parents=True)
    (course / "source" / HW / f"{HW}.ipynb").write_text("{}")
    return course


@pytest.fixture
def course(made, tmp_path, monkeypatch):
    monkeypatch.setenv("TZ", "UTC")
    import time

    time.tzset()
    return load(shutil.copytree(made, tmp_path / "course"))


@pytest.fixture
def pack(tmp_path):
    """Make a zip of files; a value may be a content, or a content and its time or ZipInfo's other fields."""

    def make(name: str, files: dict) -> Path:
        path = tmp_path / name
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for number, (file, given) in enumerate(files.items()):
                content, about = given if isinstance(given, tuple) else (given, {})
                if isinstance(about, datetime):
                    about = {"date_time": about.timetuple()[:6]}
                info = zipfile.ZipInfo(file)
                # an hour between any two: an archive that says when each was handed in
                info.date_time = (NOON - timedelta(hours=1 + number)).timetuple()[:6]
                info.compress_type = zipfile.ZIP_DEFLATED
                for key, value in about.items():
                    setattr(info, key, value)
                archive.writestr(info, content)
        return path

    return make


def there(course, student):
    """What is collected of a student."""
    folder = course.course / "submitted" / student / HW
    return {
        path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()
    }


def snapshot(folder: Path):
    return {
        path.relative_to(folder).as_posix(): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in ("lock", "gradebook.db", "students.json", f"{HW}.json")
    }


def submitted(course):
    return sorted(path.name for path in (course.course / "submitted").iterdir())


# ------------------------------------------------------------------------------------------------------------
# Names and layouts


@pytest.mark.parametrize("end", ["", "_"])
def test_moodle(course, pack, end):
    archive = pack(
        "moodle.zip",
        {
            f"Ada Lovelace_101_assignsubmission_file{end}/{HW}.ipynb": "ada",
            f"Ada Lovelace_101_assignsubmission_file{end}/data/a.csv": "1",
            f"O'Neill-Łoś, Şebnem_102_assignsubmission_file{end}/{HW}.ipynb": "sebnem",
            f"王小明_103_assignsubmission_file{end}/{HW} (1).ipynb": "wang",
            f"under_score_y_104_assignsubmission_file{end}/{HW}.ipynb": "under",
            f"Ada Lovelace_101_assignsubmission_onlinetext{end}/onlinetext.html": "typed",
            "__MACOSX/._x": "",
        },
    )
    report = collect.collect(course, HW, [archive])
    assert sorted(report.new) == submitted(course)
    assert submitted(course) == ["ada-lovelace", "oneill-los-sebnem", slug("王小明"), "under-score-y"]
    assert there(course, "ada-lovelace") == {
        f"{HW}.ipynb": "ada",
        "data/a.csv": "1",
        "timestamp.txt": "2026-11-02 11:00:00.000000 UTC",
    }
    assert there(course, slug("王小明"))[f"{HW}.ipynb"] == "wang"
    assert [words.split(" is ")[1] for words in report.unplaced] == [
        "text typed into Moodle, or empty, and no file."
    ]
    records = collect.collected(course, HW)
    assert records["ada-lovelace"].folder == f"Ada Lovelace_101_assignsubmission_file{end}"
    assert records["ada-lovelace"].number == "101"


def test_moodle_without_folders(course, pack):
    name = "Ada Lovelace_101_assignsubmission_file_"
    collect.collect(course, HW, [pack("a.zip", {f"{name}{HW}.ipynb": "ada", f"{name}b.txt": "b"})])
    assert there(course, "ada-lovelace").keys() == {f"{HW}.ipynb", "b.txt"}
    assert collect.collected(course, HW)["ada-lovelace"].folder == name


def test_moodle_unpacked_in_a_folder_of_its_own(course, pack, tmp_path):
    archive = pack("a.zip", {f"course-hw-7/Ada_101_assignsubmission_file/{HW}.ipynb": "ada"})
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(tmp_path / "unpacked")
    collect.collect(course, HW, [tmp_path / "unpacked"])
    assert there(course, "ada")[f"{HW}.ipynb"] == "ada"


def test_canvas(course, pack):
    archive = pack(
        "submissions.zip",
        {
            f"lovelaceada_201_9001_{HW}.ipynb": "first",
            f"lovelaceada_201_9005_{HW}-2.ipynb": "second",
            f"turingalan_LATE_202_9002_{HW}.ipynb": "late",
            f"anon_AbC12_9003_{HW}.ipynb": "anonymous",
            f"LATE_anon_XyZ34_9004_{HW}.ipynb": "anonymous, late",
            "noether_emmy_203_9006_a_1_2_b.txt": "no notebook",
            "noether_emmy_203_text.html": "typed",
            "hopper_204_link.html": "link",
        },
    )
    report = collect.collect(course, HW, [archive])
    ids = ["anon-abc12", "anon-xyz34", "lovelaceada-201", "noether-emmy-203", "turingalan-202"]
    assert submitted(course) == ids
    assert there(course, "lovelaceada-201")[f"{HW}.ipynb"] == "second"
    assert there(course, "noether-emmy-203")["a_1_2_b.txt"] == "no notebook"
    assert any("noether-emmy-203 handed in no notebook" in note for note in report.notes)
    assert len(report.unplaced) == 2
    records = collect.collected(course, HW)
    assert [student for student, record in records.items() if record.late] == ["anon-xyz34", "turingalan-202"]


@pytest.mark.parametrize("top", ["", "hand-ins/"])
def test_one_folder_a_student(course, pack, top):
    archive = pack(
        "plain.zip",
        {
            f"{top}s123/{HW}.ipynb": "a",
            f"{top}s123/b_1_2_c.txt": "no file of Canvas's",
            f"{top}ada lovelace/{HW}/{HW}.ipynb": "b",
            f"{top}ada lovelace/{HW}/timestamp.txt": "2026-11-01 07:00:00.5 UTC",
        },
    )
    report = collect.collect(course, HW, [archive])
    assert submitted(course) == ["ada-lovelace", "s123"]
    assert there(course, "s123").keys() == {f"{HW}.ipynb", "b_1_2_c.txt", "timestamp.txt"}
    assert there(course, "ada-lovelace")["timestamp.txt"] == "2026-11-01 07:00:00.500000 UTC"
    assert report.unplaced == []


def test_what_belongs_to_nobody_is_reported(course, pack, tmp_path):
    (tmp_path / "lost.ipynb").write_text("x")
    report = collect.collect(course, HW, [pack("a.zip", {"lost2.ipynb": "x"}), tmp_path / "lost.ipynb"])
    assert len(report.unplaced) == 2
    assert all("lies in no student's folder" in words for words in report.unplaced)
    assert "Not placed (2):" in str(report)


def test_single_files(course, tmp_path):
    (tmp_path / f"lovelaceada_201_9001_{HW}-1.ipynb").write_text("ada")
    collect.collect(course, HW, [tmp_path / f"lovelaceada_201_9001_{HW}-1.ipynb"])
    stamp = "2026-11-02 12:00:00.000000 UTC"  # when it was due: it is older than its file, and not late
    assert there(course, "lovelaceada-201") == {f"{HW}.ipynb": "ada", "timestamp.txt": stamp}


# ------------------------------------------------------------------------------------------------------------
# Who is who


def test_two_of_the_same_name_stay_apart(course, pack):
    both = {f"Kim Lee_{n}_assignsubmission_file/{HW}.ipynb": f"{n}" for n in (301, 302)}
    report = collect.collect(course, HW, [pack("a.zip", both)])
    assert submitted(course) == ["kim-lee-301", "kim-lee-302"]
    assert sum("the name does not tell" in note for note in report.notes) == 2


def test_a_second_of_the_same_name_that_comes_later(course, pack):
    collect.collect(course, HW, [pack("a.zip", {f"Kim Lee_301_assignsubmission_file/{HW}.ipynb": "1"})])
    both = {f"Kim Lee_{n}_assignsubmission_file/{HW}.ipynb": f"{n}" for n in (301, 302)}
    collect.collect(course, HW, [pack("b.zip", both)])
    assert submitted(course) == ["kim-lee", "kim-lee-302"]
    assert there(course, "kim-lee-302")[f"{HW}.ipynb"] == "302"


def test_blind_marking_has_numbers(course, pack):
    collect.collect(course, HW, [pack("a.zip", {f"Participant_301_assignsubmission_file/{HW}.ipynb": "1"})])
    assert submitted(course) == ["participant-301"]


def test_roster(course, pack, tmp_path):
    roster = tmp_path / "roster.csv"
    roster.write_text(
        "id;name;email;lms id\ns1;Lovelace, Ada;ada@example.org;\ns2;Kim Lee;;301\ns3;Kim Lee;;302\n"
        "s4;Alan Turing;;\n"
    )
    moodle = {
        f"Ada Lovelace_300_assignsubmission_file/{HW}.ipynb": "ada",
        f"Kim Lee_301_assignsubmission_file/{HW}.ipynb": "301",
        f"Kim Lee_302_assignsubmission_file/{HW}.ipynb": "302",
        f"Grace Hopper_303_assignsubmission_file/{HW}.ipynb": "grace",
    }
    canvas = {f"turingalan_202_9002_{HW}.ipynb": "alan"}
    report = collect.collect(course, HW, [pack("a.zip", moodle), pack("b.zip", canvas)], roster)
    assert submitted(course) == ["grace-hopper", "s1", "s2", "s3", "s4"]
    assert there(course, "s3")[f"{HW}.ipynb"] == "302"
    assert [note for note in report.notes if "not in the roster" in note] == [
        "Grace Hopper (303) is not in the roster, or more than once; the id is grace-hopper."
    ]
    names = use(
        course,
        lambda book: {each.id: (each.first_name, each.last_name, each.email) for each in book.students},
    )
    assert names["s1"] == ("Ada", "Lovelace", "ada@example.org")
    assert names["grace-hopper"] == ("Grace", "Hopper", None)
    # later without it: the roster is remembered, by its names
    later = pack("c.zip", {"Ada Lovelace_999_assignsubmission_file/02.ipynb": "ada"})
    assert collect.collect(course, "02-x", [later]).new == ["s1"]


def test_a_name_that_may_be_two_is_not_guessed(course, pack, tmp_path):
    (tmp_path / "roster.csv").write_text("id,name\ns1,Kim Lee\n")
    both = {f"Kim Lee_{n}_assignsubmission_file/{HW}.ipynb": f"{n}" for n in (301, 302)}
    report = collect.collect(course, HW, [pack("a.zip", both)], tmp_path / "roster.csv")
    assert len(report.unplaced) == 2
    assert all("may be s1, and so may another" in words for words in report.unplaced)
    assert not (course.course / "submitted").exists()


def test_moodles_worksheet_is_a_roster_with_times(course, pack, tmp_path):
    worksheet = tmp_path / "grades.csv"
    worksheet.write_text(
        'Identifier,"Full name","ID number","Email address",Status,Grade,"Last modified (submission)"\n'
        'Participant 300,"Ada Lovelace",s1,ada@example.org,Submitted,,"Monday, 2 November 2026, 10:31 AM"\n'
        'Participant 301,"Alan Turing",,alan@example.org,,,-\n',
        encoding="utf-8-sig",
    )
    name = "Ada Lovelace_300_assignsubmission_file"
    report = collect.collect(course, HW, [pack("a.zip", {f"{name}/{HW}.ipynb": "ada"})], worksheet)
    assert there(course, "s1")["timestamp.txt"] == "2026-11-02 10:31:00.000000 UTC"
    assert report.notes == []
    assert collect.students(course)["alan-turing"].email == "alan@example.org"


def test_canvas_gradebook_is_a_roster(course, pack, tmp_path):
    gradebook = tmp_path / "gradebook.csv"
    gradebook.write_text(
        "Student,ID,SIS User ID,SIS Login ID,Section,01 (5)\n    Points Possible,,,,,15\n"
        '"Lovelace, Ada",201,s1,ada@example.org,A,\n'
    )
    collect.collect(course, HW, [pack("a.zip", {f"somebodyelse_201_9001_{HW}.ipynb": "ada"})], gradebook)
    assert submitted(course) == ["s1"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "there is no roster"),
        ("a,b\n1,2\n", "does not say who the students are. Its first line is 'a,b'"),
        ("id,name\ns1,A\ns1,B\n", "line 3: s1 stands twice"),
    ],
)
def test_bad_rosters(course, pack, tmp_path, content, words):
    if content:
        (tmp_path / "roster.csv").write_text(content)
    with pytest.raises(GradingError, match=words):
        collect.collect(course, HW, [pack("a.zip", {})], tmp_path / "roster.csv")


def test_ids_that_differ_only_in_capitals(course, pack):
    archive = pack("a.zip", {f"Anna/{HW}.ipynb": "1", f"anna/{HW}.ipynb": "2"})
    report = collect.collect(course, HW, [archive])
    assert len(report.new) == 1
    assert "only in capitals" in report.unplaced[0]


# ------------------------------------------------------------------------------------------------------------
# Newer and older


def test_twice_changes_nothing(course, pack):
    archive = pack(
        "a.zip",
        {f"Ada_1_assignsubmission_file/{HW}.ipynb": "a", "Alan_2_assignsubmission_file/x.ipynb": "b"},
    )
    collect.collect(course, HW, [archive])
    before, records = snapshot(course.course), collect.collected(course, HW)
    report = collect.collect(course, HW, [archive, archive])
    assert report.unchanged == ["ada", "alan"]
    assert snapshot(course.course) == before
    assert collect.collected(course, HW) == records
    assert not (course.state / "incoming").exists()


def test_a_newer_one_replaces_and_the_older_is_kept(course, pack):
    other = {f"Alan_2_assignsubmission_file/{HW}.ipynb": ("alan", NOON - timedelta(days=3))}
    name = f"Ada_1_assignsubmission_file/{HW}.ipynb"
    old = pack("old.zip", {name: ("old", NOON - timedelta(days=2)), **other})
    new = pack("new.zip", {name: ("new", NOON - timedelta(days=1)), **other})
    collect.collect(course, HW, [old])
    report = collect.collect(course, HW, [new])
    assert (report.replaced, report.unchanged) == (["ada"], ["alan"])
    assert there(course, "ada")[f"{HW}.ipynb"] == "new"
    (kept,) = (course.state / "history" / HW / "ada").iterdir()
    assert (kept / f"{HW}.ipynb").read_text() == "old"
    report = collect.collect(course, HW, [old])
    assert report.older == ["ada"]
    assert there(course, "ada")[f"{HW}.ipynb"] == "new"
    assert "not newer than what is there" in str(report)


def test_of_several_archives_the_newest_counts(course, pack):
    name = f"Ada_1_assignsubmission_file/{HW}.ipynb"
    archives = [pack(f"{day}.zip", {name: (f"{day}", NOON - timedelta(days=day))}) for day in (2, 1, 3)]
    assert collect.collect(course, HW, archives).new == ["ada"]
    assert there(course, "ada")[f"{HW}.ipynb"] == "1"


def test_what_nbgrader_collected_gives_way_only_to_newer(course, pack):
    folder = course.course / "submitted" / "ada" / HW
    folder.mkdir(parents=True)
    (folder / f"{HW}.ipynb").write_text("exchange")
    (folder / "timestamp.txt").write_text("2026-11-02 12:00:00 UTC")
    name = f"Ada_1_assignsubmission_file/{HW}.ipynb"
    assert collect.collect(course, HW, [pack("a.zip", {name: ("a", NOON - timedelta(1))})]).older == ["ada"]
    assert collect.collect(course, HW, [pack("b.zip", {name: ("b", NOON + timedelta(1))})]).replaced == [
        "ada"
    ]


def test_an_archive_stamped_at_once_gives_no_times(course, pack):
    names = [f"{name}_{n}_assignsubmission_file/{HW}.ipynb" for n, name in enumerate(["Ada", "Alan"])]
    report = collect.collect(
        course, HW, [pack("a.zip", {name: ("x", NOON + timedelta(days=9)) for name in names})]
    )
    assert there(course, "ada") == {f"{HW}.ipynb": "x"}
    assert any("does not say when students handed in" in note for note in report.notes)


def test_canvas_says_who_is_late(course, pack):
    files = {
        f"lovelaceada_201_9001_{HW}.ipynb": ("x", NOON + timedelta(days=9)),
        f"turingalan_LATE_202_9002_{HW}.ipynb": ("x", NOON + timedelta(days=9)),
    }
    collect.collect(course, HW, [pack("a.zip", files)])
    assert there(course, "lovelaceada-201")["timestamp.txt"] == "2026-11-02 12:00:00.000000 UTC"
    assert there(course, "turingalan-202")["timestamp.txt"] == "2026-11-11 12:00:00.000000 UTC"


def test_a_time_with_its_zone_wins(course, pack):
    moment = int((NOON - timedelta(hours=5) - datetime(1970, 1, 1)).total_seconds())
    extra = {"extra": struct.pack("<HHBi", 0x5455, 5, 1, moment)}
    files = {
        f"Ada_1_assignsubmission_file/{HW}.ipynb": ("x", extra),
        f"Alan_2_assignsubmission_file/{HW}.ipynb": "y",
    }
    collect.collect(course, HW, [pack("a.zip", files)])
    assert there(course, "ada")["timestamp.txt"] == "2026-11-02 07:00:00.000000 UTC"


def test_a_killed_call_is_finished_by_the_next(course, pack, monkeypatch):
    archive = pack(
        "a.zip", {f"{n}_{ord(n[0])}_assignsubmission_file/{HW}.ipynb": n for n in ("Ada", "Bob", "Eve")}
    )
    real, calls = Path.rename, []

    def dying(self, target):
        calls.append(target)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(self, target)

    monkeypatch.setattr(Path, "rename", dying)
    with pytest.raises(KeyboardInterrupt):
        collect.collect(course, HW, [archive])
    monkeypatch.undo()
    report = collect.collect(course, HW, [archive])
    assert (report.unchanged, report.new) == (["ada"], ["bob", "eve"])
    assert collect.collected(course, HW).keys() == {"ada", "bob", "eve"}


def test_one_command_at_a_time(course, pack):
    with (
        lock(course),
        pytest.raises(SettingsError, match=f"process {os.getpid()} on .*. Wait for it, or stop it"),
    ):
        collect.collect(course, HW, [pack("a.zip", {})])


# ------------------------------------------------------------------------------------------------------------
# Harm

MOODLE = "Eve_6_assignsubmission_file"


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (f"{MOODLE}/../../../nbgrader_config.py", "leaves its folder"),
        (f"{MOODLE}/a/../../b.ipynb", "leaves its folder"),
        (f"{MOODLE}\\..\\..\\b.ipynb", "leaves its folder"),
        ("/etc/passwd", "absolute"),
        ("C:\\x.ipynb", "absolute"),
        ("c:x.ipynb", "absolute"),
        ("\\\\server\\share\\x.ipynb", "absolute"),
        (f"{MOODLE}/nul.ipynb", "none on every system"),
        (f"{MOODLE}/COM1", "none on every system"),
        (f"{MOODLE}/a\nb.ipynb", "none on every system"),
        (f"{MOODLE}/\u202egpj.ipynb", "none on every system"),
        (f"{MOODLE}/{'a' * 300}.ipynb", "too long"),
        (f"{MOODLE}/{'a/' * 30}x.ipynb", "too deep"),
        ("../submitted/ada/x.ipynb", "leaves its folder"),
    ],
)
def test_paths_that_leave_their_place(course, pack, path, words):
    before = snapshot(course.course.parent)
    archive = pack("evil.zip", {path: "evil", f"Ada_1_assignsubmission_file/{HW}.ipynb": "ada"})
    report = collect.collect(course, HW, [archive])
    assert [words in line for line in report.unplaced] == [True]
    assert submitted(course) == ["ada"]
    after = snapshot(course.course.parent)
    new = after.keys() - before.keys() - {"evil.zip"}
    assert new == {f"course/submitted/ada/{HW}/{HW}.ipynb", f"course/submitted/ada/{HW}/timestamp.txt"} & new
    assert all(after[path] == before[path] for path in before)
    assert "\n" not in report.unplaced[0]
    assert "\u202e" not in report.unplaced[0]


def test_links_and_devices_in_an_archive(course, pack):
    kinds = {stat.S_IFLNK: "a", stat.S_IFIFO: "b", stat.S_IFCHR: "c"}
    files = {
        f"{MOODLE}/{name}.ipynb": ("/etc/passwd", {"external_attr": (kind | 0o777) << 16, "create_system": 3})
        for kind, name in kinds.items()
    }
    report = collect.collect(course, HW, [pack("a.zip", files)])
    assert len(report.unplaced) == 3
    assert all("is a link, or no plain file" in line for line in report.unplaced)


def test_links_and_pipes_in_a_folder(course, tmp_path):
    folder = tmp_path / "hand-ins" / "eve"
    folder.mkdir(parents=True)
    (folder / "a.ipynb").symlink_to("/etc/passwd")
    (folder / "dir").symlink_to("/etc")
    os.mkfifo(folder / "pipe")
    (folder / "b.ipynb").write_text("b")
    report = collect.collect(course, HW, [tmp_path / "hand-ins"])
    assert len(report.unplaced) == 3
    assert there(course, "eve").keys() == {"b.ipynb"}


def test_null_bytes(course, pack):
    archive = pack("a.zip", {f"{MOODLE}/a.ipynbX.txt": "x"})
    archive.write_bytes(archive.read_bytes().replace(b"a.ipynbX.txt", b"a.ipynb\0.txt"))
    report = collect.collect(course, HW, [archive])
    assert "has a null byte in its name" in report.unplaced[0]
    assert not report.new


def test_names_that_collide(course, pack):
    archive = pack("a.zip", {f"{MOODLE}/a.ipynb": "1", f"{MOODLE}/A.ipynb": "2", f"{MOODLE}/./a.ipynb": "3"})
    report = collect.collect(course, HW, [archive])
    assert len(report.unplaced) == 2
    assert there(course, "eve")["a.ipynb"] == "1"


def test_zip_bombs(course, pack, monkeypatch):
    bomb = pack(
        "a.zip", {f"{MOODLE}/{HW}.ipynb": b"0" * 20_000_000, f"Ada_1_assignsubmission_file/{HW}.ipynb": "a"}
    )
    report = collect.collect(course, HW, [bomb])
    assert report.new == ["ada"]
    assert "is a zip bomb" in report.unplaced[0]
    assert "nothing of this student is taken" in report.unplaced[0]
    monkeypatch.setattr(unpack, "MAX_TOTAL", 10_000_000)
    with pytest.raises(GradingError, match="GiB unpacked"):
        collect.collect(course, HW, [bomb])
    monkeypatch.setattr(unpack, "MAX_ENTRIES", 1)
    with pytest.raises(GradingError, match="holds 2 files"):
        collect.collect(course, HW, [bomb])


def test_an_archive_that_lies_about_its_sizes(course, pack):
    archive = pack("a.zip", {f"{MOODLE}/{HW}.ipynb": os.urandom(100) + b"0" * 900})
    data = bytearray(archive.read_bytes())
    central = data.rindex(b"PK\x01\x02")
    data[central + 24 : central + 28] = struct.pack("<I", 10)  # 10 bytes unpacked, it says
    archive.write_bytes(bytes(data))
    report = collect.collect(course, HW, [archive])
    assert not report.new
    assert "is broken in the archive" in report.unplaced[0]


def test_large_files(course, pack, monkeypatch):
    monkeypatch.setattr(unpack, "MAX_FILE", 1000)
    monkeypatch.setattr(collect, "MAX_STUDENT", 1500)
    files = {
        f"{MOODLE}/{HW}.ipynb": "x",
        f"{MOODLE}/a": "a" * 1001,
        f"{MOODLE}/b": "b" * 900,
        f"{MOODLE}/c": "c" * 900,
    }
    report = collect.collect(course, HW, [pack("a.zip", files)])
    assert there(course, "eve").keys() == {f"{HW}.ipynb", "b", "timestamp.txt"} & there(course, "eve").keys()
    assert "is larger than" in report.unplaced[0]
    assert "is too much" in report.unplaced[1]


def test_archives_inside_are_kept_and_not_opened(course, pack):
    inner = pack("inner.zip", {"../../x": "x"}).read_bytes()
    report = collect.collect(course, HW, [pack("a.zip", {f"{MOODLE}/work.zip": inner})])
    assert any("is an archive; it is kept, and not opened" in note for note in report.notes)
    assert any("handed in no notebook, but 'work.zip'" in note for note in report.notes)
    assert [path.name for path in (course.course / "submitted" / "eve" / HW).iterdir()] == ["work.zip"]


def test_encrypted_files(course, pack):
    archive = pack("a.zip", {f"{MOODLE}/{HW}.ipynb": "x"})
    data = bytearray(archive.read_bytes())
    central = data.rindex(b"PK\x01\x02")
    data[central + 8] |= 1
    data[6] |= 1
    archive.write_bytes(bytes(data))
    assert "is encrypted" in collect.collect(course, HW, [archive]).unplaced[0]


def test_a_broken_file_replaces_nothing(course, pack):
    name = f"{MOODLE}/{HW}.ipynb"
    collect.collect(course, HW, [pack("a.zip", {name: ("good", NOON - timedelta(1))})])
    archive = pack("b.zip", {name: ("bad!", NOON), f"{MOODLE}/b.txt": ("x", NOON)})
    data = archive.read_bytes()
    place = data.index(b"PK\x03\x04") + 30 + len(name)
    archive.write_bytes(data[:place] + bytes([data[place] ^ 0xFF]) + data[place + 1 :])
    report = collect.collect(course, HW, [archive])
    assert "is broken in the archive" in report.unplaced[0]
    assert there(course, "eve")[f"{HW}.ipynb"] == "good"


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04" + b"\0" * 50])
def test_broken_archives(course, tmp_path, content):
    (tmp_path / "a.zip").write_bytes(content)
    with pytest.raises(GradingError, match=r"a\.zip is broken"):
        collect.collect(course, HW, [tmp_path / "a.zip"])


def test_a_cut_archive(course, pack, tmp_path):
    archive = pack("a.zip", {f"{MOODLE}/{HW}.ipynb": "x"})
    archive.write_bytes(archive.read_bytes()[:-30])
    with pytest.raises(GradingError, match="is broken"):
        collect.collect(course, HW, [archive])


def test_other_archives_and_missing_files(course, tmp_path):
    (tmp_path / "a.7z").write_bytes(b"7z")
    with pytest.raises(GradingError, match="Unpack it, or make it a zip"):
        collect.collect(course, HW, [tmp_path / "a.7z"])
    with pytest.raises(GradingError, match=r"there is no .*nothing\.zip"):
        collect.collect(course, HW, [tmp_path / "nothing.zip"])


def test_names_in_other_encodings(course, tmp_path):
    """A name that does not say that it is UTF-8, and one that is not."""
    for name, code in (("Łoś", "utf8"), ("Müller", "cp437")):
        path = tmp_path / f"{code}.zip"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(f"{'x' * len(name.encode(code))}_7_assignsubmission_file/{HW}.ipynb", "x")
        path.write_bytes(
            path.read_bytes().replace(b"x" * len(name.encode(code)) + b"_7", name.encode(code) + b"_7")
        )
        assert collect.collect(course, code, [path]).new == [slug(name)]


def test_html_in_names_reaches_no_gradebook(course, pack):
    name = "<img src=x onerror=alert(1)> 'Eve'"
    collect.collect(course, HW, [pack("a.zip", {f"{name}_6_assignsubmission_file/{HW}.ipynb": "x"})])
    (student,) = use(
        course, lambda book: [(each.id, each.first_name, each.last_name) for each in book.students]
    )
    assert not set("".join(student)) & set("<>&\"'`")


def test_state_is_plain_json(course, pack):
    collect.collect(course, HW, [pack("a.zip", {f"王_6_assignsubmission_file/{HW}.ipynb": "x"})])
    (record,) = json.loads((course.state / "collected" / f"{HW}.json").read_text(encoding="utf8")).values()
    assert record["name"] == "王"


def test_a_files_name_cannot_name_another_student(course, pack):
    """Without folders Moodle puts the student first; what follows is the name that the student chose."""
    archive = pack(
        "moodle.zip",
        {
            f"Ada Lovelace_123_assignsubmission_file_Bob Builder_456_assignsubmission_file_{HW}.ipynb": "ada",
            f"Bob Builder_456_assignsubmission_file_{HW}.ipynb": "bob",
        },
    )
    collect.collect(course, HW, [archive])
    assert submitted(course) == ["ada-lovelace", "bob-builder"]
    assert there(course, "bob-builder")[f"{HW}.ipynb"] == "bob"
    assert "ada" in there(course, "ada-lovelace").values()


@pytest.mark.parametrize("folder", ["timestamp.txt/x", f"{HW}.ipynb/x"])
def test_a_folder_in_a_files_place_stops_nobody(course, pack, folder):
    archive = pack(
        "moodle.zip",
        {
            f"Ada Lovelace_101_assignsubmission_file/{folder}": "x",
            f"Ada Lovelace_101_assignsubmission_file/{HW} (1).ipynb": "ada",
            f"Bob Builder_102_assignsubmission_file/{HW}.ipynb": "bob",
        },
    )
    collect.collect(course, HW, [archive])
    assert there(course, "bob-builder")[f"{HW}.ipynb"] == "bob"
    assert "ada" in there(course, "ada-lovelace").values()
