"""What all tests share: one Hypothesis profile, torch seeded, the browser of those marked ``browser``."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# The same examples on every run, and no clock.
settings.register_profile("ibcourse", derandomize=True, deadline=None, max_examples=100)
settings.load_profile("ibcourse")

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # The network is off: a name resolves to nothing, and no page needs one.
    "--host-resolver-rules=MAP * ~NOTFOUND",
]


@pytest.fixture(autouse=True)
def seeded_torch() -> Iterator[None]:
    """The same weights on every run; one thread, as the tests' nets are too small to gain from a second."""
    torch = sys.modules.get("torch")
    if torch is None:
        yield
        return
    torch.manual_seed(0)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    from playwright.sync_api import sync_playwright

    chromium = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
    if not chromium.exists():
        pytest.skip(f"no browser at {chromium}: install Chromium, or name one with CHROMIUM=...")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield launched
        launched.close()
