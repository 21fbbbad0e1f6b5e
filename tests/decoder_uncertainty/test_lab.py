"""The lab's experiment on tiny shapes: what it returns, that it resumes, its command line and its record."""

import json

import numpy as np
import pytest

from ibcourse.data import records
from ibcourse.decoder_uncertainty import lab
from ibcourse.decoder_uncertainty.objectives import OBJECTIVES

QUANTITIES = ("uncertainty", "decoder_cross_entropy", "prediction_cross_entropy")


@pytest.fixture(scope="module")
def tiny():
    return lab.three_losses("tiny", device="cpu", progress=False)


@pytest.mark.source("S1.Exp7.1", "S1.Fig3")
def test_three_losses_are_trained_and_three_are_measured(tiny):
    assert list(tiny["losses"]) == list(OBJECTIVES)
    for name, result in tiny["losses"].items():
        for key in (*QUANTITIES, "error", "loss"):
            low, middle, high = (np.array(result[key][q]) for q in ("lower", "median", "upper"))
            assert low.shape == (2,)
            assert (low <= middle).all()
            assert (middle <= high).all()
            assert np.median(result["final"][key]) == pytest.approx(middle[-1], abs=1e-5)
        final = {key: np.array(values) for key, values in result["final"].items()}
        assert final["test_error"].shape == (2,)
        # The decoder cross-entropy is the largest of the three, whatever was trained.
        assert (final["decoder_cross_entropy"] >= final["uncertainty"] - 1e-6).all()
        assert (final["decoder_cross_entropy"] >= final["prediction_cross_entropy"] - 1e-6).all()
        assert len(set(final[name])) == 2, "the trials are not the same"


@pytest.mark.source("S1.5.4c")
def test_the_decoder_is_set_where_the_uncertainty_is_trained(tiny):
    gaps = {
        name: np.subtract(result["final"]["decoder_cross_entropy"], result["final"]["uncertainty"])
        for name, result in tiny["losses"].items()
    }
    np.testing.assert_allclose(gaps["uncertainty"], 0, atol=2e-6)
    assert (gaps["decoder_cross_entropy"] > 1e-4).all()


def test_the_schedule_is_that_of_the_docstring():
    factors = [lab._schedule(epoch, epochs=40) for epoch in range(40)]
    assert factors[:20] == [1.0] * 20
    np.testing.assert_allclose(factors[20:40:4], 0.8 ** np.arange(1, 6))
    assert lab._schedule(0, epochs=1) == 1.0


def test_a_run_that_is_there_is_not_trained_again(tiny, tmp_path, monkeypatch):
    options = {"device": "cpu", "checkpoints": tmp_path, "progress": False}
    first = lab.three_losses("tiny", **options)
    assert first["losses"]["uncertainty"]["loss"] == tiny["losses"]["uncertainty"]["loss"]
    assert sorted(file.name for file in tmp_path.iterdir()) == sorted(f"digits-{n}.pt" for n in OBJECTIVES)

    def refuse(*arguments):
        raise AssertionError("trained again")

    monkeypatch.setattr("ibcourse.nets.loop._epoch", refuse)
    assert (
        lab.three_losses("tiny", **options)["losses"]["uncertainty"]["final"]
        == (first["losses"]["uncertainty"]["final"])
    )


def test_the_convolutional_net_runs_on_images_of_noise():
    result = lab.three_losses("tiny", "cifar10", device="cpu", progress=False)
    assert result["setup"]["images"] == "random numbers"
    for loss in result["losses"].values():
        assert np.isfinite(loss["final"]["prediction_cross_entropy"]).all()


def test_the_command_line_records(tmp_path, monkeypatch):
    monkeypatch.setattr(records, "RECORDS", tmp_path)
    monkeypatch.setitem(lab.SETUPS, ("digits", "full"), lab.SETUPS["digits", "tiny"])
    lab.main(
        ["three-losses", "--size", "full", "--seeds", "3", "--epochs", "1", "--device", "cpu", "--record"]
    )
    record = json.loads((tmp_path / "decoder-uncertainty-digits.json").read_text(encoding="utf8"))
    assert record["seeds"] == [3]
    assert record["seconds"] > 0
    assert record["results"]["setup"]["epochs"] == 1
    assert record["data"].startswith("digits; ")


def test_an_unknown_size_is_refused():
    with pytest.raises(ValueError, match="no size full of digits; expected one of: digits cpu, digits tiny"):
        lab.three_losses("full")
