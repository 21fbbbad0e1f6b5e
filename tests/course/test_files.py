"""Notebooks on the student's disk: no work is lost, nothing is half written."""

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


def test_a_link_to_nowhere_is_kept(path, tmp_path):
    path.symlink_to(tmp_path / "gone")
    assert put(book("x = 1"), path).fresh.name == "lab-new.ipynb"
    assert path.is_symlink()


def test_a_folder_is_an_error(path):
    path.mkdir()
    with pytest.raises(CourseError, match="is a folder"):
        put(book("x = 1"), path)


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
    assert put(book("x = 2"), path).outcome is Outcome.UPDATED


def test_files_are_as_readable_as_any_other(path, tmp_path):
    put(book("x = 1"), path)
    (tmp_path / "other").write_text("")
    assert path.stat().st_mode == (tmp_path / "other").stat().st_mode
