"""The built site as its readers meet it: from the file system, with the network off."""

import gzip
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import axe_playwright_python
import nbformat
import pytest
import yaml
from playwright.sync_api import Browser, Page, expect
from selectolax.lexbor import LexborHTMLParser

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parent.parent.parent
SITE = ROOT / "_build" / "html"
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf8")
KNOWN = yaml.safe_load(Path(__file__).with_name("axe-known.yml").read_text(encoding="utf8")) or {}
PAGES = [
    path.relative_to(SITE).as_posix()
    for path in sorted(SITE.rglob("*.html"))
    if not {"_static", "_sources"} & set(path.relative_to(SITE).parts)
]
LESSON = "chapters/01-information/gibbs.html"
LAB = "chapters/01-information/lab.html"
# Every kind of page once; axe is too slow for all of them.
KINDS = ["index.html", LESSON, LAB, "appendix/notation.html", "appendix/sources.html", "appendix/errata.html",
         "appendix/glossary.html", "appendix/bibliography.html", "api/information.html", "genindex.html",
         "search.html"]  # fmt: skip
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}


@pytest.fixture
def visit(browser: Browser) -> Iterator:
    """Open pages; the test fails for a request that leaves the file system or an error on the console."""
    wrong: list[str] = []
    contexts = []

    def visit(path: str, *, dark: bool = False, viewport: dict[str, int] = DESKTOP) -> Page:
        scheme = "dark" if dark else "light"
        context = browser.new_context(viewport=viewport, color_scheme=scheme, reduced_motion="reduce")
        contexts.append(context)
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        page = context.new_page()
        page.on("request", lambda r: r.url.startswith(("file:", "data:", "blob:")) or wrong.append(r.url))
        # A request that leaving the page cut short has not failed.
        page.on(
            "requestfailed", lambda r: "ABORTED" in (r.failure or "") or wrong.append(f"{r.failure}: {r.url}")
        )
        page.on("console", lambda m: m.type in ("error", "warning") and wrong.append(m.text))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        file, _, rest = path.partition("?")
        page.goto((SITE / file).as_uri() + (f"?{rest}" if rest else ""))
        return page

    yield visit
    for context in contexts:
        context.close()
    assert wrong == []


@pytest.fixture(scope="module")
def trees() -> dict[str, LexborHTMLParser]:
    return {path: LexborHTMLParser((SITE / path).read_text(encoding="utf8")) for path in PAGES}


def test_the_site_is_there():
    assert {*KINDS} <= {*PAGES}


# ---------------------------------------------------------------- every page


def test_pages_need_no_network_and_fit_a_phone(visit):
    page = visit("index.html", viewport=PHONE)
    for path in PAGES:
        page.goto((SITE / path).as_uri())
        page.add_style_tag(content="* { content-visibility: visible !important }")
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path


def test_every_formula_is_typeset(trees):
    assert len(trees[LESSON].css(".katex")) > 50
    for path, tree in trees.items():
        for math in tree.css(".math.notranslate"):
            assert math.css_first(".katex"), f"{path}: {math.text()}"
        assert not tree.css(".katex-error"), path


def test_every_figure_has_words_and_a_caption(trees):
    for path, tree in trees.items():
        for figure in tree.css(".cell_output .figure-svg, .cell_output img"):
            words = figure.attributes.get("aria-label") or figure.attributes.get("alt") or ""
            assert len(words) > 20, f"{path}: a figure without alternative text"
            parent = figure.parent
            while parent is not None and parent.tag != "figure":
                parent = parent.parent
            assert parent is not None, f"{path}: a figure without caption"
            assert parent.css_first("figcaption"), f"{path}: a figure without caption"


def test_every_link_leads_somewhere(trees):
    ids = {path: {node.attributes["id"] for node in tree.css("[id]")} for path, tree in trees.items()}
    for path, tree in trees.items():
        for link in tree.css("a[href]"):
            target, _, name = unquote(link.attributes["href"] or "").partition("#")
            if re.match(r"[a-z]+:", target):
                continue
            file = (SITE / path).parent / target if target else SITE / path
            assert file.exists(), f"{path}: {target}"
            page = file.resolve().relative_to(SITE).as_posix()
            if name and page in ids:
                assert name in ids[page], f"{path}: {target}#{name}"


def test_pages_are_light(trees):
    """A page and all it loads, compressed as a static host does."""
    for path, tree in trees.items():
        files = {SITE / path}
        for node in tree.css("script[src], link[rel=stylesheet], .bd-content img[src]"):
            source = (node.attributes.get("src") or node.attributes.get("href") or "").partition("?")[0]
            assert "fontawesome" not in source
            files.add(((SITE / path).parent / source).resolve())
        size = sum(len(gzip.compress(file.read_bytes(), 6)) for file in files)
        limit = 250_000 if path not in ("search.html", "appendix/sources.html") else 350_000
        assert size < limit, f"{path}: {size / 1000:.0f} kB"
        assert (
            all(node.attributes.get("defer") is not None for node in tree.css("script[src]"))
            or path == "search.html"
        )


