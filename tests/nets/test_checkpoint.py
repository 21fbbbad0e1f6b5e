"""Checkpoints: a killed run ends with the bits of one that was not; damaged and foreign files are refused."""

import functools
import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from ibcourse.differential_entropy import lab
from ibcourse.nets import Bottleneck, FixedNoiseHead, GaussianHead, checkpoint, dropout_cnn, fit, fit_ensemble
from ibcourse.nets.checkpoint import architecture, describe, fingerprint
from ibcourse.nets.layers import dense


class PowerCut(Exception):
    pass


CUT = []  # the epochs that end a run; a global name, so that no plan has it


def measure(model, epoch):
    if epoch in CUT:
        raise PowerCut
    return {"draw": torch.rand(1).item()}


@contextmanager
def cut_at(epoch):
    CUT.append(epoch)
    with pytest.raises(PowerCut):
        yield
    CUT.clear()


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

    whole = start(measure=measure)
    with cut_at(1):
        start(measure=measure, checkpoint=tmp_path / "run.pt")
    assert all(same(start(measure=measure, checkpoint=tmp_path / "run.pt"), whole))


def test_an_ensemble_goes_on_where_it_stopped(problem, tmp_path):
    def start(**settings):
        return fit_ensemble(
            problem.make, problem.objective, problem.x, problem.y, seeds=[3, 4], hyper={"beta": [0.1, 1]},
            epochs=3, batch_size=20, average=0.9, **settings,
        )  # fmt: skip

    whole = start(measure=measure)
    with cut_at(1):
        start(measure=measure, checkpoint=tmp_path / "run.pt")
    assert torch.load(tmp_path / "run.pt", weights_only=True)["epoch"] == 1
    assert all(same(start(measure=measure, checkpoint=tmp_path / "run.pt"), whole))


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
    contents = (
        {"plan": {}, "epoch": 1},
        {"weights": torch.zeros(3)},
        torch.zeros(3),
        SimpleNamespace(plan=1),
    )
    for content in contents:
        torch.save(content, path)
        with pytest.raises(ValueError, match="another program or version wrote it"):
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
        ({"objective": other_objective}, r"objective was objective \w+ and is other_objective \w+\."),
        ({"measure": measure}, "measure was None and is measure"),
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


def bound(value, default=0):
    def objective(output, y, beta=default):
        return other_objective(output, y, beta * value)

    return objective


class Priced:
    def __init__(self, beta):
        self.beta, self.itself = beta, self

    def __call__(self, output, y):
        return other_objective(output, y, self.beta)


@dataclass(frozen=True)
class Setting:
    data: object


DIFFERENT = [
    (lambda: 0.5, lambda: 0.25),
    (lambda: np.float64(0.5), lambda: np.float64(0.25)),
    (lambda: [1, {"a": {"x", "y", "z"}}], lambda: [1, {"a": {"x", "y"}}]),
    (lambda: list(range(1000)), lambda: list(range(1001))),
    (lambda: torch.arange(1e4), lambda: torch.arange(1e4).where(torch.arange(1e4) != 5000, 1)),
    (lambda: np.arange(3), lambda: np.arange(3.0)),
    (lambda: functools.partial(other_objective, beta=1), lambda: functools.partial(other_objective, beta=2)),
    (
        lambda: functools.partial(other_objective, beta=torch.ones(3)),
        lambda: functools.partial(other_objective, beta=torch.ones(3) + 1e-6),
    ),
    (lambda: lambda y: 0.5 * y, lambda: lambda y: 0.25 * y),
    (lambda: bound(1), lambda: bound(2)),
    (lambda: bound(1, default=1), lambda: bound(1, default=2)),
    (lambda: bound(bound(1)), lambda: bound(bound(2))),
    (lambda: Priced(1), lambda: Priced(2)),
    (lambda: Priced(1).__call__, lambda: Priced(2).__call__),
    (lambda: Setting(torch.ones(2)), lambda: Setting(torch.zeros(2))),
    (lambda: SimpleNamespace(f=bound(1)), lambda: SimpleNamespace(f=bound(2))),
    (lambda: Path("a"), lambda: Path("b")),
    (lambda: np.random.default_rng(1), lambda: np.random.default_rng(2)),
    (lambda: nn.Linear(3, 2).requires_grad_(False).eval(), lambda: nn.Linear(2, 2)),
]


