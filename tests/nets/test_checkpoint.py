"""Checkpoints: a killed run ends with the bits of one that was not; damaged and foreign files are refused."""

import functools
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from ibcourse.nets import Bottleneck, FixedNoiseHead, checkpoint, dropout_cnn, fit, fit_ensemble
from ibcourse.nets.layers import dense


class PowerCut(Exception):
    pass


def cut_at(epoch):
    """Measures that end the run in the given epoch; all have one name."""

    def measure(model, now):
        if now == epoch:
            raise PowerCut
        return {"draw": torch.rand(1).item()}

    return measure


def same(run, other):
    return [torch.equal(a, b) for a, b in zip(tensors_of(run), tensors_of(other), strict=True)]


def tensors_of(run):
    modules = [run.model, run.average] if hasattr(run, "model") else [*run.members, *run.averages]
    return [
        *(tensor for module in modules for tensor in module.state_dict().values()),
        *(torch.from_numpy(values) for values in run.history.values()),
    ]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the program forks")
def test_a_run_that_was_killed_ends_with_the_same_bits(tmp_path):
    program = Path(__file__).with_name("killed.py")
    finished = subprocess.run(
        [sys.executable, "-W", "ignore", program, tmp_path], capture_output=True, text=True, timeout=120
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    kills = dict(line.split() for line in finished.stdout.splitlines())
    assert int(kills["directed"]) == 3  # half-way through writing, before the renaming, after it
    assert int(kills["random"]) >= 1
    (model, average, history), expected = (torch.load(tmp_path / name) for name in ("resumed", "whole"))
    for state, whole in ((model, expected[0]), (average, expected[1])):
        assert state.keys() == whole.keys()
        assert all(torch.equal(state[name], whole[name]) for name in whole)
    assert history == expected[2]
    assert len(history["loss"]) == 15


def test_masks_and_batch_norm_go_on_where_they_stopped(problem, tmp_path):
    def start(**settings):
        torch.manual_seed(0)
        encoder = nn.Sequential(nn.BatchNorm2d(1), dropout_cnn(4, size=8))
        model = Bottleneck(encoder, FixedNoiseHead(4, 0.1), dense(4, 10))
        return fit(
            model,
            problem.objective,
            problem.x[:16],
            problem.y[:16],
            epochs=2,
            batch_size=8,
            average=0.9,
            **settings,
        )

    whole = start(measure=cut_at(None))
    with pytest.raises(PowerCut):
        start(measure=cut_at(1), checkpoint=tmp_path / "run.pt")
    assert all(same(start(measure=cut_at(None), checkpoint=tmp_path / "run.pt"), whole))


def test_an_ensemble_goes_on_where_it_stopped(problem, tmp_path):
    def start(**settings):
        return fit_ensemble(
            problem.make, problem.objective, problem.x, problem.y, seeds=[3, 4], hyper={"beta": [0.1, 1]},
            epochs=3, batch_size=20, average=0.9, **settings,
        )  # fmt: skip

    whole = start(measure=cut_at(None))
    with pytest.raises(PowerCut):
        start(measure=cut_at(1), checkpoint=tmp_path / "run.pt")
    assert torch.load(tmp_path / "run.pt", weights_only=True)["epoch"] == 1
    assert all(same(start(measure=cut_at(None), checkpoint=tmp_path / "run.pt"), whole))


def test_a_finished_run_is_read_back(problem, tmp_path):
    settings = {"epochs": 2, "average": 0.5, "checkpoint": tmp_path / "run.pt"}
    runs = []
    for _ in range(2):
        torch.manual_seed(0)
        runs.append(fit(problem.make(), problem.objective, problem.x, problem.y, **settings))
    assert all(same(*runs))
    assert [path.name for path in tmp_path.iterdir()] == ["run.pt"]
    with pytest.raises(ValueError, match=r"weights at the start was .* make it anew"):
        fit(runs[0].model, problem.objective, problem.x, problem.y, **settings)


@pytest.mark.parametrize("content", [b"", b"text", None])
def test_a_damaged_checkpoint_is_refused(problem, tmp_path, content):
    path = tmp_path / "run.pt"
    if content is None:
        torch.manual_seed(0)
        fit(problem.make(), problem.objective, problem.x, problem.y, epochs=1, checkpoint=path)
        content = path.read_bytes()[:-100]
    path.write_bytes(content)
    torch.manual_seed(0)
    with pytest.raises(ValueError, match=r"run\.pt is not a whole checkpoint: .* Delete it"):
        fit(problem.make(), problem.objective, problem.x, problem.y, epochs=1, checkpoint=path)
    assert path.read_bytes() == content


def test_a_file_of_another_program_is_refused_and_not_run(problem, tmp_path):
    path = tmp_path / "run.pt"
    for content in ({"weights": torch.zeros(3)}, torch.zeros(3), SimpleNamespace(plan=1)):
        torch.save(content, path)
        with pytest.raises(ValueError, match="another program wrote it"):
            fit(problem.make(), problem.objective, problem.x, problem.y, epochs=1, checkpoint=path)


def other_objective(output, y, beta=0.0):
    return {"loss": F.cross_entropy(output.logits, y)}


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"batch_size": 7}, "batch_size was 100 and is 7"),
        ({"seed": 1}, r"seeds was \[0\] and is \[1\]"),
        ({"order": 1}, "order was 0 and is 1"),
        ({"epochs": 3}, "epochs was 2 and is 3"),
        ({"learning_rate": 0.1}, "learning rates was .* and is .*0.1"),
        ({"schedule": lambda epoch: 0.5}, "learning rates was"),
        ({"betas": (0.5, 0.9)}, r"betas was \[0\.9, 0\.999\] and is \[0\.5, 0\.9\]"),
        ({"average": 0.9}, "average was None and is 0.9"),
        ({"bfloat16": True}, "bfloat16 was False and is True"),
        ({"hyper": {"beta": 2.0}}, r"hyper was \{'beta': 1\.0\} and is \{'beta': 2\.0\}"),
        ({"objective": other_objective}, "objective was 'objective' and is 'other_objective'"),
        ({"measure": cut_at(None)}, "measure was"),
        ({"augment": lambda x, generator: x}, "augment was"),
        ({"y": torch.zeros(50, dtype=torch.int64)}, "data was"),
    ],
)
def test_a_checkpoint_of_another_run_is_refused(problem, tmp_path, changed, message):
    plan = vars(problem) | {"epochs": 2, "hyper": {"beta": 1.0}, "checkpoint": tmp_path / "run.pt"}
    make = plan.pop("make")
    torch.manual_seed(0)
    fit(make(), **plan)
    before = plan["checkpoint"].read_bytes()
    torch.manual_seed(0)
    with pytest.raises(ValueError, match=rf"run\.pt belongs to another run: {message}"):
        fit(make(), **plan | changed)
    assert plan["checkpoint"].read_bytes() == before


def test_a_partial_is_known_by_what_it_binds():
    bound = [functools.partial(other_objective, beta=beta) for beta in (1, 1, 2)]
    names = [checkpoint.name_of(function) for function in bound]
    assert names[0] == names[1] != names[2]


def test_a_fingerprint_sees_every_bit():
    one = torch.arange(100.0)
    other = one.clone()
    other[57] = torch.nextafter(other[57], torch.tensor(0.0))
    assert checkpoint.fingerprint([one]) == checkpoint.fingerprint([one.clone()])
    assert len({checkpoint.fingerprint([t]) for t in (one, other, one.double(), one.reshape(10, 10))}) == 4


def test_writing_keeps_to_its_share_of_the_time(tmp_path, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(checkpoint.time, "perf_counter", lambda: now[0])
    save = torch.save
    monkeypatch.setattr(torch, "save", lambda *given: (save(*given), now.__setitem__(0, now[0] + 2.0)))
    file = checkpoint.Checkpoint(tmp_path / "run.pt", {})
    assert file.due()
    file.save({})
    now[0] += 17
    assert not file.due()
    now[0] += 2
    assert file.due()
