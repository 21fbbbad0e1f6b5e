"""What students hand in: read with care, matched to the assignment, and its cells restored."""

import json
import os
import unicodedata

import nbformat
import pytest
from nbformat import v4

from ibcourse.grading.precheck import (
    MAX_CELLS,
    MAX_FILE,
    Unreadable,
    precheck,
    read_cells,
    read_folder,
    restore,
)
from ibcourse.grading.submission import Assignment, SourceCell, Submission


def cell(grade_id, source, kind="code", locked=False, grade=False, solution=False, points=0.0):
    return SourceCell(grade_id, kind, source, locked, grade, solution, False, points, f"sum of {grade_id}")


CELLS = (
    cell("title", "# Homework", "markdown", locked=True),
    cell("setup", "import numpy as np", locked=True),
    cell("f", "# YOUR CODE HERE", solution=True),
    cell("f-test", "assert f(1) == 2\n# hidden", locked=True, grade=True, points=2.0),
    cell("why", "YOUR ANSWER HERE", "markdown", grade=True, solution=True, points=1.0),
)
HOMEWORK = Assignment("hw", {"hw": CELLS}, {"data.csv": b"1,2"})


def handed_in(sources=None, own=()):
    """A student's notebook: the released cells with other sources, then cells of the student's own."""
    cells = []
    for original in CELLS:
        make = v4.new_code_cell if original.cell_type == "code" else v4.new_markdown_cell
        metadata = {"nbgrader": {"grade_id": original.grade_id, "points": 100, "locked": False}}
        source = (sources or {}).get(original.grade_id, original.source)
        cells.append(make(source, id=original.grade_id, metadata=metadata))
    return v4.new_notebook(cells=[*cells, *map(v4.new_code_cell, own)])


def data(notebook):
    return nbformat.writes(notebook).encode()


def check(files, assignment=HOMEWORK, **keywords):
    files = {path: each if isinstance(each, bytes) else data(each) for path, each in files.items()}
    return precheck(assignment, Submission("ada", files, **keywords))


def ids(notebook):
    return [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in notebook.cells]


def sources(notebook):
    return {cell.id: cell.source for cell in notebook.cells}


def test_a_plain_submission():
    checked = check(
        {"hw.ipynb": handed_in({"f": "f = lambda x: 2 * x", "why": "Because."}), "notes.txt": b"n"}
    )
    assert (checked.remarks, checked.flagged, checked.refused, checked.unreadable) == ((), False, {}, False)
    assert checked.files == {"notes.txt": b"n"}
    notebook = checked.notebooks["hw"]
    nbformat.validate(notebook)
    assert sources(notebook) == {
        "title": "# Homework",
        "setup": "import numpy as np",
        "f": "f = lambda x: 2 * x",
        "f-test": "assert f(1) == 2\n# hidden",
        "why": "Because.",
    }


def test_all_but_the_answers_comes_from_the_assignment():
    changed = {original.grade_id: "changed" for original in CELLS}
    notebook = handed_in(changed)
    notebook.metadata = {"kernelspec": {"name": "evil", "display_name": "evil"}, "widgets": {}}
    for each in notebook.cells:
        each.metadata.tags = ["raises-exception"]
        each.metadata.nbgrader |= {"solution": True, "checksum": "forged", "schema_version": 99}
        if each.cell_type == "code":
            each.outputs = [v4.new_output("stream", text="student's")]
            each.execution_count = 3
    restored = check({"hw.ipynb": notebook}).notebooks["hw"]
    assert restored.metadata.kernelspec.name == "python3"
    assert "widgets" not in restored.metadata
    for each, original in zip(restored.cells, CELLS, strict=True):
        assert each.source == ("changed" if original.solution else original.source)
        about = each.metadata.nbgrader
        assert about.get("points", 0) == original.points
        assert "points" in about or not original.grade
        assert about.checksum == original.checksum
        assert (about.locked, about.grade, about.solution) == (
            original.locked,
            original.grade,
            original.solution,
        )
        assert set(each.metadata) <= {"nbgrader", "deletable", "editable"}
        assert not each.get("outputs")
        assert each.get("execution_count") is None


