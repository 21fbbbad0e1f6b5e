"""Finished pages are made light: one small style sheet, icons and figures inline, deferred scripts.

The pass also repairs what the theme leaves wrong for screen readers.  Where a later theme no longer has what
is looked for here, pages get heavier or an accessibility rule fails; the browser tests watch both.
"""

import base64
import hashlib
import json
import logging as standard_logging
import re
import subprocess
import time
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from fontTools import subset
from ibmath import HERE, NODE
from selectolax.lexbor import LexborHTMLParser, LexborNode
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util import logging

from ibcourse.plots import BACKGROUND, FOREGROUND

log = logging.getLogger(__name__)
standard_logging.getLogger("fontTools").setLevel("WARNING")
KATEX = HERE / "node_modules" / "katex" / "dist"
ICON_STYLE = (
    ".icon{display:inline-block;height:1em;overflow:visible;vertical-align:-.125em;fill:currentColor}"
    ".fa-lg{font-size:1.25em}"
)
# The usual formula fonts travel inside the style sheet and are loaded at once: no line is broken twice.
# The others stay files, which a page that uses them fetches.
EMBEDDED = {
    "Main-Regular": "1em KaTeX_Main",
    "Math-Italic": "italic 1em KaTeX_Math",
    "AMS-Regular": "1em KaTeX_AMS",
    "Caligraphic-Regular": "1em KaTeX_Caligraphic",
    "Size1-Regular": "1em KaTeX_Size1",
    "Size2-Regular": "1em KaTeX_Size2",
    "Size3-Regular": "1em KaTeX_Size3",
}
LOAD_FONTS = f"{list(EMBEDDED.values())}.forEach(font => document.fonts.load(font))"
# The search reads pages for its excerpts, which browsers refuse on the file system.
NO_EXCERPTS = 'if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;'
SEARCH_SCRIPTS = ("searchtools.js", "language_data.js", "searchindex.js")


def node_job(job: str, **request: Any) -> Any:
    run = subprocess.run(
        [NODE, HERE / "slim.mjs"],
        input=json.dumps({"job": job, **request}),
        capture_output=True,
        text=True,
        encoding="utf8",
    )
    if run.returncode:
        raise ExtensionError(f"the style sheet could not be made: {run.stderr}")
    return json.loads(run.stdout)


# ---------------------------------------------------------------- pages


def fragment(markup: str) -> LexborNode:
    node = LexborHTMLParser(f"<body>{markup}</body>").css_first("body").child
    assert node is not None
    return node


def inline_icons(page: LexborHTMLParser, icons: dict[str, Any]) -> None:
    for node in page.css("i, span"):
        classes = (node.attributes.get("class") or "").split()
        if not {"fa", "fas", "far", "fab", "fa-solid", "fa-regular", "fa-brands"} & set(classes):
            continue
        names = [c.removeprefix("fa-") for c in classes if c.startswith("fa-")]
        drawing = next((icons[name] for name in names if name in icons), None)
        if drawing is None:
            log.warning("no drawing for the icon %s", " ".join(classes))
            continue
        width, height, *_, path = drawing
        icon = fragment(f'<svg aria-hidden="true" viewBox="0 0 {width} {height}"><path d="{path}"/></svg>')
        icon.attrs["class"] = " ".join(["icon", *(c for c in classes if c in ("theme-switch", "fa-lg"))])
        if mode := node.attributes.get("data-mode"):
            icon.attrs["data-mode"] = mode
        node.replace_with(icon)


def inline_figure(source: str, words: str, prefix: str) -> LexborNode:
    """A figure of Matplotlib's inside its page, where it takes the page's colours for ink and paper."""
    markup = source[source.index("<svg") :]
    # A style element inside the page would hold for every drawing of the page: ib.css has its rule.
    markup = re.sub(r"<(style|metadata)\b.*?</\1>", "", markup, flags=re.S)
    used = set(re.findall(r"#([\w-]+)", markup))
    markup = re.sub(r'\sid="([^"]*)"', lambda m: f' id="{prefix}{m[1]}"' if m[1] in used else "", markup)
    markup = re.sub(r"(href=\"|url\()#", rf"\1#{prefix}", markup)
    markup = re.sub(FOREGROUND, "currentColor", markup, flags=re.I)
    markup = re.sub(BACKGROUND, "var(--pst-color-background)", markup, flags=re.I)
    figure = fragment(markup)
    figure.attrs["class"] = "figure-svg"
    figure.attrs["role"] = "img"
    figure.attrs["aria-label"] = words
    return figure


