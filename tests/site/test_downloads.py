"""Every notebook that the site offers runs with the package and the extras that its page names."""

import json
import os
import re
from importlib.metadata import distribution, packages_distributions
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

pytestmark = pytest.mark.browser

SOURCES = Path(__file__).parent.parent.parent / "_build" / "html" / "_sources"
NOTEBOOKS = sorted(SOURCES.rglob("*.ipynb"))
# Python imports this file when it starts; it refuses every package that the extra does not bring.
GUARD = """
import importlib.abc, importlib.util, json, os, sys

REFUSED = set(json.loads(os.environ["REFUSED_MODULES"]))

class Guard(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in REFUSED:
            raise ModuleNotFoundError(f"No module named {name!r} in this environment", name=name)

sys.meta_path.insert(0, Guard())
found = importlib.util.find_spec  # asked by packages that can do without

def find_spec(name, package=None):
    return None if name.partition(".")[0] in REFUSED else found(name, package)

importlib.util.find_spec = find_spec
"""


def brought_by(text: str, seen: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """The distributions, with extras, that installing a requirement brings."""
    requirement = Requirement(text)
    name = canonicalize_name(requirement.name)
    for extra in ("", *requirement.extras):
        if (name, extra) in seen:
            continue
        seen.add((name, extra))
        for child in distribution(name).requires or []:
            marker = Requirement(child).marker
            if marker is None or marker.evaluate({"extra": extra}):
                brought_by(child, seen)
    return seen


def environment_of(extras: str, folder: Path) -> dict[str, str]:
    """The environment of a process that finds nothing but what ``pip install "ibcourse[extras]"`` brings."""
    allowed = {name for name, _ in brought_by(f"ibcourse[{extras}]", set())}
    refused = [
        module
        for module, names in packages_distributions().items()
        if not {canonicalize_name(name) for name in names} & allowed
    ]
    assert {"myst_nb", "jupyter_book", "pytest"} <= {*refused}
    assert not {"numpy", "matplotlib", "ipywidgets", "IPython", "ibcourse"} & {*refused}
    assert ("torch" in refused) == ("torch" not in extras)
    (folder / "sitecustomize.py").write_text(GUARD, encoding="utf8")
    path = os.pathsep.join([str(folder), *filter(None, [os.environ.get("PYTHONPATH")])])
    return {**os.environ, "PYTHONPATH": path, "REFUSED_MODULES": json.dumps(refused)}


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return environment_of("labs", tmp_path_factory.mktemp("labs"))


@pytest.fixture(scope="module")
def environment_with_torch(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return environment_of("labs,torch", tmp_path_factory.mktemp("torch"))


def run(notebook: nbformat.NotebookNode, environment: dict[str, str], folder: Path) -> None:
    client = NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(folder)}})
    client.execute(env={**environment, "IBCOURSE_BOOK": ""})


def test_the_guard_refuses_what_is_not_installed(environment, tmp_path):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("import torch")])
    with pytest.raises(Exception, match="No module named 'torch' in this environment"):
        run(notebook, environment, tmp_path)


def test_there_are_notebooks():
    assert {path.stem for path in NOTEBOOKS} >= {"index", "gibbs", "lab"}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.relative_to(SOURCES).as_posix())
def test_a_downloaded_notebook_runs(path, environment, environment_with_torch, tmp_path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    needs_torch = any("ibcourse[labs,torch]" in cell.source for cell in notebook.cells)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert cell.outputs == []
        else:
            assert not re.search(r"\{(glue|source|term|prf|eq|numref|ref|doc|cite)\b|:::|```\{", cell.source)
    run(notebook, environment_with_torch if needs_torch else environment, tmp_path)
