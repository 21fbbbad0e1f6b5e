"""House rules that a page's source must keep; the built site has tests of its own."""

import re
from pathlib import Path

import jupytext
import pytest
from markdown_it import MarkdownIt
from mdit_py_plugins.colon_fence import colon_fence_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.front_matter import front_matter_plugin
from mdit_py_plugins.myst_role import myst_role_plugin

ROOT = Path(__file__).parent.parent
CHAPTERS = sorted((ROOT / "chapters").rglob("*.md"))
PARSER = MarkdownIt().enable("table")
for plugin in (front_matter_plugin, dollarmath_plugin, myst_role_plugin, colon_fence_plugin):
    PARSER.use(plugin)
NUMBER = re.compile(r"(?<![\w.\\^_{/-])\d(?:[\d,]*\d)?(?:\.\d+)?(?![\w/])")
YEAR = re.compile(r"1[89]\d\d|20\d\d")


def sentences(markdown: str) -> list[str]:
    """Running text and formulas of a page: no code, no roles, no options of directives."""
    found = []
    for token in PARSER.parse(markdown):
        if token.type in ("fence", "colon_fence") and "code" not in token.info:
            body = re.sub(r"^:[\w-]+:.*$", "", token.content, flags=re.M)
            found += sentences(body)
        elif token.type == "math_block":
            found.append(token.content)
        for child in token.children or ():
            if child.type in ("text", "math_inline"):
                found.append(child.content)
    return found


def typed_numbers(markdown: str) -> list[str]:
    """Numbers of three or more significant digits that were typed instead of computed."""
    numbers = [number for text in sentences(markdown) for number in NUMBER.findall(text)]
    return [
        number
        for number in numbers
        if not YEAR.fullmatch(number) and len(significant(number.replace(",", ""))) >= 3
    ]


def significant(number: str) -> str:
    digits = number.replace(".", "").lstrip("0")
    return digits if "." in number else digits.rstrip("0")


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("The loss is 0.875 bits.", ["0.875"]),
        ("It is $I = 0.0117$ nats, or 0.10.", ["0.0117"]),
        ("It is {glue:text}`loss:.3f`, see `0.123`, in 1948, after 10,000 tries.", []),
        ("```{exercise} Try\n:label: ex-123\nIs it 1.37?\n```", ["1.37"]),
        ("```{code-cell} ipython3\nx = 1.234\n```", []),
        (":::{quiz}\n:answer: 0.531\nHow many?\n\n- 0.368: nats\n:::", ["0.368"]),
    ],
)
def test_typed_numbers_are_found(text, typed):
    assert typed_numbers(text) == typed


@pytest.mark.parametrize("page", CHAPTERS, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_numbers_in_sentences_come_from_cells(page):
    assert typed_numbers(page.read_text(encoding="utf8")) == [], "glue these numbers from a cell"


@pytest.mark.parametrize("page", CHAPTERS, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_cells_are_short(page):
    cells = [cell for cell in jupytext.read(page, fmt="md:myst").cells if cell.cell_type == "code"]
    for cell in cells:
        assert len(cell.source.splitlines()) <= 20, f"too long for a lesson:\n{cell.source}"
        for line in cell.source.splitlines():
            assert len(line) <= 75, f"cut off beside the page's contents: {line}"


@pytest.mark.parametrize(
    "page", [page for page in CHAPTERS if page.stem != "index"], ids=lambda page: page.stem
)
def test_a_lesson_says_what_it_needs_and_how_long_it_takes(page):
    text = page.read_text(encoding="utf8")
    assert "**You need**" in text
    assert re.search(r"\*\*It takes\*\* \d+ minutes", text)


@pytest.mark.parametrize(
    "page", sorted(ROOT.glob("*.md")) + sorted((ROOT / "appendix").glob("*.md")) + CHAPTERS
)
def test_no_address_outside_is_loaded(page):
    text = page.read_text(encoding="utf8")
    assert not re.search(r"<(script|link|img|iframe)\b[^>]*https?:", text)
    assert not re.search(r"!\[[^\]]*\]\(https?:", text)