def place_images(page: LexborHTMLParser, folder: Path) -> None:
    for count, image in enumerate(page.css('img[src*="_images/"]')):
        file = folder / unquote(image.attributes["src"] or "")
        if file.suffix == ".svg" and 'id="figure_1"' in (source := file.read_text(encoding="utf8")):
            figure = inline_figure(source, image.attributes.get("alt") or "", f"f{count}-")
            if style := image.attributes.get("style"):
                figure.attrs["style"] = style
            image.replace_with(figure)
        elif file.suffix == ".png":
            # Its own size, so that the page does not move when it arrives.
            header = file.read_bytes()[16:24]
            image.attrs["width"] = str(int.from_bytes(header[:4], "big"))
            image.attrs["height"] = str(int.from_bytes(header[4:], "big"))
            image.attrs["loading"] = "lazy"


def lighten_scripts(page: LexborHTMLParser, options: str, search_page: bool) -> None:
    for node in page.css('link[rel="preload"][as="script"]'):
        node.decompose()
    for node in page.css("script[src]"):
        source = node.attributes["src"] or ""
        name = source.partition("?")[0].rpartition("/")[2]
        if name == "fontawesome.js" or (name in SEARCH_SCRIPTS and not search_page):
            node.decompose()
        elif name == "documentation_options.js":  # later inline scripts need it
            node.replace_with(fragment(f"<script>{options}{NO_EXCERPTS}</script>"))
        elif not search_page:
            node.attrs["defer"] = ""


def repair(page: LexborHTMLParser) -> None:
    """What axe and Lighthouse find in the theme's own markup."""
    # What their labels say differs from the text that is seen.
    for node in page.css("button.search-button-field[aria-label], summary[aria-label]"):
        del node.attrs["aria-label"]
    for node in page.css("summary:has(.toctree-toggle)"):
        chapter = node.parent.parent.css_first("a")
        node.attrs["aria-label"] = f"Pages below: {chapter.text(strip=True)}"
    for node in page.css("#pst-primary-sidebar"):
        node.attrs["role"] = "region"
        node.attrs["aria-label"] = "Site navigation"
    for node in page.css('[role="doc-biblioentry"]'):
        node.attrs["role"] = "listitem"
    for node in page.css("#ethical-ad-placement"):
        node.decompose()
    for node in page.css('meta[name="viewport"]')[1:]:
        node.decompose()


# ---------------------------------------------------------------- style sheets


def load_css(file: Path, static: Path) -> str:
    """A style sheet with its imports in it and its addresses relative to the static folder."""

    def address(match: re.Match[str]) -> str:
        url = match[1].strip("'\"")
        if url.startswith(("data:", "#", "http")):
            return match[0]
        return f"url({(file.parent / url).resolve().relative_to(static.resolve()).as_posix()})"

    css = file.read_text(encoding="utf8")
    css = re.sub(r'@import\s+(?:url\()?"([^"]+)"\)?;', lambda m: load_css(file.parent / m[1], static), css)
    return re.sub(r"url\(((?:'[^']*'|\"[^\"]*\"|[^)'\"]*))\)", address, css)


