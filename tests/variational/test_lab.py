"""The lab: what it measures is right where the answer is known, and its experiments run at a tiny size."""

import json
import math

import numpy as np
import pytest
import torch
from torch import nn

from ibcourse.data import load, records
from ibcourse.nets import Bottleneck, GaussianHead
from ibcourse.variational import lab


class Lookup(nn.Module):
    """A code that is written down: the image is the number of its row."""

    def __init__(self, means, scales):
        super().__init__()
        self.means, self.rho = torch.tensor(means), torch.tensor(scales).expm1().log()

    def forward(self, x):
        row = x.flatten().long()
        return torch.cat([self.means[row], self.rho[row]], dim=-1)


def written(means, scales, weight):
    net = Bottleneck(Lookup(means, scales), GaussianHead(1, shift=0.0), nn.Linear(1, 2).double())
    net.decoder.weight.data = torch.tensor([[0.0], [weight]], dtype=torch.float64)
    nn.init.zeros_(net.decoder.bias)
    return net


@pytest.mark.source("S1.A7")
def test_what_is_measured():
    """Two images at ±1 with noise 1, and a decoder that says 1 right of 0: an error of Φ(−1)."""
    n = 4000
    x = torch.arange(2.0).repeat(n // 2)[:, None]
    y = x[:, 0].long()
    net = written([[-1.0], [1.0]], [[1.0], [1.0]], weight=2.0)
    found = lab.evaluate(net, x, y)
    phi = (1 + math.erf(-1 / math.sqrt(2))) / 2
    assert found["error_1"] == pytest.approx(phi, abs=0.006)
    assert found["error_12"] < 0.01  # twelve samples are wrong together once in thousands of times
    assert found["error_mean"] == 0
    assert found["rate_nats"] == pytest.approx(0.5)
    assert found["rate_bits"] == pytest.approx(0.5 / math.log(2))
    assert found["i_zy_bound_nats"] == pytest.approx(math.log(2) - found["cross_entropy_nats"])
    # The decoder is the right one, so that the bound is tight up to the sampling.
    honest = lab.honest_information(net, x, y, samples=4000)
    assert found["i_zy_bound_nats"] == pytest.approx(honest["i_zy_nats"], abs=5 * honest["i_zy_error_nats"])
    assert honest["i_xz_nats"] < found["rate_nats"]
    assert honest["ceiling_nats"] == pytest.approx(math.log(n))


class Cliff(nn.Module):
    """Leans to class 1, but rules it out on a tenth of the standard normal line."""

    def forward(self, z):
        return torch.cat([torch.zeros_like(z), torch.where(z > -1.2816, 1.0, -1000.0)], dim=-1)


def test_twelve_distributions_are_averaged_not_their_logarithms():
    """The mean prefers class 1 if 9 of 12 samples do, 9 · 0.731 > 6; one outlier ruins a mean of logs."""
    x, y = torch.zeros(4000, 1), torch.ones(4000, dtype=torch.long)
    net = Bottleneck(Lookup([[0.0]], [[1.0]]), GaussianHead(1, shift=0.0), Cliff())
    found = lab.evaluate(net, x, y)
    fewer_than_nine = sum(math.comb(12, j) * 0.9**j * 0.1 ** (12 - j) for j in range(9))
    assert found["error_12"] == pytest.approx(fewer_than_nine, abs=0.01)
    assert found["error_1"] == pytest.approx(0.1, abs=0.01)


def test_vib_runs_and_resumes(tmp_path):
    first, again = (lab.vib("tiny", "cpu", seeds=[0], checkpoints=tmp_path) for _ in range(2))
    (run,) = first["runs"]
    assert again["runs"] == first["runs"]
    assert first["layers"] == [64, 16, 8]
    assert len(run["history"]["loss"]) == first["epochs"] == 2
    information = run["information"]
    assert information["ceiling_nats"] == pytest.approx(math.log(1437), 1e-5)
    assert information["i_xz_nats"] <= information["ceiling_nats"]
    assert information["i_xz_nats"] <= run["train"]["rate_nats"] + 3 * information["i_xz_error_nats"]
    json.dumps(first, allow_nan=False)


def test_the_sweep_runs_and_a_member_is_its_loop():
    result = lab.beta_sweep("tiny", "cpu", seeds=[0, 1])
    assert [(m["beta"], m["seed"]) for m in result["members"]] == [(1e-4, 0), (1e-4, 1), (1, 0), (1, 1)]
    assert result["timing"]["members"] == 4
    assert min(result["timing"]["loop_seconds"], result["timing"]["ensemble_seconds"]) > 0
    alone = lab.vib("tiny", "cpu", seeds=[0], beta=1.0)["runs"][0]
    assert result["members"][2]["test"]["rate_nats"] == pytest.approx(alone["test"]["rate_nats"], rel=1e-3)
    json.dumps(result, allow_nan=False)


def test_the_plane_has_two_dimensions():
    result = lab.plane("tiny", "cpu", betas=(1e-3, 1.0), points=20)
    assert np.shape([m["means"] for m in result["members"]]) == (2, 20, 2)
    assert np.min([m["scales"] for m in result["members"]]) > 0
    assert result["labels"] == load("digits").y_test[:20].tolist()


def test_collapse_tries_three_cures():
    threads = torch.get_num_threads()
    result = lab.collapse("tiny", "cpu", seeds=[0])
    assert torch.get_num_threads() == threads
    assert [run["cure"] for run in result["runs"]] == ["none", "lower price", "warm-up", "free bits"]
    none, _, rising, _ = result["runs"]
    alone = lab.vib("tiny", "cpu", seeds=[0], beta=0.9)["runs"][0]
    assert none["test"] == alone["test"]
    assert rising["history"]["beta"] == pytest.approx([0, 0.9])


def test_the_full_size_is_that_of_the_paper():
    setup = lab.SETUPS["full"]
    net = lab._net(setup, 28 * 28, setup.k)
    weights = [tuple(p.shape) for p in net.parameters() if p.ndim == 2]
    assert weights == [(1024, 784), (1024, 1024), (512, 1024), (10, 256)]
    assert (setup.epochs, setup.learning_rate, setup.average) == (200, 1e-4, 0.999)
    assert (len(setup.betas), setup.betas[0], setup.betas[-1]) == (19, 1e-9, 1)
    plan = lab._plan(setup, setup.epochs, bfloat16=False)
    assert (plan["betas"][0], plan["batch_size"]) == (0.5, 100)
    assert [plan["schedule"](epoch) for epoch in (0, 1, 2, 4)] == pytest.approx([1, 1, 0.97, 0.97**2])


def test_the_command_line_records(monkeypatch, tmp_path):
    monkeypatch.setattr(records, "RECORDS", tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(lab.SETUPS, "full", lab.SETUPS["tiny"])
    lab.main(["vib", "--size", "full", "--device", "cpu", "--seeds", "1", "--epochs", "1", "--record"])
    recorded = json.loads((tmp_path / "vib-mnist.json").read_text(encoding="utf8"))
    assert recorded["seeds"] == [1]
    assert recorded["seconds"] == pytest.approx(recorded["results"]["runs"][0]["seconds"])
    assert recorded["results"]["epochs"] == 1
    lab.main(["beta-sweep", "--size", "full", "--device", "cpu", "--seeds", "1", "--record"])
    recorded = json.loads((tmp_path / "vib-beta-sweep.json").read_text(encoding="utf8"))
    assert recorded["seconds"] == recorded["results"]["seconds"] > 0


def test_what_there_is_not_is_refused():
    with pytest.raises(ValueError, match='no size "huge"'):
        lab.vib("huge")
    with pytest.raises(ValueError, match="epochs is 0"):
        lab.vib("tiny", "cpu", epochs=0)
