"""The lock file is complete, portable and free of what a CPU machine does not need."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
CUDA = re.compile(r"^(nvidia-|cuda-|triton|pytorch-triton)")


def requirements(file: str) -> list[Requirement]:
    lines = (line.partition("#")[0].strip() for line in (ROOT / file).read_text(encoding="utf8").splitlines())
    return [Requirement(line) for line in lines if line]


@pytest.fixture(scope="module")
def locked() -> dict[str, Requirement]:
    return {canonicalize_name(r.name): r for r in requirements("requirements.txt")}


def test_every_package_is_pinned_to_a_public_version(locked):
    for requirement in locked.values():
        (pin,) = requirement.specifier
        assert pin.operator == "==", f"{requirement} is not pinned"
        assert "+" not in pin.version, f"{requirement} is a local version, which no public index has"


def test_torch_brings_no_cuda(locked):
    assert str(locked["torch"].specifier) == "==2.13.0"
    assert not [name for name in locked if CUDA.match(name)]


@pytest.mark.parametrize(
    "text",
    ["torch==2.13.0+cpu", "numpy>=2", "nvidia-cublas==13.1.1.3 ; sys_platform == 'linux'", "triton==3.7.1"],
)
def test_the_checks_can_fail(text):
    lock = {"torch": Requirement("torch==2.13.0"), Requirement(text).name: Requirement(text)}

    def check() -> None:
        test_every_package_is_pinned_to_a_public_version(lock)
        test_torch_brings_no_cuda(lock)

    with pytest.raises(AssertionError):
        check()


def test_the_lock_serves_linux_and_macos(locked):
    for requirement in locked.values():
        if requirement.name in ("torch", "numpy", "jupyter-book"):
            for system in ("linux", "darwin"):
                assert requirement.marker is None or requirement.marker.evaluate({"sys_platform": system})


def test_all_that_is_asked_for_is_locked(locked):
    for wanted in requirements("requirements.in"):
        pinned = locked[canonicalize_name(wanted.name)]
        (pin,) = pinned.specifier
        assert wanted.specifier.contains(pin.version), f"{pinned} does not satisfy {wanted}: run `make lock`"


def test_the_lock_satisfies_the_package(locked):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf8"))["project"]
    wanted = [
        *project["dependencies"],
        *(r for extra in project["optional-dependencies"].values() for r in extra),
    ]
    for text in wanted:
        requirement = Requirement(text)
        if requirement.name != "ibcourse":  # an extra that includes another
            assert [s for s in requirement.specifier if s.operator == ">="], f"{text} has no lower bound"
            (pin,) = locked[canonicalize_name(requirement.name)].specifier
            assert requirement.specifier.contains(pin.version)
