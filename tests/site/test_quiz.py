"""The quiz directive in small Sphinx projects: what pages hold without a script, and faults."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser, LexborNode

EXTENSIONS = Path(__file__).parents[2] / "_ext"
CONFIG = """
import sys
sys.path.insert(0, {extensions!r})
extensions = ["myst_nb", "ibquiz"]
myst_enable_extensions = ["colon_fence", "dollarmath"]
nb_execution_mode = "cache"
nb_execution_cache_path = {cache!r}
"""
PAGE = r"""---
file_format: mystnb
kernelspec: {name: python3, display_name: Python 3}
---
# Page

:::{quiz}
Which is $\ge 0$?

There is one.

- [ ] $h(X)$
  > A narrow density: $h(X) < 0$.
- [x] $I(X;Y)$
  > A divergence.
:::

:::{quiz} Two are *right*
Which are sums?

- [x] one
  > $$ 1 + 1 $$
- [X] two
  > Why two.
  >
  > In two paragraphs.
- [ ] three
  > Why not three.
:::

:::{quiz}
:type: number
:answer: coin
:tolerance: 0.001
:unit: bits
How much?

- coin_nats: This is in nats.
- -1: A sign is lost.
- otherwise: Add $-p \log p$.
:::

:::{quiz}
:type: number
:answer: 53
:tolerance: 2
:unit: "1"
How many?

- otherwise: Count.
:::

