"""The labs' command line: what does not fit together is refused before anything is trained."""

import json
import os

import pytest

from ibcourse.data import records
from ibcourse.data.command import Stated, lab_parser, run_lab


def trained(size="cpu", seeds=(0,), epochs=3):
    if epochs > 100:
        raise ValueError("epochs is 101; expected fewer.")
    return {"size": size, "epochs": epochs, "runs": [{"seed": seed, "seconds": 1 / 3} for seed in seeds]}


def stated(experiment, results):
    return Stated(f"{experiment}-digits", "digits", 1.5, [run["seed"] for run in results["runs"]])


def run(*arguments):
    parser = lab_parser("lab", "Train.", ["train"], ["tiny", "cpu", "full"])
    parser.add_argument("--data")
    run_lab(parser, {"train": trained}, stated, [*arguments])


def test_results_are_printed_as_json(capsys):
    run("train", "--seeds", "3", "5")
    results = json.loads(capsys.readouterr().out)
    assert results["epochs"] == 3
    assert results["runs"] == [{"seed": 3, "seconds": 0.333333}, {"seed": 5, "seconds": 0.333333}]


def test_a_record_states_what_it_must(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(records, "RECORDS", tmp_path)
    run("train", "--size", "full", "--seeds", "3", "--record")
    recorded = json.loads((tmp_path / "train-digits.json").read_text(encoding="utf8"))
    assert recorded["seeds"] == [3]
    assert recorded["seconds"] == 1.5
    assert recorded["data"].startswith("digits; ")
    assert recorded["results"]["size"] == "full"
    assert capsys.readouterr().out.strip() == str(tmp_path / "train-digits.json")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run"], "invalid choice: 'run'"),
        (["train", "--epochs", "0"], "'0' is not a whole number from 1 on"),
        (["train", "--epochs", "1.5"], "'1.5' is not a whole number from 1 on"),
        (["train", "--seeds=-1"], "'-1' is not a whole number from 0 on"),
        (["train", "--data", "digits"], "train takes no --data"),
        (["train", "--record"], "--record is for --size full"),
        (["train", "--size", "tiny", "--record"], "--record is for --size full"),
    ],
)
def test_what_does_not_fit_together_is_refused(arguments, words, capsys):
    with pytest.raises(SystemExit):
        run(*arguments)
    assert words in capsys.readouterr().err


def test_what_the_experiment_refuses_is_said_without_a_traceback():
    with pytest.raises(SystemExit, match=r"^lab: epochs is 101; expected fewer\.$"):
        run("train", "--epochs", "101")


def test_a_record_that_cannot_be_written_is_refused_before_training(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(records, "RECORDS", tmp_path)
    monkeypatch.setattr(os, "access", lambda path, mode: path != tmp_path)
    with pytest.raises(SystemExit):
        run("train", "--size", "full", "--epochs", "101", "--record")
    assert f"no record can be written into {tmp_path}" in capsys.readouterr().err