def subset_font(font: Path, characters: str, target: Path) -> None:
    options = subset.Options(flavor="woff2", hinting=False)
    loaded = subset.load_font(font, options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(text=characters)
    subsetter.subset(loaded)
    subset.save_font(loaded, target, options)


def formula_css(static: Path, characters: str) -> str:
    """KaTeX's style sheet; its fonts keep the characters that occur in the site's formulas."""
    css = (KATEX / "katex.min.css").read_text(encoding="utf8")
    fonts = static / "katex"
    fonts.mkdir(exist_ok=True)

    def sources(match: re.Match[str]) -> str:
        name = match[1]
        target = fonts / f"KaTeX_{name}.woff2"
        subset_font(KATEX / "fonts" / target.name, characters, target)
        if name not in EMBEDDED:
            return f'src:url(katex/{target.name}) format("woff2")'
        data = base64.b64encode(target.read_bytes()).decode()
        return f'src:url(data:font/woff2;base64,{data}) format("woff2")'

    return re.sub(r"src:url\(fonts/KaTeX_([\w-]+)\.woff2\)[^;}]*", sources, css)


def subset_icon_fonts(css: str, static: Path) -> str:
    """The theme draws a few icons through its style sheet: its icon fonts keep only those."""
    characters = {chr(int(code, 16)) for code in re.findall(r"\\(f[0-9a-f]{3})\b", css)}
    characters |= {c for c in css if "\ue000" <= c <= "\uf8ff"}
    for font in (static / "vendor" / "fontawesome" / "webfonts").glob("*.woff2"):
        subset_font(font, "".join(sorted(characters)), font)
    return re.sub(r',\s*url\([^)]*\.ttf\)\s*format\("truetype"\)', "", css)


# ---------------------------------------------------------------- the pass


def slim(app: Sphinx, exception: Exception | None) -> None:
    if exception or app.builder.name != "html":
        return
    out = Path(app.outdir)
    static = out / "_static"
    files = [file for file in sorted(out.rglob("*.html")) if not {"_static", "_sources"} & set(file.parts)]
    for file in files:
        if file.stat().st_mtime < app.build_started:  # every page is written in every build: this one is gone
            file.unlink()
    files = [file for file in files if file.exists()]
    pages = {file: LexborHTMLParser(file.read_text(encoding="utf8")) for file in files}

    icons = node_job("icons", script=str(static / "scripts" / "fontawesome.js"))
    options = (static / "documentation_options.js").read_text(encoding="utf8")
    sheets: dict[str, None] = {}
    characters: set[str] = set()
    for file, page in pages.items():
        inline_icons(page, icons)
        place_images(page, file.parent)
        lighten_scripts(page, options, search_page=file.name == "search.html")
        repair(page)
        for link in page.css('link[rel="stylesheet"]'):
            sheets[(link.attributes["href"] or "").partition("_static/")[2].partition("?")[0]] = None
        characters.update(*(node.text() for node in page.css(".katex-html")))

    scripts = [
        file.read_text(encoding="utf8") for file in static.rglob("*.js") if file.name != "fontawesome.js"
    ]
    words = " ".join(
        sorted(
            set(re.findall(r"[\w-]+", " ".join([*scripts, *(page.html or "" for page in pages.values())])))
        )
    )
    ours = [name for name in sheets if name.startswith("ib")]
    css = "".join(load_css(static / name, static) for name in [*(n for n in sheets if n not in ours), *ours])
    math = formula_css(static, "".join(sorted(characters)))
    css, math = node_job("purge", sheets=[css, math], words=words)
    names = {}
    for name, text in (("site", subset_icon_fonts(css, static) + ICON_STYLE), ("math", math)):
        (static / f"{name}.css").write_text(text, encoding="utf8")
        names[name] = f"_static/{name}.css?v={hashlib.sha256(text.encode()).hexdigest()[:8]}"

    for file, page in pages.items():
        links = page.css('link[rel="stylesheet"]')
        if not links:  # a page that only sends the reader on
            continue
        first, *others = links
        root = (first.attributes["href"] or "").partition("_static/")[0]
        for link in others:
            link.decompose()
        if page.css_first(".katex"):
            first.insert_after(fragment(f"<script>{LOAD_FONTS}</script>"))
            first.insert_after(fragment(f'<link rel="stylesheet" href="{root}{names["math"]}">'))
        first.attrs["href"] = f"{root}{names['site']}"
        file.write_text(page.html or "", encoding="utf8")


def note_start(app: Sphinx) -> None:
    app.build_started = time.time()


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("builder-inited", note_start)
    app.connect("build-finished", slim, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
