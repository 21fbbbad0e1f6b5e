"""Quizzes in a browser: opened from the file system, by mouse and keyboard, light, dark and on a phone."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

pytestmark = pytest.mark.browser
CONFIG = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parents[2] / "_ext")!r})
extensions = ["myst_nb", "ibquiz"]
myst_enable_extensions = ["colon_fence"]
html_theme = "sphinx_book_theme"
"""
PAGE = """# Page

:::{quiz} One
Which is never negative?

- [ ] differential entropy
  > A narrow density has a negative one.
- [x] mutual information
  > It is a divergence.
:::

:::{quiz} Several
Which are sums of entropies?

- [x] mutual information
  > Of three.
- [ ] divergence
  > It holds a cross entropy.
- [x] conditional entropy
  > Of two.
:::

:::{quiz} Number
:type: number
:answer: 0.53
:tolerance: 0.001
:unit: bits
How much?

- 0.88: This is the probability of tails.
- otherwise: Sum over both sides.
:::

:::{quiz} Count
:type: number
:answer: -1200
:tolerance: 0.5
:unit: 1
How many?

- otherwise: Count again.
:::
"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("site")
    (folder / "conf.py").write_text(CONFIG, encoding="utf8")
    (folder / "index.md").write_text(PAGE, encoding="utf8")
    command = [sys.executable, "-m", "sphinx", "-q", "-W", folder, folder / "html"]
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return (folder / "html" / "index.html").as_uri()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    page = browser.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(address)
    yield page
    assert page.url == address  # no answer is ever sent
    assert page.evaluate("document.cookie") == ""
    assert not page.evaluate("Object.keys(localStorage).filter(key => /quiz/.test(key))")
    page.close()
    assert not errors


def quiz(page: Page, title: str) -> Locator:
    return page.locator("form.quiz").filter(has=page.get_by_text(title, exact=True))


def verdict(form: Locator) -> Locator:
    return form.locator(".quiz-verdict")


def answer(page: Page, title: str, text: str) -> Locator:
    form = quiz(page, title)
    form.get_by_role("textbox").fill(text)
    form.get_by_role("button", name="Check").click()
    return verdict(form)


def test_one_right_option(page: Page) -> None:
    form = quiz(page, "One")
    check = form.get_by_role("button", name="Check")
    check.click()
    expect(verdict(form)).to_have_text("Choose an option first.")
    form.get_by_role("radio", name="differential entropy").check()
    expect(verdict(form)).to_be_empty()
    check.click()
    expect(verdict(form)).to_have_text("Wrong. A narrow density has a negative one.")
    expect(verdict(form)).to_have_attribute("data-state", "wrong")
    assert verdict(form).locator("li").evaluate("item => item.value") == 1
    form.get_by_text("mutual information").click()  # the label belongs to the control
    check.click()
    expect(verdict(form)).to_have_text("Right. It is a divergence.")
    expect(verdict(form)).to_have_attribute("data-state", "right")
    assert verdict(form).locator("li").evaluate("item => item.value") == 2


@pytest.mark.parametrize(
    ("ticked", "says"),
    [
        ([0, 2], ["Right. Of three.", "Right. Of two."]),
        ([0], ["Some right options are not ticked yet."]),
        ([0, 1], ["Wrong. It holds a cross entropy.", "Some right options are not ticked yet."]),
        ([0, 1, 2], ["Wrong. It holds a cross entropy."]),
    ],
)
def test_several_right_options(page: Page, ticked: list[int], says: list[str]) -> None:
    form = quiz(page, "Several")
    for index in ticked:
        form.get_by_role("checkbox").nth(index).check()
    form.get_by_role("button", name="Check").click()
    assert [line for line in verdict(form).inner_text().splitlines() if line] == says


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("0.53", "Right. 0.53 bits, give or take 0.001."),
        (" 0,5295 ", "Right."),
        ("53/100", "Right."),
        ("5.3e-1 bit", "Right."),
        ("0.531", "Right."),  # the edge
        ("0.5312", "Wrong. Sum over both sides."),
        ("0.3674 nats", "Right."),  # 0.53 bits
        ("0.3674", "Check the unit: your number is right in nats, not in bits."),
        ("0.53 nats", "Check the unit: your number is right in bits, not in nats."),
        ("0.88", "Wrong. This is the probability of tails."),
        ("−0.53", "Wrong. Sum over both sides."),
        ("", "Write a number, in bits, such as 0.53, 0,53 or 53/100."),
        ("half", "Write a number"),
        ("1/0", "Write a number"),
        ("0.53 metres", "Write a number"),
        ("0.5.3", "Write a number"),
    ],
)
def test_number(page: Page, text: str, says: str) -> None:
    expect(answer(page, "Number", text)).to_contain_text(says)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("-1200", "Right. -1200, give"),
        ("1200", "Wrong. Count again."),
        ("-1200 bits", "Write a number, such"),
    ],
)
def test_number_without_unit(page: Page, text: str, says: str) -> None:
    expect(answer(page, "Count", text)).to_contain_text(says)


def test_keyboard(page: Page) -> None:
    form = quiz(page, "One")
    form.get_by_role("radio").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    expect(form.get_by_role("button", name="Check")).to_be_focused()
    page.keyboard.press("Space")
    expect(verdict(form)).to_have_text("Right. It is a divergence.")
    page.keyboard.press("Tab")
    expect(form.get_by_text("A narrow density")).to_be_hidden()
    page.keyboard.press("Enter")
    expect(form.get_by_text("A narrow density")).to_be_visible()
    field = quiz(page, "Number").get_by_role("textbox", name="Your answer in bits")
    field.fill("0.53")
    field.press("Enter")
    expect(verdict(quiz(page, "Number"))).to_contain_text("Right.")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_accessible_and_fitting(page: Page, theme: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
    quiz(page, "One").get_by_role("radio").first.check()
    quiz(page, "One").get_by_role("button", name="Check").click()
    answer(page, "Number", "0.53")
    quiz(page, "Several").locator("summary").click()
    axe = Axe().run(page, context="form.quiz")
    assert not axe.response["violations"], axe.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_print_shows_the_answers(page: Page) -> None:
    form = quiz(page, "One")
    form.get_by_role("radio").first.check()
    page.emulate_media(media="print")
    expect(form.get_by_text("It is a divergence.")).to_be_visible()  # by the style sheet alone
    page.evaluate("dispatchEvent(new Event('beforeprint'))")  # for browsers that cannot
    assert page.locator(".quiz-answers[open]").count() == 4
    expect(form.get_by_role("button", name="Check")).to_be_hidden()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator(".quiz-answers[open]").count() == 0


def test_without_script(browser: Browser, address: str) -> None:
    page = browser.new_page(java_script_enabled=False)
    page.goto(address)
    form = quiz(page, "One")
    expect(form.get_by_text("Which is never negative?")).to_be_visible()
    expect(form.get_by_role("button", name="Check")).to_be_hidden()
    form.locator("summary").click()
    expect(form.get_by_text("It is a divergence.")).to_be_visible()
    field = form.get_by_role("radio").first
    field.press("Enter")
    assert page.url == address
    page.close()
