"""Files of an archive or a folder that somebody else made, read with care.

Nothing is unpacked to where an archive says; a file is read only when it is asked for, and never more of it
than is allowed.
"""

import lzma
import os
import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import IO, NamedTuple

from ibcourse.grading import GradingError
from ibcourse.grading.precheck import IGNORED, IGNORED_FOLDERS
from ibcourse.grading.roster import DEVICES

MIB = 2**20
MAX_FILE = 50 * MIB
MAX_TOTAL = 8 * 2**30  # of an archive, unpacked
MAX_ENTRIES = 50_000
MAX_RATIO = 200  # of the size unpacked to the size packed, for files above a MiB
MAX_PART = 255  # bytes of a name
MAX_DEPTH = 8  # folders above a file
ARCHIVES = (".zip", ".gz", ".tgz", ".tar", ".bz2", ".xz", ".7z", ".rar", ".zst")
JUNK = (IGNORED | IGNORED_FOLDERS) - {"timestamp.txt"}  # an archive's own may say when


class Refused(Exception):
    """Why a file is not taken, to follow its name."""


class Entry(NamedTuple):
    """A file that is not read yet.

    Parameters
    ----------
    path : str
        As the archive or the folder has it.
    time : datetime.datetime or None
        When it was changed, as far as the archive says.
    read : callable
        Its content; raises `Refused`.
    """

    path: str
    time: datetime | None
    read: Callable[[], bytes]


def entries(source: Path, stack: ExitStack, unplaced: list[str]) -> Iterator[Entry]:
    """The files of a zip or a folder, or the file itself if it is neither.

    Parameters
    ----------
    source : pathlib.Path
        What there is.
    stack : contextlib.ExitStack
        Keeps an archive open until its files are read.
    unplaced : list of str
        Gains a sentence for each thing that is no plain file.

    Raises
    ------
    GradingError
        If an archive is broken, of another kind, or too large to be one.
    """
    if source.is_dir():
        yield from _walk(source, unplaced)
    elif zipfile.is_zipfile(source):
        yield from _unzip(source, stack, unplaced)
    elif source.suffix.lower() == ".zip":
        raise GradingError(f"{source} is broken: it is no zip archive. Download it again.")
    elif source.suffix.lower() in ARCHIVES:
        raise GradingError(f"{source} is an archive of a kind that is not read. Unpack it, or make it a zip.")
    else:
        yield _file(source, source.name)


def parts(path: str) -> tuple[str, ...]:
    """The parts of a path that stays inside its folder, on any system.

    Raises
    ------
    Refused
        If it does not, or has a name that is none on some system.

    Examples
    --------
    >>> parts("a/./b\\\\c.txt")
    ('a', 'b', 'c.txt')
    """
    path = unicodedata.normalize("NFC", path.replace("\\", "/"))
    if path.startswith("/") or re.match(r"[A-Za-z]:", path):
        raise Refused("has an absolute path")
    found = tuple(part for part in path.split("/") if part not in ("", "."))
    if ".." in found:
        raise Refused("leaves its folder")
    too_long = any(len(part.encode(errors="replace")) > MAX_PART for part in found)
    if not found or len(found) > MAX_DEPTH or too_long:
        raise Refused("has a name that is too long, or lies too deep")
    for part in found:
        if not part.isprintable() or part.split(".")[0].strip().casefold() in DEVICES:
            raise Refused("has a name that is none on every system")
    return found


def show(name: str) -> str:
    """A name that somebody else chose, for a message."""
    plain = "".join(letter if letter.isprintable() else "?" for letter in name)
    return repr(plain if len(plain) <= 100 else f"{plain[:100]}…")


def _walk(source: Path, unplaced: list[str]) -> Iterator[Entry]:
    for folder, folders, files in os.walk(source):
        folders[:] = sorted(set(folders) - JUNK)
        for name in sorted(
            [*files, *(each for each in folders if os.path.islink(os.path.join(folder, each)))]
        ):
            path = Path(folder, name)
            if stat.S_ISREG(path.lstat().st_mode):
                yield _file(path, path.relative_to(source).as_posix())
            else:
                unplaced.append(f"{source.name}: {show(name)} is a link, or no plain file.")


def _file(path: Path, name: str) -> Entry:
    def read() -> bytes:
        with path.open("rb") as file:
            return _limited(file)

    return Entry(name, datetime.fromtimestamp(path.lstat().st_mtime, UTC), read)


def _limited(file: IO[bytes]) -> bytes:
    data = file.read(MAX_FILE + 1)
    if len(data) > MAX_FILE:
        raise Refused(f"is larger than {MAX_FILE // MIB} MiB")
    return data


def _unzip(source: Path, stack: ExitStack, unplaced: list[str]) -> Iterator[Entry]:
    archive = stack.enter_context(_open(source))
    infos = [info for info in archive.infolist() if not info.filename.endswith("/")]
    total = sum(info.file_size for info in infos)
    if sum(info.compress_size for info in infos) > source.stat().st_size:
        raise GradingError(f"{source} is a zip bomb: its files share their data. Download it again.")
    if len(infos) > MAX_ENTRIES:
        raise GradingError(f"{source} holds {len(infos)} files; at most {MAX_ENTRIES} are read.")
    if total > MAX_TOTAL:
        most = f"at most {MAX_TOTAL // 2**30} GiB are read"
        raise GradingError(f"{source} would have {total / 2**30:.1f} GiB unpacked; {most}.")
    for info in infos:
        kind = stat.S_IFMT(info.external_attr >> 16)
        if kind not in (0, stat.S_IFREG):
            unplaced.append(f"{source.name}: {show(info.filename)} is a link, or no plain file.")
        elif "\0" in info.orig_filename:
            unplaced.append(f"{source.name}: {show(info.orig_filename)} has a null byte in its name.")
        else:
            yield Entry(info.filename, _time(info), partial(_extract, archive, info))


def _open(source: Path) -> zipfile.ZipFile:
    try:
        try:  # names that do not say how they are encoded are UTF-8 from most programs
            return zipfile.ZipFile(source, metadata_encoding="utf8")
        except UnicodeDecodeError:
            return zipfile.ZipFile(source)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, struct.error) as error:
        raise GradingError(f"{source} is broken: {error}. Download it again.") from error


def _extract(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    if info.flag_bits & 1:
        raise Refused("is encrypted: ask for it without a password")
    if info.file_size > max(MIB, MAX_RATIO * info.compress_size):
        raise Refused(f"is a zip bomb: {info.compress_size} bytes become {info.file_size / MIB:.0f} MiB")
    try:
        with archive.open(info) as file:
            return _limited(file)
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError) as error:
        raise Refused(f"is broken in the archive ({error}): download it again") from None
    except (NotImplementedError, RuntimeError) as error:
        raise Refused(f"cannot be unpacked ({error})") from None


def _time(info: zipfile.ZipInfo) -> datetime | None:
    """When a file was changed: in UTC where the archive says so, otherwise in this computer's zone."""
    extra = info.extra
    while len(extra) >= 9:
        kind, size = struct.unpack("<HH", extra[:4])
        if kind == 0x5455 and size >= 5 and extra[4] & 1:  # Info-ZIP's extended timestamp
            return datetime.fromtimestamp(struct.unpack("<i", extra[5:9])[0], UTC)
        extra = extra[4 + size :]
    try:
        return datetime(*info.date_time).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