# ---------------------------------------------------------------- looks and access


@pytest.mark.parametrize("path", KINDS)
def test_axe_finds_nothing_but_what_is_listed(visit, path):
    page = visit(path)
    page.add_style_tag(content="* { content-visibility: visible !important }")
    page.wait_for_timeout(150)  # idle time, in which wide formulas become reachable
    # The page of all sources has hundreds of entries of one kind, which would take axe too long.
    page.evaluate(
        "document.querySelectorAll('dl.sources > :nth-child(n + 9)').forEach(entry => entry.remove())"
    )
    page.evaluate(AXE)
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        page.wait_for_function(f"document.documentElement.dataset.theme === '{theme}'")
        found = page.evaluate(
            "axe.run({preload: false})"
            ".then(result => result.violations.map(v => [v.id, v.nodes.map(n => n.html)]))"
        )
        known = KNOWN.get(path, [])
        # A listed rule that is kept again leaves the list.
        assert {rule for rule, _ in found} == set(known), (theme, found)


def test_a_long_page_does_not_jump(visit):
    page = visit("index.html", viewport=PHONE)
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    page.add_init_script(
        "window.moved = 0; new PerformanceObserver(list => list.getEntries().forEach(entry => {"
        " if (!entry.hadRecentInput) window.moved += entry.value; }))"
        ".observe({type: 'layout-shift', buffered: true})"
    )
    page.goto((SITE / LESSON).as_uri())
    page.wait_for_timeout(500)
    for _ in range(25):
        page.mouse.wheel(0, 600)
        page.wait_for_timeout(40)
    assert page.evaluate("window.moved") < 0.05


def test_a_link_to_a_section_lands_on_it(visit):
    page = visit(LESSON)
    for link in page.locator("#pst-page-toc-nav a, .page-toc a").all():
        link.click()
        page.wait_for_timeout(400)
        top = page.evaluate("document.getElementById(location.hash.slice(1)).getBoundingClientRect().top")
        assert -10 <= top <= 150 or page.evaluate(
            "innerHeight + scrollY >= document.documentElement.scrollHeight - 2"
        ), link.inner_text()


@pytest.mark.parametrize(
    ("button", "drawer"), [("primary", "#pst-primary-sidebar"), ("secondary", "#pst-secondary-sidebar")]
)
def test_the_drawers_open_on_a_phone(visit, button, drawer):
    page = visit(LESSON, viewport=PHONE)
    expect(page.locator(drawer)).not_to_be_in_viewport()
    page.locator(f".bd-header-article .{button}-toggle").click()
    expect(page.locator(drawer)).to_be_in_viewport()
    page.keyboard.press("Escape")
    expect(page.locator(drawer)).not_to_be_in_viewport()


def test_the_colour_switch_turns_the_figures_too(visit):
    page = visit(LESSON)
    text = page.locator(".figure-svg text").first
    ink = "node => getComputedStyle(node).fill"
    light = text.evaluate(ink)
    while page.evaluate("document.documentElement.dataset.theme") != "dark":
        page.locator(".bd-header-article .theme-switch-button").click()
    assert text.evaluate(ink) != light


def test_the_search_finds_a_term(visit):
    page = visit("search.html?q=divergence")
    expect(page.locator("#search-results")).to_contain_text("Information is never negative")


# ---------------------------------------------------------------- the lesson


def test_the_explorables_and_the_quiz_work_on_the_page(visit):
    page = visit(LESSON)
    bars = page.locator("ib-gibbs-bars")
    bars.scroll_into_view_if_needed()
    slider = bars.locator("input[type=range]").first
    before = slider.input_value()
    slider.focus()
    page.keyboard.press("ArrowRight")
    assert slider.input_value() != before

    quiz = page.locator("form.quiz").first
    quiz.get_by_role("checkbox").nth(0).check()
    quiz.get_by_role("checkbox").nth(2).check()
    quiz.get_by_role("button", name="Check").click()
    expect(quiz).to_contain_text("Right")


def test_a_copied_formula_is_its_tex(visit):
    page = visit(LESSON)
    page.locator(".math-scroll").first.scroll_into_view_if_needed()
    page.evaluate("getSelection().selectAllChildren(document.querySelector('.math-scroll'))")
    page.keyboard.press("Control+C")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("$$")
    assert "\\KL{p}{q}" in copied


# ---------------------------------------------------------------- downloads


def test_a_page_offers_its_notebook_and_a_lab_opens_in_jupyterlab(trees):
    for path in ("index.html", LESSON, LAB):
        links = [link.attributes["href"] or "" for link in trees[path].css("a[href]")]
        notebooks = [link for link in links if link.endswith(".ipynb") and "_sources" in link]
        assert len(notebooks) == 1, path
        notebook = nbformat.read((SITE / path).parent / notebooks[0], as_version=4)
        nbformat.validate(notebook)
        opens = [link for link in links if "/lab/tree/" in link]
        assert opens == (["http://localhost:8888/lab/tree/01-information-lab.ipynb"] if path == LAB else [])
