"""Every item and erratum of the sources has its sentence and, where its topic stands, its place."""

import importlib.util
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from markdown_it import MarkdownIt
from mdit_py_plugins.colon_fence import colon_fence_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.front_matter import front_matter_plugin
from mdit_py_plugins.myst_role import myst_role_plugin

ROOT = Path(__file__).parent.parent
# What the audit of the documents counted, per document.
ITEMS = {"S0": 58, "S1": 108, "S2": 66, "S3": 72}
ERRATA = {"E0": 15, "E1": 23, "E2": 28, "E3": 26}
# Traces of notes that were never meant to be read: line numbers, file names, tags, arrows, words for gaps.
NOTES = re.compile(r"\bLOST\b|\bMISSING\b|\bL\d{2,}|\[s0|\.txt|->|=>|<=|>=|[≤≥≈⊥β]|\.\.\.")

spec = importlib.util.spec_from_file_location("ibsources", ROOT / "_ext" / "ibsources.py")
assert spec is not None
assert spec.loader is not None
ibsources = importlib.util.module_from_spec(spec)
spec.loader.exec_module(ibsources)

SOURCES = ibsources.read_sources(ROOT)
MARKDOWN = (
    MarkdownIt()
    .enable("table")
    .use(front_matter_plugin)
    .use(dollarmath_plugin)
    .use(colon_fence_plugin)
    .use(myst_role_plugin)
)


def claims_in(text: str) -> Iterator[str]:
    """The ids that a page's text claims, those inside directives and their titles included."""
    for token in MARKDOWN.parse(text):
        if token.type in ("fence", "colon_fence") and token.info.startswith("{"):
            name, _, title = token.info[1:].partition("}")
            if not name.startswith(("code", "literal", "math")):
                yield from claims_in(title)
                yield from claims_in(token.content)
        for child in token.children or []:
            if child.type == "myst_role" and child.meta["name"] == "source":
                yield from (identifier.strip() for identifier in child.content.split(","))


def claims_of_pages(root: Path) -> dict[str, list[str]]:
    claims: dict[str, list[str]] = {}
    for path in [
        root / "index.md",
        *sorted(root.glob("chapters/**/*.md")),
        *sorted(root.glob("appendix/*.md")),
    ]:
        for identifier in claims_in(path.read_text(encoding="utf8")):
            claims.setdefault(identifier, []).append(path.relative_to(root).as_posix())
    return claims


def unclaimed(
    sources: dict[str, Any], taught: dict[str, list[str]], tests: dict[str, list[str]]
) -> list[str]:
    """The ids of standing topics without a place: a page or a problem, or for an erratum a test."""
    return [
        identifier
        for identifier, entry in sources["entries"].items()
        if entry["topic"] in sources["standing"]
        and identifier not in taught
        and not (identifier in sources["errata"] and identifier in tests)
    ]


def faults(says: str) -> list[str]:
    """What keeps a text from being one whole sentence with sound TeX."""
    prose = re.sub(r"\$[^$]*\$", "x", says)
    found = {
        "does not end with a period": not says.endswith("."),
        "does not begin with a capital or a formula": not (says[0].isupper() or says[0] == "$"),
        "is more than one sentence": bool(re.search(r"[.!?]['\")]* +[A-Z]", prose)),
        "has an unclosed formula": says.count("$") % 2 == 1,
        "has TeX outside a formula": bool(re.search(r"[\\_^{}]", prose)),
        "has unbalanced braces": any(
            formula.count("{") != formula.count("}") for formula in re.findall(r"\$([^$]*)\$", says)
        ),
        "looks like a note": bool(NOTES.search(says)),
        "has fewer than four words": len(says.split()) < 4,
    }
    return [fault for fault, present in found.items() if present]


def test_every_id_of_the_documents_is_there_once() -> None:
    assert Counter(identifier.split(".")[0] for identifier in SOURCES["items"]) == ITEMS
    assert Counter(identifier.split(".")[0] for identifier in SOURCES["errata"]) == ERRATA
    assert sum(ITEMS.values()) == 304
    assert sum(ERRATA.values()) == 92
    # YAML keeps the last of two equal keys without a word.
    keys = re.findall(r"^  ([SE]\d\.\S+):", (ROOT / "sources.yml").read_text(encoding="utf8"), re.MULTILINE)
    assert sorted(keys) == sorted(SOURCES["entries"])


def test_topics_kinds_and_documents_are_known() -> None:
    assert {entry["topic"] for entry in SOURCES["entries"].values()} <= set(SOURCES["topics"])
    assert set(SOURCES["standing"]) <= set(SOURCES["topics"])
    assert {erratum["kind"] for erratum in SOURCES["errata"].values()} <= set(ibsources.KINDS)
    assert set(SOURCES["documents"]) == set(ITEMS)


