"""What the doctor finds, with packages missing, old and broken."""

import sys
import tomllib
from importlib import metadata
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from ibcourse import pip_install
from ibcourse.course import doctor

REQUIRES = ["numpy>=2.0", 'torch>=2.11; extra == "torch"', 'jupyterlab>=4.2; extra == "labs"']
INSTALLED = {"numpy": "2.1.0", "torch": "2.13.0+cpu", "jupyterlab": "4.6.6"}


@pytest.fixture
def machine(monkeypatch, tmp_path):
    """A machine on which these packages are installed; tests change the dictionary."""
    installed = dict(INSTALLED)

    def version(name):
        if name not in installed:
            raise metadata.PackageNotFoundError(name)
        return installed[name]

    def distribution(name):
        if name not in installed and name != "ibcourse":
            raise metadata.PackageNotFoundError(name)
        return SimpleNamespace(version="0.1.0", requires=REQUIRES, metadata={"Requires-Python": ">=3.11"})

    monkeypatch.setattr(metadata, "version", version)
    monkeypatch.setattr(metadata, "distribution", distribution)
    monkeypatch.setattr(doctor, "find_spec", lambda name: None)
    monkeypatch.chdir(tmp_path)
    return installed


def report() -> list[str]:
    return [str(finding) for finding in doctor.examine()]


def failures() -> list[str]:
    return [finding.text for finding in doctor.examine() if finding.required and not finding.ok]


def test_all_is_well(machine):
    assert all(line.startswith("OK ") for line in report())
    assert "OK   numpy 2.1.0" in report()


def test_a_core_package_is_missing(machine):
    del machine["numpy"]
    assert failures() == ['numpy is not installed: pip install "numpy>=2.0"']


def test_a_core_package_is_too_old(machine):
    machine["numpy"] = "1.26.4"
    assert failures() == ['numpy 1.26.4 is older than 2.0: pip install --upgrade "numpy>=2.0"']


@pytest.mark.parametrize("version", ["2.0", "2.0.0rc1", "2.11", "10.0"])
def test_versions_are_compared_as_numbers(machine, version):
    machine["numpy"] = version
    assert failures() == []


def test_an_extra_is_missing(machine):
    del machine["torch"]
    assert f"--   torch, for torch, is not installed: {pip_install('torch')}" in report()
    assert failures() == []


def test_python_is_too_old(machine, monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 10, 4))
    assert failures() == ["Python 3.10.4 is older than 3.11: install Python 3.11 or newer from python.org"]


def test_the_course_itself_is_not_installed(machine, monkeypatch):
    def distribution(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "distribution", distribution)
    assert "pip install ." in failures()[0]


@pytest.mark.parametrize(
    ("cuda", "mps", "words"),
    [
        (True, False, "torch runs on cuda: A GPU"),
        (False, True, "torch runs on mps"),
        (False, False, "torch runs on cpu"),
    ],
)
def test_the_device_of_torch(machine, monkeypatch, cuda, mps, words):
    torch = ModuleType("torch")
    torch.cuda = SimpleNamespace(is_available=lambda: cuda, get_device_name=lambda: "A GPU")
    torch.backends = SimpleNamespace(mps=SimpleNamespace(is_available=lambda: mps))
    monkeypatch.setitem(sys.modules, "torch", torch)
    monkeypatch.setattr(doctor, "find_spec", lambda name: name == "torch" or None)
    assert f"OK   {words}" in report()


def test_a_broken_torch_is_said_and_stops_nothing(machine, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", ModuleType("torch"))  # without torch.cuda
    monkeypatch.setattr(doctor, "find_spec", lambda name: name == "torch" or None)
    assert any(line.startswith("--   torch does not start (AttributeError") for line in report())
    assert failures() == []


def test_the_kernel_of_another_python(monkeypatch):
    from jupyter_client.kernelspec import KernelSpecManager

    for program, words in (
        (sys.executable, "runs this Python"),
        ("/elsewhere/python", "runs /elsewhere/python, not"),
    ):
        spec = SimpleNamespace(argv=[program])
        monkeypatch.setattr(KernelSpecManager, "get_kernel_spec", lambda self, name, spec=spec: spec)
        assert words in str(doctor._kernel())


def test_a_folder_that_is_full(machine, monkeypatch):
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda path: SimpleNamespace(free=2**28))
    assert "0.2 GiB free" in failures()[0]


def test_a_package_of_several_extras_is_named_with_the_smallest():
    """A build writes what `plots` needs into `labs` too, which comes first in the alphabet."""
    lines = ["matplotlib>=3.9; extra == 'labs'", "jupyterlab>=4.2; extra == 'labs'", "numpy>=2.0"]
    found = doctor.requirements([*lines, "matplotlib>=3.9; extra == 'plots'"])
    assert [(requirement.name, requirement.extra) for requirement in found] == [
        ("numpy", ""),
        ("matplotlib", "plots"),
        ("jupyterlab", "labs"),
    ]


def test_the_requirements_of_the_course_are_understood():
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    lines = project["dependencies"] + [
        f"{line}; extra == '{extra}'"
        for extra, group in project["optional-dependencies"].items()
        for line in group
    ]
    found = {requirement.name for requirement in doctor.requirements(lines)}
    assert {"numpy", "scipy", "torch", "matplotlib", "jupyterlab"} <= found
    assert "ibcourse" not in found
    with pytest.raises(ValueError, match="numpy<3"):
        doctor.requirements(["numpy<3"])
