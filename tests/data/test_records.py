"""Records of long runs: each that ships states what it must, and nothing invented is read."""

import json
import math

import pytest

from ibcourse.data import record, records, write_record


@pytest.fixture
def own_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(records, "RECORDS", tmp_path)
    return tmp_path


def test_what_was_written_is_read(own_folder):
    path = write_record("run", [{"gap (nats)": 1e-9}], seconds=1.25, seeds=[1, 2], data="a made-up table")
    read = record("run")
    assert path.parent == own_folder
    assert read["results"] == [{"gap (nats)": 1e-9}]
    assert set(read) == {*records.STATED, "results"}
    assert read["seeds"] == [1, 2]


def test_the_command_names_no_folder_of_this_machine(own_folder, tmp_path, monkeypatch):
    monkeypatch.setattr(
        "sys.orig_argv", ["/bin/python3", "-m", "lab", "--checkpoints", str(tmp_path), "--record"]
    )
    write_record("run", {}, seconds=1, seeds=[], data="nothing")
    assert record("run")["command"] == "python -m lab --checkpoints FOLDER --record"


def test_an_unknown_record_lists_the_known(own_folder):
    write_record("run", {}, seconds=1, seeds=[], data="nothing")
    with pytest.raises(LookupError, match=r'the run "walk" is not recorded; recorded are: run\.$'):
        record("walk")


def test_a_number_that_json_lacks_is_refused_and_keeps_the_older_record(own_folder):
    write_record("run", {"value": 1}, seconds=1, seeds=[], data="nothing")
    with pytest.raises(ValueError, match="JSON"):
        write_record("run", {"value": math.nan}, seconds=1, seeds=[], data="nothing")
    assert record("run")["results"] == {"value": 1}


def test_records_that_ship_are_whole():
    for path in records.RECORDS.glob("*.json"):
        read = json.loads(path.read_text(encoding="utf8"))
        assert set(read) == {*records.STATED, "results"}, path
        assert read["results"], path
        assert read["seconds"] > 0, path
