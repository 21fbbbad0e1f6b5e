"""The lab's experiments at their smallest size, and its command."""

import json
import math

import pytest
import torch

from ibcourse.data import records
from ibcourse.differential_entropy import ZERO_ENTROPY_SCALE, lab, log_variance
from ibcourse.nets import Bottleneck, FixedNoiseHead, Tensors, dense


@pytest.fixture(scope="module")
def rescaled():
    return lab.rescaling("tiny", "cpu", progress=False)


@pytest.fixture(scope="module")
def plane():
    return lab.information_plane("tiny", device="cpu", progress=False)


# ------------------------------------------------------------------------------------------------- rescaling


@pytest.mark.source("S1.Exp7.2", "S1.Fig4")
def test_without_noise_rescaling_costs_nothing(rescaled):
    quiet, noisy = rescaled["runs"]
    assert (quiet["noise_scale"], noisy["noise_scale"]) == (0.0, ZERO_ENTROPY_SCALE)
    assert quiet["error"] == quiet["error_before"]
    first, second = quiet["entropy_bound_nats"]
    assert first - second == pytest.approx(rescaled["k"] * math.log(2), abs=1e-4)
    assert quiet["scale"] == [1.0, 0.5]
    assert all(h > -0.1 for h in noisy["h_z_nats"])  # the entropy of the noise, within the error


@pytest.mark.source("S1.Fig4")
def test_without_training_nothing_changes_until_single_precision_gives_out(rescaled):
    (sweep,) = rescaled["untrained"]
    scales, errors = sweep["scale"], sweep["error"]
    assert scales[-1] == 2.0**-149
    unchanged = [scale for scale, error in zip(scales, errors, strict=True) if error == errors[0]]
    assert unchanged == scales[: len(unchanged)]
    assert 1e-42 < unchanged[-1] < 1e-30  # then 1/c exceeds the largest number
    assert errors[-1] == 1.0
    step = sweep["entropy_bound_nats"][0] - sweep["entropy_bound_nats"][1]
    assert step == pytest.approx(rescaled["k"] * math.log(2))
    assert min(sweep["entropy_bound_with_noise_nats"]) >= 0


def test_shrinking_gives_the_scale_that_it_names():
    torch.manual_seed(0)
    model = Bottleneck(dense(6, 5, 3), FixedNoiseHead(3, 0.0), dense(3, 10))
    x, y = torch.rand(50, 6), torch.arange(50) % 10
    data = Tensors(x, y, x, y)
    found = lab._shrink(model, 3, data, lab.RESCALING["tiny"])
    z = model.encoder(x).detach()
    torch.testing.assert_close(z.std(dim=0), torch.full((3,), 0.125))
    torch.testing.assert_close(z.mean(dim=0), torch.zeros(3), atol=1e-6, rtol=0)
    assert found["entropy_bound_nats"] == pytest.approx(log_variance(z).item())


# ------------------------------------------------------------------------------------------ information plane


@pytest.mark.source("S1.Exp7.3", "S1.Fig5")
def test_the_plane_keeps_the_identities(plane):
    assert [run["regulariser"] for run in plane["runs"][::2]] == list(lab.OBJECTIVES)
    for run in plane["runs"]:
        assert run["epoch"] == [0, 1, 2]
        for i in range(3):
            i_xz, i_yz, redundant = (run[f"{q}_nats"][i] for q in ("i_xz", "i_yz", "i_xz_given_y"))
            assert i_xz == pytest.approx(i_yz + redundant, abs=1e-9)
            assert i_xz <= plane["ceiling_nats"]
            assert run["h_z_nats"][i] == pytest.approx(i_xz, abs=1e-9)  # H(Z|X) = 0
            assert i_yz == pytest.approx(plane["h_y_nats"] - run["h_y_given_z_nats"][i], abs=1e-9)
            # the decoder's cross-entropy is at least H(Y|Z), up to the errors of both
            slack = 4 * run["h_y_given_z_error_nats"][i] + 0.1
            assert run["cross_entropy_nats"][i] >= run["h_y_given_z_nats"][i] - slack
            assert 0 <= run["error"][i] <= 1


def test_a_stopped_plane_goes_on_from_its_checkpoints(plane, tmp_path):
    setting = lab.PLANE["tiny", "digits"]
    once = lab.information_plane("tiny", device="cpu", checkpoints=tmp_path, progress=False)
    files = {file.name: file.stat().st_mtime_ns for file in tmp_path.iterdir()}
    assert len(files) == 3 * len(setting.gammas)
    again = lab.information_plane("tiny", device="cpu", checkpoints=tmp_path, progress=False)
    assert {file.name: file.stat().st_mtime_ns for file in tmp_path.iterdir()} == files  # nothing was trained
    for a, b, c in zip(once["runs"], again["runs"], plane["runs"], strict=True):
        for name in set(a) - {"seconds"}:
            assert a[name] == b[name] == c[name]


def test_measured_epochs():
    assert lab._measured_epochs(30) == [1, 2, 3, 5, 8, 13, 21, 30]
    assert lab._measured_epochs(2) == [1, 2]
    assert lab._measured_epochs(1) == [1]


# --------------------------------------------------------------------------------------------- the full size


@pytest.mark.parametrize("setting", [*lab.RESCALING.values(), *lab.PLANE.values()])
def test_the_networks_fit_their_data(setting):
    shapes = {"digits": (1, 8, 8), "mnist": (1, 28, 28), "cifar10": (3, 32, 32)}
    device = torch.device("cpu")
    model = lab._model(setting, ZERO_ENTROPY_SCALE, 0, device).eval()
    x = torch.rand(4, *shapes[setting.data])
    output = model(x, model.draw(4, torch.Generator().manual_seed(0)))
    assert output.z.shape == (4, setting.k)
    assert output.logits.shape == (4, 10)
    assert lab._outputs(model.encoder[:-1], x).shape[0] == 4


def test_an_answer_that_is_no_number_is_an_error():
    model = Bottleneck(dense(2, 2), FixedNoiseHead(2, 0.0), dense(2, 10))
    with torch.no_grad():
        model.decoder[-1].weight.fill_(float("inf"))
    assert lab._error(model, torch.rand(5, 2), torch.zeros(5, dtype=torch.int64)) == 1.0


# ---------------------------------------------------------------------------------------------- the command


def test_the_command_line_records(monkeypatch, tmp_path):
    monkeypatch.setattr(records, "RECORDS", tmp_path)
    monkeypatch.setitem(lab.PLANE, ("full", "mnist"), lab.PLANE["tiny", "digits"])
    lab.main(["information-plane", "--size", "full", "--device", "cpu", "--record", "--seeds", "3"])
    recorded = json.loads((tmp_path / "information-plane-digits.json").read_text(encoding="utf8"))
    assert recorded["seeds"] == [3]
    assert recorded["seconds"] == round(sum(run["seconds"] for run in recorded["results"]["runs"]), 1) > 0


def test_a_record_counts_the_training_before_the_rescaling(rescaled):
    stated = lab._stated("rescaling", rescaled)
    trained = rescaled["runs"] + rescaled["untrained"]
    assert stated.name == "rescaling-digits"
    assert stated.seconds == sum(run["seconds"] for run in trained) > 0


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: lab.rescaling("huge"), "no setting 'huge'; expected one of: 'tiny'"),
        (lambda: lab.information_plane("full", "digits"), "expected one of: \\('tiny', 'digits'\\)"),
        (lambda: lab.rescaling("tiny", "abacus"), "abacus"),
    ],
)
def test_messages(call, words):
    with pytest.raises(ValueError, match=words):
        call()