@pytest.mark.parametrize(("value", "other"), DIFFERENT)
def test_a_description_is_the_same_for_equal_values_alone(value, other):
    torch.manual_seed(0)
    first = describe(value())
    torch.manual_seed(0)
    assert describe(value()) == first
    assert describe(other()) != first
    assert "0x" not in first
    assert len(first) < 100


def test_a_number_of_numpy_is_described_as_the_number():
    assert [describe(number) for number in (np.int64(3), np.float32(0.5), np.bool_(True))] == [
        "3",
        "0.5",
        "True",
    ]


def test_the_weights_are_no_part_of_the_architecture():
    def make(shift=-5.0, activation=nn.ReLU):
        return Bottleneck(nn.Sequential(nn.Linear(3, 4), activation()), GaussianHead(2, shift), dense(2, 3))

    one, same = make(), make()
    assert architecture(one) == architecture(same)
    assert describe(one) != describe(same)
    assert len({architecture(model) for model in (one, make(shift=-4.0), make(activation=nn.Tanh))}) == 3


@pytest.mark.parametrize(
    ("before", "after", "what"),
    [
        ({"head": FixedNoiseHead(4, 0.01)}, {"head": FixedNoiseHead(4, 5)}, "model"),
        ({"objective": Priced(0.01)}, {"objective": Priced(1.0)}, "objective"),
        ({"augment": lambda x, generator: x}, {"augment": lambda x, generator: 2 * x}, "augment"),
    ],
)
def test_what_a_run_binds_belongs_to_its_plan(problem, tmp_path, before, after, what):
    def run(head=None, objective=other_objective, **more):
        torch.manual_seed(0)
        model = Bottleneck(dense(64, 4), head or FixedNoiseHead(4, 1), dense(4, 10))
        fit(model, objective, problem.x, problem.y, epochs=1, checkpoint=tmp_path / "run.pt", **more)

    run(**before)
    run(**before)
    with pytest.raises(ValueError, match=rf"belongs to another run: {what} was .* and is "):
        run(**after)


