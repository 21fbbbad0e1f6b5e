"""Files of data sets: from a folder that the reader names, from the cache, or from the network, checked.

A file is taken only if its checksum is right.  It is looked for in

1. the folder ``$IBCOURSE_DATA/DATASET``, if the environment variable is set and the file is there;
2. the user's cache, ``pooch.os_cache("ibcourse") / DATASET``;
3. each mirror in turn.  What comes is written beside its place in the cache and moved there only once it
   proved right, so that neither a failure nor a second process leaves half a file.
"""

import hashlib
import os
import shutil
import time
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

#: Seconds to wait for a connection, and for the next bytes.
TIMEOUT = (10.0, 30.0)
DAY = 86400.0  # no download takes that long
_TEMPORARY = ".download-"


class DataError(Exception):
    """A data set cannot be had: which one, what was tried, what was wrong and what to do."""


class Source(NamedTuple):
    """The files of a data set on the network.

    Attributes
    ----------
    name : str
        The data set, and its folder in the cache.
    mirrors : tuple of str
        Addresses that a file's name completes, tried in this order.
    checksums : dict of str
        ``"sha256:..."`` or ``"md5:..."`` for each file.
    most : int
        Bytes that no file exceeds.
    """

    name: str
    mirrors: tuple[str, ...]
    checksums: dict[str, str]
    most: int


def fetch(source: Source, name: str) -> Path:
    """Return the path of a file whose checksum is right, downloaded if need be.

    Parameters
    ----------
    source : Source
        The data set.
    name : str
        One of its files.

    Returns
    -------
    pathlib.Path
        The file, in the folder that ``IBCOURSE_DATA`` names or in the cache.

    Raises
    ------
    DataError
        If the named folder is missing or its file is another, or if no mirror gave the right file.
    """
    own = own_folder(source.name)
    if own is not None and (own / name).exists():
        if wrong := _wrong(own / name, source.checksums[name]):
            raise DataError(
                f"{source.name}: {own / name} {wrong}. Replace it by the original, or unset IBCOURSE_DATA."
            )
        return own / name

    try:
        import pooch
    except ModuleNotFoundError as error:
        raise DataError(
            f'{source.name} is downloaded with pooch, which is not installed: pip install "ibcourse[labs]". '
            "Or set IBCOURSE_DATA to a folder that has the files."
        ) from error

    folder = Path(pooch.os_cache("ibcourse")) / source.name
    path, tried = folder / name, []
    if path.exists():
        if not (wrong := _wrong(path, source.checksums[name])):
            return path
        tried.append(f"{path} {wrong}")
    for mirror in source.mirrors:
        try:
            _download(mirror + name, path, source.checksums[name], source.most)
            return path
        except _Refused as error:
            tried.append(f"{mirror + name} {error}")
        except OSError as error:
            raise DataError(
                f"{source.name}: {name} cannot be written into {folder}: {error}. Make room there, or "
                "set IBCOURSE_DATA to a folder that has the files."
            ) from error
    raise DataError(
        f"{source.name} needs the file {name}, and no right one was found:\n"
        + "".join(f"- {line}\n" for line in tried)
        + f"Check the network and try again. Or put the file into {folder} yourself, "
        f"or into FOLDER/{source.name} and set the environment variable IBCOURSE_DATA to FOLDER."
    )


def own_folder(name: str) -> Path | None:
    """Return the data set's folder within the one that ``IBCOURSE_DATA`` names; None if it names none."""
    if not (own := os.environ.get("IBCOURSE_DATA")):
        return None
    if not Path(own).is_dir():
        raise DataError(
            f"IBCOURSE_DATA is {own}, which is no folder. Set it to one that has {name}, or unset it."
        )
    return Path(own) / name


class _Refused(Exception):
    """What a mirror sent cannot be used."""


def _download(url: str, path: Path, checksum: str, most: int) -> None:
    """Put the right file at the path, or raise `_Refused`, or OSError if the disk does not take it."""
    import requests
    from pooch import HTTPDownloader
    from tqdm import tqdm

    class Bar(tqdm):
        """A progress bar that stops what grows beyond the size of any file of the data set."""

        def __bool__(self) -> bool:
            return True  # tqdm says False where the size is not known

        def update(self, n: float | None = 1) -> bool | None:
            if max(self.n, self.total or 0) > most:
                raise _Refused(f"is larger than {most} bytes")
            return super().update(n)

    path.parent.mkdir(parents=True, exist_ok=True)
    _sweep(path.parent)
    with (
        TemporaryDirectory(prefix=_TEMPORARY, dir=path.parent) as folder,
        Bar(desc=path.name, unit="B", unit_scale=True, delay=1, leave=False) as bar,
    ):
        arrived = Path(folder) / path.name
        get: Any = HTTPDownloader(
            progressbar=bar, chunk_size=2**16, timeout=TIMEOUT, headers={"Accept-Encoding": "identity"}
        )
        try:
            get(url, str(arrived), None)
        except (requests.RequestException, ValueError) as error:
            raise _Refused(f"cannot be read: {_innermost(error)}") from error
        if wrong := _wrong(arrived, checksum):
            raise _Refused(wrong)
        os.replace(arrived, path)


def _innermost(error: BaseException) -> BaseException:
    """Return the first cause, which the network's libraries wrap three times."""
    inner = [cause for cause in (getattr(error, "reason", None), *error.args) if isinstance(cause, Exception)]
    return _innermost(inner[0]) if inner else error


def _sweep(folder: Path) -> None:
    """Remove what a process that was killed left there more than a day ago."""
    for left in folder.glob(f"{_TEMPORARY}*"):
        with suppress(FileNotFoundError):
            if time.time() - left.stat().st_mtime > DAY:
                shutil.rmtree(left, ignore_errors=True)


def _wrong(path: Path, checksum: str) -> str:
    """Return what is wrong with a file, in words that follow its name; "" if nothing is."""
    algorithm, _, expected = checksum.partition(":")
    try:
        with path.open("rb") as file:
            start = file.read(512).lstrip().lower()
            file.seek(0)
            found = hashlib.file_digest(file, algorithm).hexdigest()
    except OSError as error:
        return f"cannot be read: {error}"
    if found == expected:
        return ""
    if not start:
        return "is empty"
    if start.startswith((b"<!doctype html", b"<html")):
        return "is a web page, such as that on which a network asks you to sign in"
    return f"is not the original, or only a part of it: its {algorithm} is {found}, not {expected}"
