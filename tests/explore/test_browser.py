"""The explorables in a browser: from the file system, by mouse and keyboard, checked against Python."""

from itertools import combinations
from pathlib import Path

import axe_playwright_python
import numpy as np
import pytest
from playwright.sync_api import expect

from ibcourse.explore import SCRIPT, GibbsBars, InfoDiagram
from ibcourse.information import atoms, bits, cross_entropy, entropy, kl_divergence
from ibcourse.plots import number

pytestmark = pytest.mark.browser
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")

SECRET = InfoDiagram.secret()
(HALVES, COPIES) = next(iter(SECRET.cases.values()))
RANDOM = np.random.default_rng(2).dirichlet(np.ones(12)).reshape(2, 3, 2)
NOISY = np.array([[0.45, 0.05], [0.10, 0.40]])
P, Q = [0.5, 0.25, 0.15, 0.1], [0.2, 0.2, 0.3, 0.3]
ELEMENTS = [
    SECRET,
    InfoDiagram({"a noisy channel": NOISY, "a < b": (NOISY, NOISY.T)}, names="T Y", unit="nats"),
    InfoDiagram({"a random table": RANDOM}),
    GibbsBars(P, Q),
]
SIX = GibbsBars([0.3, 0.2, 0.125, 0.125, 0.15, 0.1], [0.05, 0.2, 0.25, 0.25, 0.15, 0.1])
# The numbers that stand in each picture, with the place of each on the page.
WORDS_OF_PICTURES = """host => [...host.shadowRoot.querySelectorAll("figure svg[role=img]")].map((svg) => {
    const frame = svg.getBoundingClientRect();
    return [...svg.querySelectorAll("text")].map((text) => {
        const { left, right, top, bottom, height } = text.getBoundingClientRect();
        const size = parseFloat(getComputedStyle(text).fontSize) * frame.width / svg.viewBox.baseVal.width;
        return { word: text.textContent, left, right, top, bottom, size,
                 inside: left > frame.left - 1 && right < frame.right + 1 };
    });
})"""
# The colours of the site's theme.
THEME = """
    html { --pst-color-text-base: #222832; --pst-color-text-muted: #48566b; --pst-color-border: #d1d5da;
           --pst-color-background: #fff; }
    html[data-theme=dark] { --pst-color-text-base: #ced6dd; --pst-color-text-muted: #9ca4af;
           --pst-color-border: #48566b; --pst-color-background: #14181e; }
    body { background: var(--pst-color-background); color: var(--pst-color-text-base); margin: 16px; }
"""


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """A page as the book builds it: the elements without script, and the script once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IBCOURSE_BOOK", "1")
        elements = "".join(element.to_html() for element in ELEMENTS)
    path = tmp_path_factory.mktemp("site") / "page.html"
    path.write_text(
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Explorables</title>'
        f'<meta name="viewport" content="width=device-width"><style>{THEME}</style>'
        f'<script defer src="{SCRIPT.as_uri()}"></script></head>'
        f"<body><main><h1>Explorables</h1>{elements}</main></body></html>",
        encoding="utf-8",
    )
    return path.as_uri()


@pytest.fixture
def page(browser, address):
    """The page; the test fails for a request to the network or a word on the console."""
    context = browser.new_context(viewport={"width": 1000, "height": 800}, reduced_motion="reduce")
    wrong = []
    context.set_default_timeout(5000)
    page = context.new_page()
    page.on("request", lambda request: request.url.startswith("file://") or wrong.append(request.url))
    page.on("console", lambda message: wrong.append(message.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(address)
    yield page
    context.close()
    assert wrong == []


@pytest.fixture
def secret(page):
    return page.locator("ib-info-diagram").nth(0)


@pytest.fixture
def channel(page):
    return page.locator("ib-info-diagram").nth(1)


@pytest.fixture
def bars(page):
    return page.locator("ib-gibbs-bars")


def table_of(element):
    """The live table as {head of the row: its cells}, as numbers."""
    rows = element.locator(".card tbody tr").evaluate_all(
        "rows => rows.map((row) => [...row.children].map((cell) => cell.textContent))"
    )
    return {head: [float(cell.replace("−", "-")) for cell in cells] for head, *cells in rows}


def mixed(s):
    return (1 - s) * HALVES + s * COPIES


@pytest.mark.parametrize("shape", [(2, 2), (3, 4), (2, 2, 2), (4, 3, 2)])
def test_atoms_equal_those_of_python(page, shape):
    p = np.random.default_rng(shape).dirichlet(np.full(np.prod(shape), 0.3)).reshape(shape)
    names = ["X", "Y", "Z"][: p.ndim]
    script = page.evaluate("([p, names]) => window.ibcourse.atoms(p, names)", [p.tolist(), names])
    python = {atom: float(value) for atom, value in atoms(p, names=" ".join(names)).items()}
    assert script.keys() == python.keys()
    assert script == pytest.approx(python, rel=0, abs=1e-12)


def test_a_mixture_equals_that_of_python(page):
    other = RANDOM[::-1]
    script = page.evaluate(
        "([a, b]) => window.ibcourse.mixture(a, b, 0.3)", [RANDOM.tolist(), other.tolist()]
    )
    np.testing.assert_allclose(script, 0.7 * RANDOM + 0.3 * other, rtol=0, atol=1e-15)


@pytest.mark.parametrize("n", [3, 4, 6])
def test_divergence_equals_that_of_python(page, n):
    p, q = np.random.default_rng(n).dirichlet(np.ones(n), 2)
    script = page.evaluate("([p, q]) => window.ibcourse.gibbs(p, q)", [p.tolist(), q.tolist()])
    close = {"rtol": 0, "atol": 1e-12}
    np.testing.assert_allclose(script["kl"], kl_divergence(p, q), **close)
    np.testing.assert_allclose(script["entropy"], entropy(p), **close)
    np.testing.assert_allclose(script["crossEntropy"], cross_entropy(p, q), **close)
    np.testing.assert_allclose(script["terms"], p * np.log(p / q), **close)
    np.testing.assert_allclose(sum(script["gaps"]), kl_divergence(p, q), **close)
    assert min(script["gaps"]) >= 0


def test_moving_one_symbol_keeps_a_distribution(page):
    rng = np.random.default_rng(3)
    q = np.full(5, 0.2)
    for _ in range(100):
        k, value = int(rng.integers(5)), float(rng.choice([0.01, rng.uniform(0.01, 0.96), 0.96]))
        before = np.delete(q, k)
        q = np.array(page.evaluate("([q, k, v]) => ibcourse.move(q, k, v, 0.01)", [q.tolist(), k, value]))
        assert q[k] == pytest.approx(value)
        assert q.sum() == pytest.approx(1)
        assert q.min() >= 0.01 - 1e-12
        after = np.delete(q, k)
        if before.sum() - 0.04 > 1e-6:  # the others keep their proportions above the floor
            np.testing.assert_allclose(
                (after - 0.01) * (before - 0.01).sum(), (before - 0.01) * (after - 0.01).sum(), atol=1e-9
            )


def test_every_element_shows_what_its_fallback_says(page):
    for i, element in enumerate(ELEMENTS):
        host = page.locator(".ib-explorable").nth(i)
        live = table_of(host)
        for head, first, *_ in element.table().rows:
            assert live[head][0] == pytest.approx(float(first.replace("−", "-")), abs=1.1e-3)


def test_the_centre_changes_sign_as_the_slider_moves(secret):
    slider, reading = secret.get_by_role("slider"), secret.locator(".reading")
    expect(reading).to_have_text("I(X;Y;Z) = −1.000 bits")
    assert secret.locator(".region.negative").count() == 1
    slider.focus()
    for _ in range(30):
        slider.press("ArrowRight")
    expect(reading).to_have_text(f"I(X;Y;Z) = {number(bits(atoms(mixed(0.3))['I(X;Y;Z)']))} bits")
    slider.press("End")
    expect(reading).to_have_text("I(X;Y;Z) = 1.000 bits")
    assert secret.locator(".region.negative").count() == 0
    assert slider.get_attribute("aria-valuetext") == "s = 1.00: 0 % start, 100 % end"


def test_the_table_follows_the_slider(secret):
    secret.get_by_role("slider").fill("0.37")
    expected = {atom: [pytest.approx(bits(value), abs=5.1e-4)] for atom, value in atoms(mixed(0.37)).items()}
    assert table_of(secret) == expected


@pytest.mark.parametrize(
    ("quantity", "bits_at_start", "regions"),
    [("H(X)", 1, 4), ("H(X,Y,Z)", 2, 7), ("I(X;Y)", 0, 2), ("I(X,Y;Z)", 1, 3), ("I(Y;Z|X)", 1, 1)],
)
def test_a_quantity_is_the_sum_of_its_regions(secret, quantity, bits_at_start, regions):
    secret.get_by_label(quantity, exact=True).click()
    expect(secret.locator(".reading")).to_have_text(f"{quantity} = {bits_at_start}.000 bits")
    assert secret.locator(".region.chosen").count() == regions


def test_a_region_is_chosen_by_mouse_and_a_quantity_by_keyboard(secret):
    secret.locator("text.atom").first.click(force=True)  # the words let the click through to the region
    chosen = secret.locator("input[type=radio]:checked")
    assert chosen.input_value() == "H(X|Y,Z)"
    chosen.press("ArrowRight")
    assert secret.locator("input[type=radio]:checked").input_value() == "H(Y|X,Z)"
    expect(secret.locator(".reading")).to_contain_text("H(Y|X,Z)")


def test_the_menu_opens_another_distribution(channel):
    expect(channel.get_by_role("slider")).to_have_count(0)
    value = number(atoms(NOISY, names="T Y")["I(T;Y)"])
    expect(channel.locator(".reading")).to_have_text(f"I(T;Y) = {value} nats")
    channel.get_by_role("combobox").select_option("a < b")
    channel.get_by_role("slider").fill("0.5")
    value = number(atoms((NOISY + NOISY.T) / 2, names="T Y")["I(T;Y)"])
    expect(channel.locator(".reading")).to_have_text(f"I(T;Y) = {value} nats")


def test_only_settled_values_are_announced(secret):
    status = secret.get_by_role("status")
    status.page.wait_for_timeout(800)
    assert status.text_content() == "", "nothing is announced before the reader moves something"
    slider = secret.get_by_role("slider")
    slider.evaluate(
        """slider => {
            const status = slider.getRootNode().querySelector("[role=status]");
            window.heard = [];
            new MutationObserver(() => heard.push(status.textContent)).observe(status, { childList: true });
        }"""
    )
    for _ in range(5):
        slider.press("ArrowRight")
    expect(status).to_contain_text("at s = 0.05")
    assert len(slider.page.evaluate("heard")) == 1


def test_moving_q_by_keyboard(bars):
    slider = bars.get_by_role("slider", name="q(b)")
    slider.press("ArrowRight")
    table = table_of(bars)
    assert table["b"][1] == pytest.approx(0.21)
    q = np.array([table[label][1] for label in "abcd"])
    assert q.sum() == pytest.approx(1, abs=2e-3)
    assert slider.get_attribute("aria-valuetext") == "0.210"
    expect(bars.get_by_role("status")).to_have_text(
        f"2 of 4 terms below zero. D(p‖q) = {number(table['sum'][2])} bits."
    )


@pytest.mark.parametrize(
    ("button", "p", "q"),
    [("q = p", P, P), ("q uniform", P, [0.25] * 4), ("swap p and q", Q, P), ("start again", P, Q)],
)
def test_buttons(bars, button, p, q):
    bars.get_by_role("slider").first.fill("0.6")
    if button == "swap p and q":
        bars.get_by_role("button", name="start again").click()
    bars.get_by_role("button", name=button).click()
    table = table_of(bars)
    assert [table[label][:2] for label in "abcd"] == [[a, b] for a, b in zip(p, q, strict=True)]
    assert table["sum"][2] == pytest.approx(bits(kl_divergence(p, q)), abs=5.1e-4)
    caption = bars.locator(".card caption").text_content()
    assert f"H(p‖q) = {number(bits(cross_entropy(p, q)))} bits a symbol" in caption


def test_hatched_bars_are_the_negative_terms(bars):
    terms = np.array(P) * np.log(np.array(P) / Q)
    assert bars.locator("figure rect.negative").count() == (terms < 0).sum()
    bars.get_by_role("button", name="q = p").click()
    assert bars.locator("figure rect.negative").count() == 0


def test_the_extremes_stay_in_the_picture(bars):
    for slider in bars.get_by_role("slider").all():
        for key in ("End", "Home"):
            slider.press(key)
            outside = bars.evaluate(
                """host => [...host.shadowRoot.querySelectorAll("figure svg[role=img]")].flatMap((svg) => {
                    const frame = svg.getBoundingClientRect();
                    return [...svg.querySelectorAll("rect, circle, line, text")]
                        .filter((mark) => !mark.closest("defs"))
                        .map((mark) => [mark.textContent, mark.getBoundingClientRect()])
                        .filter(([, box]) => box.left < frame.left - 3 || box.right > frame.right + 3 ||
                            box.top < frame.top - 3 || box.bottom > frame.bottom + 3)
                        .map(([text, box]) => `${svg.getAttribute("aria-label")} ${text} ${box.x} ${box.y}`);
                })"""
            )
            assert outside == []


@pytest.mark.parametrize("width", [390, 1000])
@pytest.mark.parametrize("element", [SIX, GibbsBars([0.375, 0.25, 0.125, 0.15, 0.1])], ids=["six", "five"])
def test_the_words_of_the_bars_stand_apart_and_inside(page, element, width):
    page.set_viewport_size({"width": width, "height": 800})
    page.evaluate("html => { document.querySelector('main').innerHTML = html; }", element.to_html())
    bars = page.locator("ib-gibbs-bars")
    for button in ("start again", "q = p", "q uniform"):
        bars.get_by_role("button", name=button).click()
        terms, *others = bars.evaluate(WORDS_OF_PICTURES)
        for a, b in combinations(terms, 2):
            apart = a["right"] <= b["left"] or b["right"] <= a["left"]
            assert apart or a["bottom"] <= b["top"] + 3 or b["bottom"] <= a["top"] + 3, (a, b)
        assert [word for panel in (terms, *others) for word in panel if not word["inside"]] == []


def test_the_bars_have_the_digits_of_the_rest(page):
    page.evaluate("html => { document.querySelector('main').innerHTML = html; }", SIX.to_html())
    bars = page.locator("ib-gibbs-bars")
    terms, _, why = ([word["word"] for word in panel] for panel in bars.evaluate(WORDS_OF_PICTURES))
    *symbols, total = SIX.table().rows
    assert {row[3] for row in (*symbols, total)} <= set(terms)
    assert bars.locator(".sliders .number").all_text_contents() == [x for row in symbols for x in row[1:3]]
    assert "height [nats]" in why


def test_no_line_runs_through_the_words_about_the_codes(bars):
    lines = bars.evaluate(
        """host => [...host.shadowRoot.querySelectorAll("figure:nth-of-type(2) svg .divider")].map((line) =>
            line.getBoundingClientRect()).map(({ top, bottom }) => ({ top, bottom }))"""
    )
    assert len(lines) == 2
    code = bars.evaluate(WORDS_OF_PICTURES)[1]
    (words,) = [word for word in code if word["word"].startswith("code made for q")]
    for line in lines:
        assert line["bottom"] < words["top"] + 4 or line["top"] > words["bottom"] - 4, (line, words)


def test_the_words_of_the_pictures_are_large_enough_on_a_phone(page):
    page.set_viewport_size({"width": 390, "height": 800})
    sizes = [
        word["size"]
        for i in range(len(ELEMENTS))
        for panel in page.locator(".ib-explorable").nth(i).evaluate(WORDS_OF_PICTURES)
        for word in panel
    ]
    assert len(sizes) > 50
    assert min(sizes) >= 12


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1000])
def test_axe_finds_nothing(page, theme, width):
    page.set_viewport_size({"width": width, "height": 800})
    page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
    for summary in page.locator(".card summary").all():
        summary.click()
    page.evaluate(AXE)
    violations = page.evaluate("axe.run()")["violations"]
    assert [(v["id"], [node["html"] for node in v["nodes"]]) for v in violations] == []


def test_a_phone_does_not_scroll_sideways(page):
    page.set_viewport_size({"width": 390, "height": 800})
    for summary in page.locator(".card summary").all():
        summary.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_each_picture_is_described_in_a_sentence(page):
    for picture in page.get_by_role("img").all():
        assert picture.get_attribute("aria-label").endswith(".")


def test_the_script_may_come_twice(page):
    page.evaluate("source => { (0, eval)(source); }", SCRIPT.read_text(encoding="utf-8"))
    expect(page.locator("ib-gibbs-bars").get_by_role("slider")).to_have_count(4)


def test_broken_data_leaves_the_words_and_the_table(browser, address, tmp_path):
    source = Path(address.removeprefix("file://")).read_text(encoding="utf-8")
    broken = tmp_path / "broken.html"
    broken.write_text(source.replace('data-config="{', 'data-config="{{'), encoding="utf-8")
    page = browser.new_page()
    page.goto(broken.as_uri())
    expect(page.get_by_text(ELEMENTS[3].words())).to_be_visible()
    page.close()


def test_without_javascript_there_are_words_and_a_table(browser, address):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    expect(page.get_by_text(ELEMENTS[3].words())).to_be_visible()
    page.get_by_text("The numbers as a table").last.click()
    expect(page.get_by_role("table")).to_have_count(1)
    context.close()
