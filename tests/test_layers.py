"""Imports run one way through the rooms of the package.

A *room* is a module or package directly inside ``ibcourse``.  Modules are read, not run, so an import counts
wherever it stands: at the top, in a function or under TYPE_CHECKING.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import ibcourse

PACKAGE = Path(ibcourse.__file__).parent

# Lowest first.  A room imports from its own row and from the rows above it in this list.
ORDER = [
    ["_array"],
    ["information"],
    ["rate_distortion"],
    ["sufficiency"],
    ["bottleneck"],
    ["estimators"],
    ["data", "nets"],
    ["variational"],
    ["decoder_uncertainty"],
    ["differential_entropy"],
    ["plots", "explore"],
    ["course", "grading"],
    ["cli", "__main__"],
]
LEVEL = {room: level for level, row in enumerate(ORDER) for room in row}
MATHEMATICS = {room for row in ORDER[: LEVEL["plots"]] for room in row}
LIGHT = {"_array", "information", "rate_distortion", "sufficiency", "bottleneck"}  # no torch, no matplotlib


def imported(source: str, module: str) -> Iterator[str]:
    """Yield the full dotted names that a source imports; the module of a package ends in ``.__init__``."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            here = module.split(".")[: -node.level] if node.level else []
            origin = ".".join([*here, node.module] if node.module else here)
            yield from (f"{origin}.{alias.name}" for alias in node.names)


def room_of(module: str) -> str:
    return module.split(".")[1]


def violations(source: str, module: str) -> list[str]:
    """Return what is wrong with the imports of the module ``ibcourse.<room>...``."""
    room = room_of(module)
    if room == "__init__":
        return [
            f"{module} imports {name}" for name in imported(source, module) if name.startswith("ibcourse.")
        ]
    if room not in LEVEL:
        return [f"{module} is in a room without a place in the order: give {room} one"]
    found = []
    for name in imported(source, module):
        top = name.split(".")[0]
        if room in LIGHT and top in {"torch", "matplotlib"}:
            found.append(f"{module} imports {top}")
        if top != "ibcourse" or name.count(".") == 0:
            continue
        target = room_of(name)
        if LEVEL.get(target, -1) > LEVEL[room]:
            found.append(f"{module} imports {target}, which lies above it")
        if room == "grading" and target in MATHEMATICS:
            found.append(f"{module} imports {target}; grading imports none of the mathematics")
    return found


def dotted(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=dotted)
def test_imports_run_one_way(path):
    assert violations(path.read_text(encoding="utf-8"), dotted(path)) == []


@pytest.mark.parametrize(
    ("module", "source", "words"),
    [
        (
            "ibcourse.information.measures",
            "from ibcourse.bottleneck import ib_curve",
            "bottleneck, which lies",
        ),
        ("ibcourse.information.measures", "from ibcourse import bottleneck", "bottleneck, which lies above"),
        (
            "ibcourse.information.measures",
            "from ..bottleneck import ib_curve",
            "bottleneck, which lies above",
        ),
        ("ibcourse.information.__init__", "from .. import plots", "plots, which lies above"),
        ("ibcourse.information.__init__", "import ibcourse.plots.curves as c", "plots, which lies above"),
        ("ibcourse._array", "def f():\n    import torch", "imports torch"),
        ("ibcourse.bottleneck", "from matplotlib import pyplot", "imports matplotlib"),
        ("ibcourse.variational", "from ibcourse.explore import interact", "explore, which lies above"),
        ("ibcourse.variational", "from ibcourse.grading import run", "grading, which lies above"),
        ("ibcourse.estimators", "import ibcourse.data", "data, which lies above"),
        ("ibcourse.explore.widgets", "import ibcourse.course", "course, which lies above"),
        ("ibcourse.grading.run", "from ibcourse.information import entropy", "none of the mathematics"),
        ("ibcourse.grading.run", "from ibcourse import _array", "none of the mathematics"),
        ("ibcourse.helpers", "", "without a place in the order"),
        ("ibcourse.__init__", "from ibcourse.information import entropy", "imports ibcourse.information"),
    ],
)
def test_a_violation_is_reported(module, source, words):
    (found,) = violations(source, module)
    assert words in found


@pytest.mark.parametrize(
    ("module", "source"),
    [
        (
            "ibcourse.bottleneck",
            "from ibcourse.information import entropy\nfrom ibcourse._array import xlogy",
        ),
        ("ibcourse.information.__init__", "from .measures import entropy\nfrom . import prover"),
        ("ibcourse.information.measures", "from ibcourse import __version__\nimport numpy, ibcourse"),
        ("ibcourse.variational", "import torch\nfrom ibcourse.nets import mlp"),
        ("ibcourse.grading.run", "from ibcourse.grading import sandbox\nimport json"),
        ("ibcourse.cli", "from ibcourse.course import labs\nfrom ibcourse.grading import run"),
    ],
)
def test_imports_downwards_are_allowed(module, source):
    assert violations(source, module) == []
