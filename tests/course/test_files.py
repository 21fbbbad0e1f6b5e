"""Notebooks on the student's disk: no work is lost, nothing is half written."""

import json
import os

import nbformat
import pytest

from ibcourse.course import CourseError, files
from ibcourse.course.files import Outcome, put

INVALID = b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{}]}'


def book(*sources: str) -> nbformat.NotebookNode:
    cells = [nbformat.v4.new_code_cell(source, id=f"c{i}") for i, source in enumerate(sources)]
    return nbformat.v4.new_notebook(cells=cells)


def change(path, **fields) -> str:
    """Change the first cell as a student does in JupyterLab; the text of the file afterwards."""
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[0].update(fields)
    nbformat.write(notebook, path)
    return path.read_text()


def names(folder) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def path(tmp_path):
    return tmp_path / "lab.ipynb"


def test_new(tmp_path):
    path = tmp_path / "deep" / "lab.ipynb"
    assert put(book("x = 1"), path) == (path, path, Outcome.NEW)
    assert nbformat.read(path, as_version=4).cells[0].source == "x = 1"
    assert names(path.parent) == ["lab.ipynb"]


def test_identical_is_left_with_its_outputs(path):
    put(book("x = 1"), path)
    text = change(path, execution_count=1, outputs=[nbformat.v4.new_output("stream", text="hours of work")])
    assert put(book("x = 1"), path) == (path, path, Outcome.LEFT)
    assert path.read_text() == text


def test_edited_is_kept_and_the_new_copy_is_beside_it_once(path, tmp_path):
    put(book("x = 1"), path)
    text = change(path, source="x = 'my work'")
    beside = tmp_path / "lab-new.ipynb"
    for _ in range(2):
        assert put(book("x = 1"), path) == (path, beside, Outcome.BESIDE)
    assert path.read_text() == text
    assert nbformat.read(beside, as_version=4).cells[0].source == "x = 1"
    assert names(tmp_path) == ["lab-new.ipynb", "lab.ipynb"]


def test_edited_copies_beside_are_kept_too(path, tmp_path):
    kept = {}
    for name in ("lab.ipynb", "lab-new.ipynb", "lab-new2.ipynb"):
        put(book("x = 1"), path)
        kept[name] = change(tmp_path / name, source=f"mine in {name}")
    assert put(book("x = 1"), path).fresh.name == "lab-new3.ipynb"
    assert {name: (tmp_path / name).read_text() for name in kept} == kept


def test_untouched_older_copy_is_replaced(path, tmp_path):
    put(book("x = 1"), path)
    change(path, metadata={"scrolled": True})  # JupyterLab saved it; nothing was done
    assert put(book("x = 2"), path) == (path, path, Outcome.UPDATED)
    assert nbformat.read(path, as_version=4).cells[0].source == "x = 2"
    assert names(tmp_path) == ["lab.ipynb"]


@pytest.mark.parametrize("work", [{"source": "mine"}, {"execution_count": 3},
                                  {"outputs": [nbformat.v4.new_output("stream", text="1")]}])  # fmt: skip
def test_older_copy_with_work_is_kept(path, work):
    put(book("x = 1"), path)
    text = change(path, **work)
    assert put(book("x = 2"), path).outcome is Outcome.BESIDE
    assert path.read_text() == text


def test_older_copy_with_a_pasted_picture_is_kept(path):
    def words(text: str) -> nbformat.NotebookNode:
        return nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(text, id="c0")])

    put(words("one"), path)
    change(path, attachments={})  # JupyterLab saved it; nothing was done
    assert put(words("two"), path).outcome is Outcome.UPDATED
    text = change(path, attachments={"a.png": {"image/png": "AA=="}})
    assert put(words("three"), path).outcome is Outcome.BESIDE
    assert path.read_text() == text


def test_older_copy_from_before_fingerprints_is_kept(path):
    nbformat.write(book("x = 1"), path)
    text = path.read_text()
    assert put(book("x = 2"), path).outcome is Outcome.BESIDE
    assert path.read_text() == text