def test_a_cell_whose_kind_was_changed():
    notebook = handed_in()
    notebook.cells[4] = v4.new_code_cell("print()", metadata=notebook.cells[4].metadata)
    notebook.cells[3] = v4.new_raw_cell("pass", metadata=notebook.cells[3].metadata)
    restored = check({"hw.ipynb": notebook}).notebooks["hw"]
    assert [each.cell_type for each in restored.cells] == [original.cell_type for original in CELLS]


def test_the_first_of_two_cells_counts():
    notebook = handed_in({"f": "first"})
    second = v4.new_code_cell("second", metadata=notebook.cells[2].metadata)
    forged = v4.new_code_cell("pass", metadata=notebook.cells[3].metadata)
    notebook.cells += [second, forged]
    checked = check({"hw.ipynb": notebook})
    assert ids(checked.notebooks["hw"]) == ["title", "setup", "f", "f-test", "why", None, None]
    assert sources(checked.notebooks["hw"])["f"] == "first"
    assert checked.flagged
    assert checked.remarks == (
        "`hw`: cells that stand more than once, of which the first counts: `f`, `f-test`.",
    )


def test_missing_cells_are_put_back_in_their_place():
    notebook = handed_in(own=["late = 1"])
    own = v4.new_code_cell("f = lambda x: 2 * x")  # the answer, in a cell of the student's own
    notebook.cells = [notebook.cells[1], own, notebook.cells[4]]
    checked = check({"hw.ipynb": notebook})
    assert ids(checked.notebooks["hw"]) == ["title", "setup", "f", None, "f-test", "why"]
    assert checked.flagged
    assert checked.remarks == (
        "`hw`: cells that were missing, and were put back as released: `f`, `f-test`.",
    )


def test_a_missing_heading_is_put_back_without_words():
    notebook = handed_in()
    del notebook.cells[0]
    checked = check({"hw.ipynb": notebook})
    assert ids(checked.notebooks["hw"]) == [original.grade_id for original in CELLS]
    assert (checked.remarks, checked.flagged) == ((), False)


def test_cells_that_the_student_moved_stay_moved():
    notebook = handed_in()
    notebook.cells = notebook.cells[::-1][:4]
    order = ids(check({"hw.ipynb": notebook}).notebooks["hw"])
    assert order == ["title", "why", "setup", "f-test", "f"]  # but what the course sets up comes before tests


def test_cells_are_known_by_their_ids_where_an_editor_dropped_metadata():
    notebook = handed_in({"f": "mine"})
    for each in notebook.cells:
        each.metadata = {}
    checked = check({"hw.ipynb": notebook})
    assert (sources(checked.notebooks["hw"])["f"], checked.remarks) == ("mine", ())


def test_pasted_pictures_are_for_a_person():
    notebook = handed_in({"why": "![](attachment:a.png)"})
    notebook.cells[4].attachments = {"a.png": {"image/png": "AAAA"}}
    checked = check({"hw.ipynb": notebook})
    assert "attachments" not in checked.notebooks["hw"].cells[4]
    assert checked.flagged
    assert "pictures" in checked.remarks[0]


@pytest.mark.parametrize(
    "name",
    ["hw (1).ipynb", "HW.IPYNB", "Übung.ipynb", unicodedata.normalize("NFD", "hẃ.ipynb"), "in/hw.ipynb"],
)
def test_a_renamed_notebook_is_taken(name):
    checked = check({name: handed_in({"f": "mine"})})
    assert sources(checked.notebooks["hw"])["f"] == "mine"
    assert (checked.flagged, checked.refused) == (False, {})
    assert checked.remarks == (f"`{name}` was taken for `hw.ipynb`.",)


def test_of_two_renamed_notebooks_none_is_guessed():
    checked = check({"hw-1.ipynb": handed_in({"f": "1"}), "hw-2.ipynb": handed_in({"f": "2"})})
    assert sources(checked.notebooks["hw"])["f"] == "# YOUR CODE HERE"
    assert checked.flagged
    assert "no `hw.ipynb`" in checked.refused["hw"]
    assert not checked.unreadable
    assert any("`hw-1.ipynb` was not graded" in remark for remark in checked.remarks)


def test_the_right_name_wins():
    checked = check({"hw.ipynb": handed_in({"f": "right"}), "hw (1).ipynb": handed_in({"f": "copy"})})
    assert sources(checked.notebooks["hw"])["f"] == "right"
    assert not checked.flagged