def test_a_lab_goes_on_in_another_process(tmp_path, monkeypatch):
    monkeypatch.setattr(lab, "SMALLEST", 2)
    first = lab.rescaling("tiny", "cpu", checkpoints=tmp_path, progress=False)
    written = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    assert len(written) == 3
    program = (
        "import json, sys; from ibcourse.differential_entropy import lab; lab.SMALLEST = 2; "
        "print(json.dumps(lab.rescaling('tiny', 'cpu', checkpoints=sys.argv[1], progress=False)))"
    )
    again = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program, tmp_path],
        env=os.environ | {"OMP_NUM_THREADS": "1"}, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert again.returncode == 0, again.stderr
    for result in (first, read := json.loads(again.stdout)):
        for run in result["runs"] + result["untrained"]:
            run.pop("seconds")  # those of reading come on top
    assert json.dumps(read) == json.dumps(first)  # as text, where nan equals nan
    assert {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == written  # nothing was trained


def test_settings_of_numpy_are_read_back(problem, tmp_path):
    settings = {
        "epochs": np.int64(2), "batch_size": np.int64(25), "learning_rate": np.float64(1e-3),
        "betas": tuple(np.array([0.9, 0.99])), "average": np.float64(0.9), "order": np.int64(1),
        "schedule": lambda epoch: np.float32(0.5),
    }  # fmt: skip
    runs = []
    for path in ("run.pt", "run.pt", None):
        torch.manual_seed(0)
        file = path and tmp_path / path
        made = problem.make()
        runs.append(
            fit(made, problem.objective, problem.x, problem.y, seed=np.int64(3), checkpoint=file, **settings)
        )
    assert all(same(*runs[:2]))
    assert all(same(*runs[1:]))
    ensembles = [
        fit_ensemble(
            problem.make, problem.objective, problem.x, problem.y, seeds=np.arange(2),
            checkpoint=tmp_path / "ensemble.pt", **settings,
        )
        for _ in range(2)
    ]  # fmt: skip
    assert all(same(*ensembles))


@pytest.mark.parametrize("place", ["", "file/run.pt"])
def test_a_place_that_cannot_be_written_is_refused_before_the_first_epoch(problem, tmp_path, place):
    (tmp_path / "file").touch()
    epochs = []
    with pytest.raises(ValueError, match=r"the checkpoint .* cannot be written: .* Name a file in a folder"):
        fit(
            problem.make(), problem.objective, problem.x, problem.y, epochs=1, checkpoint=tmp_path / place,
            measure=lambda model, epoch: epochs.append(epoch) or {},
        )  # fmt: skip
    assert epochs == []
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_write_that_fails_leaves_nothing_and_a_killed_one_is_removed_later(tmp_path, monkeypatch):
    file = checkpoint.Checkpoint(tmp_path / "run.pt", {})
    with pytest.raises(AttributeError, match="pickle"):
        file.save({"epoch": lambda: None})
    assert list(tmp_path.iterdir()) == []
    old, young, foreign = (tmp_path / f"run.pt.{name}.tmp" for name in ("0" * 32, "1" * 32, "backup"))
    for path in (old, young, foreign):
        path.touch()
    for path in (old, foreign):
        os.utime(path, (time.time() - 2 * checkpoint.ABANDONED,) * 2)
    assert file.load() is None
    assert set(tmp_path.iterdir()) == {young, foreign}


def test_two_writers_do_not_disturb_each_other(tmp_path, monkeypatch):
    one, other = (checkpoint.Checkpoint(tmp_path / "run.pt", {}) for _ in range(2))
    real = os.fsync

    def fsync(descriptor):
        monkeypatch.setattr(os, "fsync", real)
        other.save({"epoch": 1})
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    one.save({"epoch": 2})
    assert torch.load(tmp_path / "run.pt")["epoch"] == 2
    assert [path.name for path in tmp_path.iterdir()] == ["run.pt"]


@pytest.mark.skipif(os.name == "nt", reason="links need a right there")
def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "run.pt").symlink_to(tmp_path / "elsewhere" / "run.pt")
    checkpoint.Checkpoint(tmp_path / "run.pt", {}).save({"epoch": 1})
    assert (tmp_path / "run.pt").is_symlink()
    assert (tmp_path / "elsewhere" / "run.pt").is_file()


@pytest.mark.parametrize("shape", [(2**16, 8), (8, 2**16), (2**17, 6), (300, 300)])
def test_a_fingerprint_of_few_numbers_sees_every_row_and_column(shape):
    table = torch.zeros(shape)
    few = fingerprint([table], most=2**12)
    axes = [axis for axis in (0, 1) if shape[1 - axis] > 2 * table.numel() / 2**12]  # longer than a step
    assert axes
    for axis in axes:
        for place in range(0, shape[axis], max(1, shape[axis] // 10)):
            changed = table.clone()
            changed.select(axis, place).fill_(1)
            assert fingerprint([changed], most=2**12) != few


def test_a_fingerprint_sees_every_bit():
    one = torch.arange(100.0)
    other = one.clone()
    other[57] = torch.nextafter(other[57], torch.tensor(0.0))
    assert fingerprint([one]) == fingerprint([one.clone()])
    assert len({fingerprint([t]) for t in (one, other, one.double(), one.reshape(10, 10))}) == 4


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