def test_every_entry_says_one_whole_sentence() -> None:
    found = {identifier: faults(entry["says"]) for identifier, entry in SOURCES["entries"].items()}
    assert {identifier: fault for identifier, fault in found.items() if fault} == {}
    sentences = Counter(entry["says"] for entry in SOURCES["entries"].values())
    assert [sentence for sentence, count in sentences.items() if count > 1] == []


@pytest.mark.parametrize(
    "says",
    [
        "Entropy is an expectation",
        "Entropy is an expectation. It is not negative.",
        "The entropy is $H(X) = \\E[-\\log p(x).",
        "The entropy is $\\frac{1}{2$ in this case.",
        "The entropy is H_p(X) in this case.",
        "The list is LOST in the text.",
        "It is printed (L113) with a wrong sign.",
        "As beta -> 0 the encoder forgets.",
        "Differential entropy.",
    ],
)
def test_a_faulty_sentence_is_found(says: str) -> None:
    assert faults(says)


def test_errata_that_entries_name_exist() -> None:
    named = {
        (identifier, erratum)
        for identifier, entry in SOURCES["entries"].items()
        for erratum in re.findall(r"\bE\d\.\d+", entry["says"])
    }
    assert [pair for pair in sorted(named) if pair[1] not in SOURCES["errata"]] == []


def test_every_entry_has_its_own_anchor() -> None:
    assert len({ibsources.anchor(identifier) for identifier in SOURCES["entries"]}) == len(SOURCES["entries"])


def test_claims_name_known_ids() -> None:
    claims = [claims_of_pages(ROOT), ibsources.claims_of_tests(ROOT), ibsources.claims_of_problems(ROOT)]
    unknown = {i: places for found in claims for i, places in found.items() if i not in SOURCES["entries"]}
    assert unknown == {}


def test_every_id_of_a_standing_topic_has_its_place() -> None:
    taught = ibsources.claims_of_problems(ROOT) | claims_of_pages(ROOT)
    assert unclaimed(SOURCES, taught, ibsources.claims_of_tests(ROOT)) == []


def test_an_id_without_a_place_is_reported() -> None:
    sources = {
        "standing": ["information"],
        "items": {"S1.Eq2": {"topic": "information"}, "S1.IB": {"topic": "bottleneck"}},
        "errata": {"E1.1": {"topic": "information"}},
    }
    sources["entries"] = sources["items"] | sources["errata"]
    place = ["somewhere"]
    assert unclaimed(sources, {}, {}) == ["S1.Eq2", "E1.1"]
    assert unclaimed(sources, {"S1.Eq2": place}, {"E1.1": place}) == []
    assert unclaimed(sources, {"E1.1": place}, {"S1.Eq2": place}) == ["S1.Eq2"]


def test_claims_of_a_page_are_found_wherever_they_stand() -> None:
    page = """\
---
jupytext: {}
---
# Title {source}`S1.A`

Text with $x$ {source}`S1.B, S1.C`, and `{source}` as code.

| a | b |
|---|---|
| c | {source}`S1.D` |

::::{prf:theorem} Gibbs {source}`S1.E`
:label: gibbs

- item {source}`S1.F`

:::{note}
Deep {source}`S1.G`
:::
::::

```{code-cell} ipython3
"{source}`S1.no`"
```

```
{source}`S1.no`
```
"""
    assert list(claims_in(page)) == [f"S1.{letter}" for letter in "ABCDEFG"]


def test_claims_of_tests_are_read_from_their_markers(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_a.py").write_text(
        "import pytest\n"
        "pytestmark = pytest.mark.source('S1.A')\n"
        "@pytest.mark.source('S1.B', 'S1.C')\n"
        "def test_one(): '''@pytest.mark.source('S1.no')'''\n"
        "class TestTwo:\n"
        "    @pytest.mark.parametrize('x', [1])\n"
        "    @pytest.mark.source('S1.C')\n"
        "    def test_three(self, x): ...\n"
    )
    assert ibsources.claims_of_tests(tmp_path) == {
        "S1.A": ["tests/test_a.py"],
        "S1.B": ["tests/test_a.py::test_one"],
        "S1.C": ["tests/test_a.py::test_one", "tests/test_a.py::TestTwo"],
    }


def test_claims_of_homework_are_read_from_its_header(tmp_path: Path) -> None:
    folder = tmp_path / "exercises" / "01-information"
    folder.mkdir(parents=True)
    (folder / "01.md").write_text("---\n" + yaml.safe_dump({"sources": ["S3.Ex1"]}) + "---\n# Problem\n")
    (folder / "02.md").write_text("# A problem without a header\n")
    assert ibsources.claims_of_problems(tmp_path) == {"S3.Ex1": ["exercises/01-information/01.md"]}