def test_another_homework_under_the_right_name():
    other = v4.new_notebook(cells=[v4.new_code_cell("1")])
    checked = check({"hw.ipynb": other})
    assert checked.flagged
    assert "none of the cells" in checked.refused["hw"]
    checked = check({"hw.ipynb": other, "final.ipynb": handed_in({"f": "mine"})})
    assert sources(checked.notebooks["hw"])["f"] == "mine"


def test_an_assignment_of_two_notebooks():
    second = tuple(cell(f"b-{original.grade_id}", original.source, original.cell_type) for original in CELLS)
    both = Assignment("hw", {"a": CELLS, "b": second})
    checked = check({"a.ipynb": handed_in()}, both)
    assert list(checked.notebooks) == ["a", "b"]
    assert list(checked.refused) == ["b"]
    assert ids(checked.notebooks["b"]) == [each.grade_id for each in second]


def test_nothing_handed_in():
    checked = check({})
    assert checked.refused == {"hw": "You handed in no `hw.ipynb`."}
    assert (checked.flagged, checked.unreadable) == (True, False)
    assert ids(checked.notebooks["hw"]) == [original.grade_id for original in CELLS]


def nested(depth):
    return json.dumps(handed_in())[:-1].encode() + b', "deep": ' + b"[" * depth + b"]" * depth + b"}"


BROKEN = {
    "no JSON": b'{"cells": [',
    "empty": b"",
    "not a notebook": b"[1, 2]",
    "no version": b'{"cells": []}',
    "no cells": b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}}',
    "cells are no list": b'{"nbformat": 4, "cells": {"a": 1}}',
    "a cell is no object": b'{"nbformat": 4, "cells": [7]}',
    "a source is a number": b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": 7}]}',
    "a source is nested": b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": [["a"]]}]}',
    "the format of tomorrow": b'{"nbformat": 5, "cells": []}',
    "an old format that is none": b'{"nbformat": 3, "cells": []}',
    "a version before all": b'{"nbformat": -1, "cells": []}',
    "deep": nested(60),
    "deeper": nested(200_000),
    "a number of many digits": b'{"nbformat": ' + b"9" * 10_000 + b"}",
    "many lists": b"[" + b"[]," * 1_000_001 + b"[]]",
    "too many cells": json.dumps({"nbformat": 4, "cells": [{"source": ""}] * (MAX_CELLS + 1)}).encode(),
    "a book": json.dumps({"nbformat": 4, "cells": [{"source": "a" * 2_200_000}]}).encode(),
    "huge": b" " * (MAX_FILE + 1),
    "binary": bytes(range(256)) * 4,
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_notebook(content):
    with pytest.raises(Unreadable) as error:
        read_cells(content)
    checked = check({"hw.ipynb": content})
    assert (checked.flagged, checked.unreadable) == (True, True)
    assert checked.refused["hw"] == f"`hw.ipynb` could not be read: it {error.value}."
    assert ids(checked.notebooks["hw"]) == [original.grade_id for original in CELLS]


def test_a_broken_notebook_beside_a_good_one():
    checked = check({"hw.ipynb": b"{", "copy.ipynb": handed_in({"f": "mine"})})
    assert sources(checked.notebooks["hw"])["f"] == "mine"
    assert (checked.flagged, checked.unreadable) == (True, False)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp1252"])
def test_encodings(encoding):
    text = json.dumps(handed_in({"f": "# für"}), ensure_ascii=False)
    restored = check({"hw.ipynb": text.encode(encoding)}).notebooks["hw"]
    assert sources(restored)["f"] == "# für"


def test_half_a_surrogate_and_not_a_number_do_no_harm():
    notebook = handed_in({"f": "x = '@'"}, own=["y"])
    notebook.metadata["x"] = float("nan")
    text = json.dumps(notebook).replace("@", "\\ud800")
    assert "NaN" in text
    restored = check({"hw.ipynb": text.encode()}).notebooks["hw"]
    assert sources(restored)["f"] == "x = '?'"
    data(restored).decode()


def test_minor_versions_and_sources_in_lines():
    for minor in range(6):
        notebook = json.loads(data(handed_in({"f": "a = 1\nb = 2"}))) | {"nbformat_minor": minor}
        for each in notebook["cells"]:
            assert isinstance(each["source"], list)
            if minor < 5:
                del each["id"]
        restored = check({"hw.ipynb": json.dumps(notebook).encode()}).notebooks["hw"]
        assert sources(restored)["f"] == "a = 1\nb = 2"


