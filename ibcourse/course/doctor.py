"""What is installed, and what to do about what is not.

The list of packages is the installed course's own metadata, so there is no second one to keep.  Only the
standard library is imported at the top: a broken installation is the case that this module is for.
"""

import os
import re
import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import ibcourse
from ibcourse import pip_install


class Finding(NamedTuple):
    """One line of the report: ``ok``, whether the course works without it, and the words."""

    ok: bool
    required: bool
    text: str

    def __str__(self) -> str:
        mark = "OK  " if self.ok else "FAIL" if self.required else "--  "
        return f"{mark} {self.text}"


class Requirement(NamedTuple):
    """A package that the course needs, ``extra`` empty for the core."""

    name: str
    least: str
    extra: str


def examine() -> Iterator[Finding]:
    """Look at Python, the packages of the core and of each extra, torch's device, the kernel and the disk."""
    try:
        course = metadata.distribution("ibcourse")
    except metadata.PackageNotFoundError:
        text = f"ibcourse {ibcourse.__version__} is not installed: in its folder run pip install ."
        yield Finding(False, True, text)
    else:
        least = re.sub(r"[^\d.]", "", course.metadata["Requires-Python"] or "")
        version = ".".join(map(str, sys.version_info[:3]))
        yield _at_least("Python", version, least, True, f"install Python {least} or newer from python.org")
        yield Finding(True, True, f"ibcourse {course.version}")
        for requirement in requirements(course.requires or []):
            yield _package(requirement)
    if find_spec("torch"):
        yield _device()
    if find_spec("jupyterlab") and find_spec("jupyter_client"):
        yield _kernel()
    yield _folder()


def requirements(lines: list[str]) -> list[Requirement]:
    """Read lines such as ``numpy>=2.0`` and ``torch>=2.11; extra == "torch"`` of a package's metadata.

    A package of several extras is named once, with the smallest of them.

    Raises
    ------
    ValueError
        For a line of another form.

    Examples
    --------
    >>> requirements(["numpy>=2.0", "torch>=2.11; extra == 'torch'"])
    [Requirement(name='numpy', least='2.0', extra=''), Requirement(name='torch', least='2.11', extra='torch')]
    """
    version = r"(?:<[\d.]+,)?>=([\d.]+)(?:,<[\d.]+)?"
    form = re.compile(rf"([\w.-]+)(?:\[[\w,-]+\]|{version})\s*(?:;\s*extra\s*==\s*['\"]([\w-]+)['\"])?")
    found = []
    for line in lines:
        match = form.fullmatch(line.strip())
        if not match:
            raise ValueError(f"the requirement {line!r} is not of the form name>=version; extra == 'name'")
        if match[1] != "ibcourse":  # an extra that holds another one
            found.append(Requirement(match[1], match[2], match[3] or ""))
    sizes = Counter(requirement.extra for requirement in found if requirement.extra)  # the core's stays 0
    first: dict[str, Requirement] = {}
    for requirement in sorted(found, key=lambda requirement: sizes[requirement.extra]):
        first.setdefault(requirement.name, requirement)
    return list(first.values())


def _release(version: str) -> tuple[int, ...]:
    match = re.match(r"\d+(\.\d+)*", version)
    return tuple(map(int, match[0].split("."))) if match else ()


def _at_least(name: str, version: str, least: str, required: bool, remedy: str) -> Finding:
    if _release(version) >= _release(least):
        return Finding(True, required, f"{name} {version}")
    return Finding(False, required, f"{name} {version} is older than {least}: {remedy}")


def _package(requirement: Requirement) -> Finding:
    name, least, extra = requirement
    required = not extra
    try:
        version = metadata.version(name)
    except metadata.PackageNotFoundError:
        if extra:
            return Finding(False, False, f"{name}, for {extra}, is not installed: {pip_install(extra)}")
        return Finding(False, True, f'{name} is not installed: pip install "{name}>={least}"')
    return _at_least(name, version, least, required, f'pip install --upgrade "{name}>={least}"')


def _device() -> Finding:
    try:
        import torch

        if torch.cuda.is_available():
            return Finding(True, False, f"torch runs on cuda: {torch.cuda.get_device_name()}")
        device = "mps" if torch.backends.mps.is_available() else "cpu"
    except Exception as error:  # a broken installation fails in many ways: libraries, drivers, versions
        text = f"torch does not start ({type(error).__name__}: {error}): "
        return Finding(False, False, text + "pip install --force-reinstall torch")
    return Finding(True, False, f"torch runs on {device}")


def _kernel() -> Finding:
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    remedy = "python -m ipykernel install --sys-prefix"
    try:
        program = KernelSpecManager().get_kernel_spec("python3").argv[0]
    except NoSuchKernel:
        text = f"the kernel python3 is not found: {pip_install('labs')}, then {remedy}"
        return Finding(False, False, text)
    # ipykernel writes a bare name, which JupyterLab takes to be its own Python
    own = program in ("python", "python3") or Path(program).absolute() == Path(sys.executable).absolute()
    if own:
        return Finding(True, False, "the kernel python3 runs this Python")
    return Finding(False, False, f"the kernel python3 runs {program}, not {sys.executable}: {remedy}")


def _folder() -> Finding:
    here = Path.cwd()
    free = shutil.disk_usage(here).free / 2**30
    if not os.access(here, os.W_OK):
        return Finding(False, True, f"{here} cannot be written: change to a folder of your own")
    if free < 1:
        return Finding(False, True, f"{free:.1f} GiB free in {here}: the labs need 1 GiB")
    return Finding(True, True, f"{free:.0f} GiB free in {here}")
