"""The execution cache is right per page.

The cache of Jupyter Book knows a page by its code cells and its kernel's name, so it misses a change in
the package.  Here the kernel's name of each page carries a fingerprint of all that its outputs depend on: the
modules that its cells import, followed through the package, the data files beside them, the pinned packages
and Python's version.  A page is then executed again when one of these changed, and only then.
"""

import ast
import hashlib
import platform
import re
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

import jupytext
from IPython.core.inputtransformer2 import TransformerManager
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

ROOT = Path(__file__).parent.parent
PACKAGE = "ibcourse"
FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.S)
KERNEL_NAME = re.compile(r"^(\s+display_name:).*$", re.M)


def find_module(name: str) -> Path | None:
    """File of a module of the package, or None where the name is not a module."""
    path = ROOT.joinpath(*name.split("."))
    return next((file for file in (path.with_suffix(".py"), path / "__init__.py") if file.is_file()), None)


def imported(code: str, package: str = "") -> Iterator[str]:
    """Names in the imports of a source text that may be modules; ``package`` resolves leading dots."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".")[: len(package.split(".")) + 1 - node.level] if node.level else []
            base = ".".join([*parents, *([node.module] if node.module else [])])
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


@cache
def direct_dependencies(file: Path, name: str) -> frozenset[str]:
    package = name if file.name == "__init__.py" else name.rpartition(".")[0]
    return frozenset(imported(file.read_text(encoding="utf8"), package))


def dependencies(code: str) -> set[Path]:
    """Files of the package that a source text imports, directly or through other modules."""
    files: set[Path] = set()
    seen: set[str] = set()
    names = list(imported(code))
    while names:
        name = names.pop()
        if name in seen or name.split(".")[0] != PACKAGE:
            continue
        seen.add(name)
        names += [name.rpartition(".")[0]]  # importing a.b runs a first
        if file := find_module(name):
            files.add(file)
            names += direct_dependencies(file, name)
    # A package that reads data files keeps them in a folder of its own; scripts run in the browser, not here.
    folders = {file.parent for file in files if file.name == "__init__.py" and file.parent.name != PACKAGE}
    files |= {
        file
        for folder in folders
        for file in folder.rglob("*")
        if file.is_file() and file.suffix not in (".py", ".pyc", ".js")
    }
    return files


def fingerprint(page: str) -> str:
    """Hash of all that the outputs of a page depend on, other than its own cells."""
    files = {ROOT / "requirements.txt"}
    for cell in jupytext.reads(page, fmt="md:myst").cells:
        if cell.cell_type == "code":
            with suppress(SyntaxError):  # which its execution reports
                files |= dependencies(TransformerManager().transform_cell(cell.source))
    digest = hashlib.sha256(platform.python_version().encode())
    for file in sorted(files):
        digest.update(file.relative_to(ROOT).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def stamp(app: Sphinx, docname: str, source: list[str]) -> None:
    front_matter = FRONT_MATTER.match(source[0])
    if front_matter and "kernelspec:" in front_matter[0]:
        try:
            name = fingerprint(source[0])
        except Exception as error:  # whatever jupytext's and YAML's readers raise
            raise ExtensionError(f"{docname}.md cannot be read as a notebook: {error}") from error
        head, count = KERNEL_NAME.subn(rf"\1 Python 3 ({name})", front_matter[0])
        if not count:
            raise ExtensionError(f"{docname}.md: its kernelspec lacks a line `display_name: Python 3`")
        source[0] = head + source[0][front_matter.end() :]


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("builder-inited", lambda app: direct_dependencies.cache_clear())
    app.connect("source-read", stamp)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