def test_an_old_notebook_is_upgraded():
    old = nbformat.convert(handed_in({"f": "mine"}), 3)
    restored = check({"hw.ipynb": json.dumps(old).encode()}).notebooks["hw"]
    assert sources(restored)["f"] == "mine"
    assert ids(restored) == [original.grade_id for original in CELLS]


PATHS = [
    "../up",
    "/etc/passwd",
    "a/../../b",
    "C:\\x",
    "a\\b",
    "",
    "a//b",
    "./a",
    "a\0b",
    "a\nb",
    "x" * 300,
    "con:",
]


@pytest.mark.parametrize("path", PATHS)
def test_paths_that_lead_elsewhere(path):
    checked = check({"hw.ipynb": handed_in(), path: b"x"})
    assert checked.files == {}
    assert checked.flagged
    assert "left out" in checked.remarks[0]
    assert "\n" not in checked.remarks[0]


def test_other_files():
    files = {
        "hw.ipynb": handed_in(),
        "data.csv": b"forged",  # the assignment's
        "data.csv/x": b"",  # a folder in its place
        "own": b"1",
        "own/a.csv": b"2",
        "timestamp.txt": b"2026-01-01",
        ".ipynb_checkpoints/hw-checkpoint.ipynb": b"{",
        "__MACOSX/._hw.ipynb": b"{",
        "table.npy": b"3",
    }
    checked = check(files)
    assert checked.files == {"own/a.csv": b"2", "table.npy": b"3"}
    assert (checked.remarks, checked.flagged) == ((), False)


def test_remarks_of_the_folder_are_kept_and_flagged():
    checked = check({"hw.ipynb": handed_in()}, remarks=("a link",))
    assert (checked.remarks, checked.flagged) == (("a link",), True)


def test_names_in_remarks_are_harmless():
    name = "`<img src=x onerror=alert(1)>`\n# big.ipynb"
    checked = check({name.replace("<", "").replace(">", ""): handed_in()})
    assert all(remark.count("`") % 2 == 0 and "\n" not in remark for remark in checked.remarks)


def test_ids_of_cells_are_valid_whatever_the_course_calls_them():
    notebook, _ = restore((), (cell("größe β " + "x" * 90, "1"),), "hw")
    nbformat.validate(notebook)


def test_a_folder_is_read_without_links(tmp_path):
    secret = tmp_path / "gradebook.db"
    secret.write_text("marks")
    folder = tmp_path / "ada"
    (folder / "deep").mkdir(parents=True)
    (folder / "hw.ipynb").write_text("{}")
    (folder / "deep" / "a.csv").write_text("1")
    (folder / "timestamp.txt").write_text("now")
    (folder / "leak.db").symlink_to(secret)
    (folder / "up").symlink_to(tmp_path, target_is_directory=True)
    (folder / "hole").symlink_to("nothing")
    os.mkfifo(folder / "pipe")
    submission = read_folder(folder, "ada")
    assert submission.files == {"hw.ipynb": b"{}", "deep/a.csv": b"1"}
    assert sorted(remark.split("`")[1] for remark in submission.remarks) == ["hole", "leak.db", "pipe", "up"]


def test_a_folder_that_is_a_link_itself(tmp_path):
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "a").write_text("1")
    (tmp_path / "ada").symlink_to(tmp_path / "secret")
    submission = read_folder(tmp_path / "ada", "ada")
    assert submission.files == {}
    assert "link" in submission.remarks[0]


def test_huge_files_and_many_files(tmp_path):
    with open(tmp_path / "huge.csv", "wb") as file:
        file.truncate(MAX_FILE + 1)
    (tmp_path / "hw.ipynb").write_text("{}")
    submission = read_folder(tmp_path, "ada")
    assert set(submission.files) == {"hw.ipynb"}
    assert "`huge.csv`" in submission.remarks[0]
    assert "20 MiB" in submission.remarks[0]
    for number in range(300):
        (tmp_path / f"{number}.txt").write_text("")
    submission = read_folder(tmp_path, "ada")
    assert len(submission.files) == 200
    assert "hw.ipynb" in submission.files
