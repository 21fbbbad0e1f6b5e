"""A page of explorables in a browser."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ibcourse.explore import SCRIPT, Explorable

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

# The colours of the site's theme, without which contrast could not be judged.
COLOURS = """
    html { --pst-color-text-base: #222832; --pst-color-text-muted: #48566b; --pst-color-border: #d1d5da;
           --pst-color-background: #fff; }
    html[data-theme=dark] { --pst-color-text-base: #ced6dd; --pst-color-text-muted: #9ca4af;
           --pst-color-border: #48566b; --pst-color-background: #14181e; }
    body { background: var(--pst-color-background); color: var(--pst-color-text-base); margin: 16px; }
"""


@pytest.fixture
def show(
    browser: "Browser", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., "Page"]]:
    """Open elements on a page as the book builds it.

    The test fails for a request to the network or a word on the console.
    """
    monkeypatch.setenv("IBCOURSE_BOOK", "1")
    wrong: list[str] = []
    contexts = []

    def open_page(*elements: Explorable, width: int = 1000) -> "Page":
        path = tmp_path / "page.html"
        path.write_text(
            '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Explorables</title>'
            f'<meta name="viewport" content="width=device-width"><style>{COLOURS}</style>'
            f'<script defer src="{SCRIPT.as_uri()}"></script></head><body><main><h1>Explorables</h1>'
            f"{''.join(element.to_html() for element in elements)}</main></body></html>",
            encoding="utf-8",
        )
        context = browser.new_context(viewport={"width": width, "height": 900}, reduced_motion="reduce")
        contexts.append(context)
        context.set_default_timeout(5000)
        page = context.new_page()
        page.on("request", lambda request: request.url.startswith("file://") or wrong.append(request.url))
        page.on("console", lambda message: wrong.append(message.text))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.goto(path.as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert wrong == []