```{code-cell}
import math
from myst_nb import glue
class Shown(float):
    def __repr__(self): return f"np.float64({float(self)!r})"
glue("coin", Shown(-sum(p * math.log2(p) for p in (0.12, 0.88))), display=False)
glue("coin_nats", -sum(p * math.log(p) for p in (0.12, 0.88)), display=False)
```
"""
NUMBER = ":::{{quiz}}\n:type: number\n{options}\nHow much?\n\n{entries}\n:::"
GOOD = ":answer: 1\n:tolerance: 0.1\n:unit: bits"
CHOICE = ":::{{quiz}}\nWhich?\n\n{options}\n:::"
FAULTS = {
    "right": (CHOICE.format(options="- [ ] a\n  > b\n- [ ] c\n  > d"), "no option is marked as right"),
    "single": (CHOICE.format(options="- [x] a\n  > b"), "give at least two"),
    "unexplained": (
        CHOICE.format(options="- [x] a\n  > b\n- [ ] c"),
        "'c' must end with its explanation",
    ),
    "twice": (
        CHOICE.format(options="- [x] a\n  > b\n\n  c\n\n  > d\n- [ ] e\n  > f"),
        "must end with its explanation, one quote",
    ),
    "unmarked": (CHOICE.format(options="- [x] a\n  > b\n- c\n  > d"), "'c' does not start with [x]"),
    "empty": (CHOICE.format(options="No list."), "expected a question and, after it, a list"),
    "type": (":::{quiz}\n:type: essay\nWhy?\n\n- a\n:::", "type is 'essay', expected choice or number"),
    "answer": (
        NUMBER.format(options=":tolerance: 0.1\n:unit: bits", entries="- otherwise: a"),
        "needs :answer:",
    ),
    "tolerance": (
        NUMBER.format(options=":answer: 1\n:unit: bits", entries="- otherwise: a"),
        "needs :tolerance:",
    ),
    "unit": (NUMBER.format(options=":answer: 1\n:tolerance: 1", entries="- otherwise: a"), "needs :unit:"),
    "negative": (
        NUMBER.format(options=GOOD.replace("0.1", "0"), entries="- otherwise: a"),
        "tolerance is 0, expected",
    ),
    "key": (
        NUMBER.format(options=GOOD.replace("1", "gone", 1), entries="- otherwise: a"),
        "'gone' is neither a number nor glued",
    ),
    "wide": (
        NUMBER.format(options=GOOD, entries="- 1.05: a\n- otherwise: b"),
        "the wrong answer 1.05 is within the tolerance",
    ),
    "otherwise": (NUMBER.format(options=GOOD, entries="- 2: a"), "must end with `otherwise: explanation`"),
    "bare": (NUMBER.format(options=GOOD, entries="- 2:\n- otherwise: b"), "'2:' is not of the form"),
}


def build(folder: Path, builder: str = "html") -> str:
    """Output of Sphinx, which starts anew each time."""
    command = [sys.executable, "-m", "sphinx", "-E", "-n", "-W", "--keep-going", "-b", builder]
    run = subprocess.run(
        [*command, folder / "source", folder / builder],
        env={**os.environ, "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        encoding="utf8",
    )
    return f"{run.returncode} {run.stdout}{run.stderr}"


def write(folder: Path, pages: dict[str, str]) -> None:
    source = folder / "source"
    source.mkdir()
    config = CONFIG.format(extensions=str(EXTENSIONS), cache=str(folder / "cache"))
    (source / "conf.py").write_text(config, encoding="utf8")
    names = "\n".join(pages)
    pages = {"index": f"# Home\n\n```{{toctree}}\n{names}\n```\n", **pages}
    for name, text in pages.items():
        (source / f"{name}.md").write_text(text, encoding="utf8")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    write(folder, {"page": PAGE})
    return folder


@pytest.fixture(scope="module")
def first_build(project: Path) -> str:
    return build(project)


def read(project: Path, page: str = "page") -> LexborHTMLParser:
    return LexborHTMLParser((project / "html" / f"{page}.html").read_text(encoding="utf8"))


def check(form: LexborNode) -> dict:
    return json.loads(form.attributes["data-check"] or "")


def test_clean_build(first_build: str) -> None:
    assert first_build.startswith("0 "), first_build


@pytest.mark.usefixtures("first_build")
class TestPage:
    def test_controls(self, project: Path) -> None:
        one, several, *_ = read(project).css("form.quiz")
        assert [box.attributes["type"] for box in one.css("label > input")] == ["radio"] * 2
        assert [box.attributes["type"] for box in several.css("label > input")] == ["checkbox"] * 3
        assert check(one) == {"right": [1]}
        assert check(several) == {"right": [0, 1]}

    def test_titles(self, project: Path) -> None:
        titles = [node.inner_html for node in read(project).css("form.quiz > .admonition-title")]
        assert titles == ["Pause and check", "Two are <em>right</em>", "Pause and check", "Pause and check"]

    def test_group_is_named_by_its_question(self, project: Path) -> None:
        page = read(project)
        groups = page.css('[role="group"]')
        questions = [page.css_first(f"#{group.attributes['aria-labelledby']}").text() for group in groups]
        assert len(questions) == 2
        assert "There is one." in questions[0]
        assert "Which are sums?" in questions[1]

    def test_formulas_are_left_to_the_renderer(self, project: Path) -> None:
        one, several, number, _ = read(project).css("form.quiz")
        assert len(one.css("label .math")) == 2
        assert len(one.css("details .math")) == 1
        assert several.css_first("details div.math") is not None
        assert len(number.css("details .math")) == 1

    def test_folded_answers(self, project: Path) -> None:
        one, several, number, count = read(project).css("form.quiz")
        assert [node.text() for node in one.css("details strong")] == ["Wrong.", "Right."]
        assert [node.text() for node in several.css("details strong")] == ["Right.", "Right.", "Wrong."]
        assert "In two paragraphs." in several.css("details li")[1].text()
        assert "Why two." not in several.css_first('[role="group"]').text()
        assert [node.text().strip() for node in number.css("details li")][:3] == [
            "Right. 0.529 bits, give or take 0.001.",
            "0.367 bits. This is in nats.",
            "-1 bits. A sign is lost.",
        ]
        assert count.css_first("details li").text().strip() == "Right. 53, give or take 2."
        assert "Show answers" in several.css_first("summary").text()

    def test_glued_numbers(self, project: Path) -> None:
        number = check(read(project).css("form.quiz")[2])
        assert number["answer"] == pytest.approx(0.5293608652873644, rel=1e-12)
        assert number["wrong"] == pytest.approx([0.3669250, -1], abs=1e-6)
        assert (number["tolerance"], number["unit"]) == (0.001, "bits")

    def test_assets_only_where_a_quiz_is(self, project: Path) -> None:
        assert len(read(project).css('script[src*="ibquiz.js"], link[href*="ibquiz.css"]')) == 2
        assert not read(project, "index").css('[src*="ibquiz"], [href*="ibquiz"]')

    def test_glue_from_the_execution_cache(self, project: Path, first_build: str) -> None:
        before = check(read(project).css("form.quiz")[2])
        output = build(project)
        assert "Executed notebook" in first_build
        assert "Executed notebook" not in output
        assert check(read(project).css("form.quiz")[2]) == before

    def test_text(self, project: Path) -> None:
        output = build(project, "text")
        assert output.startswith("0 "), output
        text = (project / "text" / "page.txt").read_text(encoding="utf8")
        assert re.search(
            r"Pause and check:\s.*2\. I\(X;Y\).*Answer\n.*2\. \*\*Right\.\*\* A divergence", text, re.S
        )

    def test_latex(self, project: Path) -> None:
        output = build(project, "latex")
        assert output.startswith("0 "), output
        tex = next((project / "latex").glob("*.tex")).read_text(encoding="utf8")
        assert tex.count(r"\begin{sphinxadmonition}") == 4
        assert r"\sphinxstylestrong{Right.} A divergence." in tex


@pytest.fixture(scope="module")
def faults(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("faults")
    write(folder, {name: f"# {name}\n\nText.\n\n{quiz}\n" for name, (quiz, _) in FAULTS.items()})
    return build(folder)


@pytest.mark.parametrize("name", FAULTS)
def test_fault_stops_the_build_with_its_line(faults: str, name: str) -> None:
    reported = [line for line in faults.splitlines() if f"{name}.md:" in line]
    assert faults.startswith("1 ")
    assert len(reported) == 1
    assert f"{name}.md:5: ERROR: quiz: " in reported[0]
    assert FAULTS[name][1] in reported[0]