@pytest.mark.parametrize(
    "content", [b"", b"notes", b"{}", b'{"cells": 1}', b"[1]", b"\xff\xfe", b'{"nbformat": 3}', INVALID]
)
def test_what_is_no_notebook_is_kept(path, content):
    path.write_bytes(content)
    assert put(book("x = 1"), path).fresh.name == "lab-new.ipynb"
    assert path.read_bytes() == content


def test_a_link_stays_a_link(path, tmp_path):
    elsewhere = tmp_path / "backup" / "lab.ipynb"
    put(book("x = 1"), elsewhere)
    path.symlink_to(elsewhere)
    assert put(book("x = 2"), path) == (path, path, Outcome.UPDATED)
    assert path.is_symlink()
    assert nbformat.read(elsewhere, as_version=4).cells[0].source == "x = 2"
    assert names(elsewhere.parent) == ["lab.ipynb"]


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: path.mkdir(), "is a folder"),
        (lambda path: path.symlink_to("gone"), "is a link to nothing"),
        (lambda path: path.symlink_to(path), "is a link to nothing"),
        (os.mkfifo, "is not a file"),
    ],
)
def test_what_is_no_file_is_an_error_and_kept(path, tmp_path, make, words):
    make(path)
    with pytest.raises(
        CourseError, match=rf"lab.ipynb {words}\. Rename it, or choose another place with --to"
    ):
        put(book("x = 1"), path)
    assert names(tmp_path) == ["lab.ipynb"]


@pytest.mark.parametrize("folder", ["file", "file/deeper"])
def test_a_file_in_place_of_the_folder_is_an_error(tmp_path, folder):
    (tmp_path / "file").write_text("")
    with pytest.raises(CourseError, match=r"is not a folder.*--to"):
        put(book("x = 1"), tmp_path / folder / "lab.ipynb")


@pytest.mark.parametrize("place", ["", "deeper"])
def test_a_folder_that_may_not_be_written_is_an_error(tmp_path, monkeypatch, place):
    def refuse(*arguments, **options):
        raise PermissionError(13, "Permission denied", str(tmp_path / ".secret.tmp"))

    monkeypatch.setattr("pathlib.Path.mkdir" if place else "os.replace", refuse)
    with pytest.raises(CourseError, match=rf"^you may not write into {tmp_path / place}\..*--to"):
        put(book("x = 1"), tmp_path / place / "lab.ipynb")


def test_cells_without_ids_are_read_in_silence(path, recwarn):
    notebook = book("x = 1")
    del notebook.cells[0]["id"]
    path.write_text(json.dumps(notebook))
    assert put(book("x = 1"), path).outcome is Outcome.LEFT
    assert not recwarn


def test_a_write_that_is_stopped_leaves_the_old_file_whole(path, tmp_path, monkeypatch):
    put(book("x = 1"), path)
    text = path.read_text()

    def stop(*arguments):
        raise KeyboardInterrupt

    for name in ("replace", "fsync"):
        with monkeypatch.context() as patch:
            patch.setattr(os, name, stop)
            with pytest.raises(KeyboardInterrupt):
                put(book("x = 2"), path)
        assert path.read_text() == text
        assert names(tmp_path) == ["lab.ipynb"]


def test_a_process_killed_before_the_move_leaves_the_old_file_whole(path, tmp_path):
    """Killed outright, nothing tidies up: the rest of the file is hidden and does not stand in the way."""
    put(book("x = 1"), path)
    text = path.read_text()
    child = os.fork()
    if child == 0:
        files.os.replace = lambda *arguments: os._exit(9)
        put(book("x = 2"), path)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    assert path.read_text() == text
    (left,) = tmp_path.glob(".lab.ipynb.*.tmp")
    (tmp_path / ".other.1.tmp").write_text("")
    assert put(book("x = 2"), path).outcome is Outcome.UPDATED
    assert left.exists(), "it may be another process that writes just now"
    os.utime(left, (0, 0))
    assert put(book("x = 3"), path).outcome is Outcome.UPDATED
    assert names(tmp_path) == [".other.1.tmp", "lab.ipynb"]


def test_files_are_as_readable_as_any_other(path, tmp_path):
    put(book("x = 1"), path)
    (tmp_path / "other").write_text("")
    assert path.stat().st_mode == (tmp_path / "other").stat().st_mode
