"""The explorables of topics 02 to 04 in a browser: the same numbers as Python, by mouse and by keyboard.

The looks of those of topics 05 to 07 are tested here too.
"""

from itertools import combinations, product
from pathlib import Path

import axe_playwright_python
import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from ibcourse.bottleneck import cluster_divergences, encoder_information, envelope, ib_curve, ib_step
from ibcourse.explore import (
    BifurcationDiagram,
    BinningPicture,
    BoundsPicture,
    EnvelopePicture,
    IBStepper,
    PosteriorSimplex,
    RateDistortionPlane,
    RatePicture,
    SurrogatePicture,
)
from ibcourse.explore.element import short
from ibcourse.information import mutual_information
from ibcourse.plots import number
from ibcourse.rate_distortion import rd_curve, squared_error
from ibcourse.sufficiency import merge_costs, minimal_sufficient

pytestmark = pytest.mark.browser
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")

CHANNEL = np.array([[0.9, 0.1], [0.2, 0.8]])
TWO = CHANNEL / 2
TABLE = np.array([[0.3, 0.02, 0.02], [0.02, 0.2, 0.04], [0.05, 0.05, 0.1], [0.1, 0.06, 0.04]])
DOUBLED = np.array([[0.1, 0.1, 0.1], [0.2, 0.2, 0.2], [0.02, 0.03, 0.05]])
GRID = np.linspace(-2, 2, 9)
NORMAL = np.exp(-(GRID**2) / 2) / np.exp(-(GRID**2) / 2).sum()
STEPPER = IBStepper(TABLE, beta=6, clusters=3, seed=1)
WINDOW = EnvelopePicture(CHANNEL, [0.5, 0.5], beta=2.01, betas=(1.98, 2.05))
PLANE = RateDistortionPlane(
    NORMAL, squared_error(GRID, GRID), codes={"four words": (0.11, 1.3)}, distortion_unit="cm²", unit="bits"
)
SIMPLEX = PosteriorSimplex(DOUBLED, ["a", "b", "c"], ["ill", "well", "unsure"])
LINE = PosteriorSimplex(TWO, unit="bits")
SPLITS = BifurcationDiagram(TABLE, ib_curve(TABLE, np.geomspace(1, 60, 60)), beta=6)
# Their own tests are in test_neural_browser.py; how they look is tested here.
NEURAL = [
    SurrogatePicture(),
    RatePicture(
        [1e-3, 1],
        np.array([4.0, 0.01])[:, None, None] * np.random.default_rng(5).normal(size=(60, 2)),
        np.arange(60) % 10,
        rate=[60.0, 0.01],
        information=[7.2, 0.01],
        decoder_bound=[2.2, -0.3],
        scales=np.full((2, 60, 2), 0.5),
        n=1437,
        start=1e-3,
    ),
    BinningPicture(np.tanh(1.5 * np.random.default_rng(1).normal(size=80)), noise=0.05),
    BoundsPicture(TABLE, TABLE / TABLE.sum(axis=1, keepdims=True), sharpness=2, tilt=0.8),
]
ELEMENTS = [STEPPER, WINDOW, PLANE, SIMPLEX, LINE, SPLITS, *NEURAL]
SPARSE = np.array([[0.3, 0.0, 0.1], [0.0, 0.2, 0.0], [0.1, 0.1, 0.1], [0.0, 0.0, 0.1]])
WORDS_OF_PICTURES = """host => [...host.shadowRoot.querySelectorAll("figure svg[role=img]")].map((svg) => {
    const frame = svg.getBoundingClientRect();
    return [...svg.querySelectorAll("text")].filter((text) => text.textContent).map((text) => {
        const { left, right, top, bottom } = text.getBoundingClientRect();
        const size = parseFloat(getComputedStyle(text).fontSize) * frame.width / svg.viewBox.baseVal.width;
        return { word: text.textContent, left, right, top, bottom, size,
                 inside: left > frame.left - 1 && right < frame.right + 1 &&
                         top > frame.top - 3 && bottom < frame.bottom + 3 };
    });
})"""


def call(page: Page, function: str, *arguments: object) -> object:
    plain = [a.tolist() if isinstance(a, np.ndarray) else a for a in arguments]
    return page.evaluate(f"(list) => ibcourse.{function}(...list)", plain)


def tables(element: Locator) -> list[list[list[str]]]:
    """The live tables, as rows of words."""
    return (
        element.locator("details")
        .last.locator("table")
        .evaluate_all(
            "tables => tables.map((table) => [...table.querySelectorAll('tbody tr')].map((row) =>"
            " [...row.children].map((cell) => cell.textContent)))"
        )
    )


def reading(element: Locator) -> Locator:
    return element.locator(".line")


# ---------------------------------------------------------------- the same numbers as Python


def test_an_update_equals_that_of_python(show):
    page = show()
    for p_xy, beta in product((TWO, TABLE, SPARSE), (0.5, 2.01, 6.0, 80.0)):
        encoder = np.random.default_rng(4).dirichlet(np.ones(3), len(p_xy))
        script = encoder.tolist()
        for _ in range(20):
            encoder = ib_step(p_xy, encoder, beta)
            script = call(page, "ibStep", p_xy, script, beta)
            np.testing.assert_allclose(script, encoder, rtol=0, atol=1e-9)
        made = call(page, "encoded", p_xy, encoder)
        i_xt, i_ty, _ = encoder_information(p_xy, encoder)
        assert [made["iXT"], made["iTY"]] == pytest.approx([i_xt, i_ty], abs=1e-12)


def test_a_cluster_out_of_use_stays_so(show):
    encoder = [[1.0, 0.0, 0.0], [0.4, 0.6, 0.0]]
    np.testing.assert_allclose(call(show(), "ibStep", TWO, encoder, 4), ib_step(TWO, encoder, 4), atol=1e-12)


def test_a_run_equals_that_of_python(show):
    script = call(show(), "ibPath", STEPPER.p_xy, STEPPER.encoder, 6)
    assert script["settled"]
    assert len(script["path"]) == len(STEPPER.run)
    np.testing.assert_allclose(script["path"], STEPPER.run, rtol=0, atol=1e-9)


def test_the_search_for_a_curve_comes_near_that_of_the_solver(show):
    betas = np.geomspace(1, 50, 40)
    curve = ib_curve(TABLE, betas)
    points = np.array([[p["x"], p["y"]] for p in call(show(), "ibSweep", TABLE, betas)])
    lowest = (points[:, 0] - betas[:, None] * points[:, 1]).min(axis=1)
    assert np.all(lowest > curve.lagrangian - 1e-6)
    assert np.all(lowest < curve.lagrangian + 2e-3)


def test_the_envelope_equals_that_of_python(show):
    page = show()
    r = np.linspace(0, 1, 101)
    for beta in (1.5, 2.0, 2.01, 2.015, 2.02, 2.5, 6.0):
        script = page.evaluate(
            "([w, p, b, rs]) => { const f = ibcourse.envelopeFunction(w, p, b);"
            " return { values: rs.map(f), envelope: ibcourse.envelopeAt(f, p[0]) }; }",
            [CHANNEL.tolist(), [0.5, 0.5], beta, r.tolist()],
        )
        cost, gain = cluster_divergences(TWO, np.stack([r, 1 - r], axis=1))
        np.testing.assert_allclose(script["values"], cost - beta * gain, rtol=0, atol=1e-12)
        best = envelope(TWO, beta)
        assert script["envelope"]["value"] == pytest.approx(best.lagrangian, abs=1e-9)
        atoms = sorted((atom["r"], atom["weight"]) for atom in script["envelope"]["atoms"])
        expected = sorted(zip(best.atoms[:, 0], best.weights, strict=True))
        np.testing.assert_allclose(atoms, expected, rtol=0, atol=1e-4)


def test_the_channel_equals_that_of_python(show):
    page, data = show(), PLANE.data()
    for i in (0, 30, 60, 100):
        q, s = data["curve"]["q"][i], data["curve"]["s"][i]
        script = np.array(call(page, "gibbsChannel", data["distortion"], q, s))
        python = rd_curve(PLANE.p_x, PLANE.distortion, PLANE.curve.slope[i]).channel
        np.testing.assert_allclose(script, python, rtol=0, atol=2e-5)
        joint = PLANE.p_x[:, None] * script
        assert np.sum(joint * PLANE.distortion) == pytest.approx(data["curve"]["d"][i], abs=1e-5)
        assert mutual_information(joint / joint.sum()) == pytest.approx(data["curve"]["r"][i], abs=1e-4)


def test_equal_posteriors_are_found_as_python_finds_them(show):
    parts = call(show(), "samePosterior", DOUBLED)
    labels = minimal_sufficient(DOUBLED)
    assert parts == [np.flatnonzero(labels == t).tolist() for t in range(labels.max() + 1)]


def test_small_numbers_are_written_as_in_python(show):
    page = show()
    for value in (0.0, 1.2345, -0.0004, 3.8e-6, -2.5e-10, 1e-14, 12345.678):
        assert call(page, "short", value) == short(value)


def test_the_live_tables_start_with_the_numbers_of_the_page(show):
    page = show(*ELEMENTS)
    for i, element in enumerate(ELEMENTS):
        live = tables(page.locator(".ib-explorable").nth(i))[0]
        assert live == element.table().rows, element.tag


# ---------------------------------------------------------------- the bottleneck, step by step


def test_stepping_by_keyboard(show):
    stepper = show(STEPPER).locator("ib-stepper")
    last = len(STEPPER.run) - 1
    press = {
        name: stepper.get_by_role("button", name=name, exact=True)
        for name in ("step", "back", "restart", "to the end", "play")
    }
    for name, step in [
        ("step", 1),
        ("step", 2),
        ("back", 1),
        ("to the end", last),
        ("restart", 0),
        ("back", 0),
    ]:
        press[name].press("Enter")
        i_xt, i_ty, _ = encoder_information(TABLE, STEPPER.run[step])
        expect(reading(stepper)).to_contain_text(
            f"Step {step} of {last}: I(X;T) = {number(i_xt)}, I(T;Y) = {number(i_ty)}"
        )
    cells = np.array(tables(stepper)[1])[:, 1:].astype(float)
    np.testing.assert_allclose(cells, STEPPER.run[0], atol=5.1e-5)


def test_playing_pausing_and_its_speed(show):
    page = show(STEPPER)
    page.clock.install(time=0)
    page.clock.pause_at(100_000)  # from here on, time passes only when told
    stepper = page.locator("ib-stepper")

    def after(milliseconds, step):
        page.clock.run_for(milliseconds)
        expect(reading(stepper)).to_contain_text(f"Step {step} of")

    stepper.get_by_role("button", name="play").press("Space")
    after(950, 3)
    stepper.get_by_role("button", name="pause").press("Space")
    after(2000, 3)
    stepper.get_by_label("speed").select_option("0.25")
    stepper.get_by_role("button", name="play").click()
    after(1150, 3)
    after(1300, 5)
    stepper.get_by_label("speed").select_option("1")
    after(60_000, len(STEPPER.run) - 1)
    expect(stepper.get_by_role("button", name="play")).to_be_visible()


def test_beta_by_slider_and_by_number(show):
    stepper = show(STEPPER).locator("ib-stepper")
    slider, field = stepper.get_by_role("slider"), stepper.get_by_label("price β as a number")
    slider.press("ArrowRight")
    assert 6 < float(field.input_value()) < 6.1
    field.fill("2.01")
    field.press("Enter")
    assert slider.get_attribute("aria-valuetext") == "β = 2.010"
    field.fill("1000")
    field.press("Enter")
    assert field.input_value() == "50"
    field.fill("")
    field.press("Enter")
    assert field.input_value() == "50", "an empty field changes nothing"


def test_the_window_is_told_from_the_optimum(show):
    element = IBStepper(TWO, beta=2.01, encoder=[[0.82, 0.18], [0.17, 0.83]], betas=(1, 10))
    stepper = show(element).locator("ib-stepper")
    expect(stepper.locator(".two-lines")).to_contain_text("lower by 3.8·10⁻⁶")
    field = stepper.get_by_label("price β as a number")
    field.fill("3")
    field.press("Enter")
    expect(stepper.locator(".two-lines")).to_contain_text("The run settles at L = −0.162 nats; no point")


def test_zoom_keeps_the_run_in_sight(show):
    stepper = show(STEPPER).locator("ib-stepper")
    for _ in range(12):
        stepper.get_by_role("button", name="zoom in").press("Enter")
    place = stepper.locator("svg[role=img] circle.now").evaluate(
        "c => [c.cx.baseVal.value, c.cy.baseVal.value]"
    )
    assert 44 <= place[0] <= 312
    assert 17 <= place[1] <= 223
    stepper.get_by_role("button", name="whole plane").click()
    expect(stepper.locator("figure").first).to_contain_text("I(X;Y) = ")


def test_a_table_of_ones_own(show):
    stepper = show(STEPPER).locator("ib-stepper")
    stepper.get_by_text("Your own distribution").click()
    use = stepper.get_by_role("button", name="use this table")
    fields = stepper.locator(".fields input")
    trouble = stepper.get_by_role("alert")
    before = reading(stepper).text_content()
    fields.nth(0).fill("-1")
    use.click()
    expect(trouble).to_have_text("Not used: expected a number that is not negative at x1, y1.")
    assert fields.nth(0).get_attribute("aria-invalid") == "true"
    fields.nth(0).fill("")
    fields.nth(0).press_sequentially("1e")
    use.click()
    expect(trouble).to_contain_text("x1, y1")
    for field in fields.all():
        field.fill("0")
    fields.nth(0).fill("3")
    use.click()
    expect(trouble).to_have_text("Not used: expected positive weights in at least two rows and two columns.")
    assert reading(stepper).text_content() == before, "bad input changes nothing"
    # Counts of a channel in the first and third row and column: 9, 1, 2, 8.
    for i, weight in ((0, "9"), (2, "1"), (6, "2"), (8, "8")):
        fields.nth(i).fill(weight)
    use.press("Enter")
    expect(trouble).to_have_text("")
    expect(stepper.locator("figure").first).to_contain_text("I(X;Y) = 0.275")
    expect(stepper).to_contain_text("It may miss a better code: nothing bounds its error.")
    assert [row[0] for row in tables(stepper)[1]] == ["x1", "x3"]
    stepper.get_by_role("button", name="back to the given one").click()
    assert reading(stepper).text_content() == before
    assert float(fields.nth(0).input_value()) == TABLE[0, 0] / TABLE.sum()


def test_another_start_and_back(show):
    stepper = show(STEPPER).locator("ib-stepper")
    stepper.get_by_role("button", name="another start").click()
    cells = np.array(tables(stepper)[1])[:, 1:].astype(float)
    assert np.abs(cells - STEPPER.encoder).max() > 0.01
    np.testing.assert_allclose(cells.sum(axis=1), 1, atol=2e-4)


# ---------------------------------------------------------------- the other four


def test_the_second_dip_is_seen_before_the_centre_bends(show):
    picture = show(WINDOW).locator("ib-envelope")
    expect(reading(picture)).to_have_text("β = 2.0100: L*(β) = −3.8·10⁻⁶ nats")
    assert picture.locator("figure").last.locator("circle.now").count() == 2
    field = picture.get_by_label("price β as a number")
    for beta, value in (("2.015", "−2.5·10⁻⁵"), ("2.02", "−6.4·10⁻⁵")):
        field.fill(beta)
        field.press("Enter")
        expect(reading(picture)).to_contain_text(f"L*(β) = {value} nats")
    picture.get_by_role("button", name="information begins to pay").press("Enter")
    assert field.input_value() == "2.0068"
    expect(picture.locator(".two-lines")).to_contain_text("the constant encoder is optimal")
    picture.get_by_role("slider").press("End")
    assert field.input_value() == "2.05"


def test_the_point_moves_by_keyboard_and_by_mouse(show):
    page = show(PLANE)
    plane = page.locator("ib-rd-plane")
    slider = plane.get_by_role("slider")
    slider.press("Home")
    expect(reading(plane)).to_contain_text("R = 0.0")
    slider.press("End")
    expect(reading(plane)).to_contain_text(f"R = {number(PLANE.curve.rate[-1] / np.log(2))} bits")
    box = plane.locator("figure svg").first.bounding_box()
    start = plane.locator("circle.handle").bounding_box()
    page.mouse.move(start["x"] + 18, start["y"] + 18)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.75 * box["height"], steps=5)
    page.mouse.up()
    index = int(slider.input_value())
    assert 20 < index < 90
    expect(reading(plane)).to_contain_text(f"D = {number(PLANE.curve.distortion[index])} cm²")
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    assert int(slider.input_value()) == index, "a pointer that is up moves nothing"


def test_a_finger_moves_the_point_and_else_scrolls_the_page(show):
    page = show(PLANE, WINDOW, width=390)
    devtools = page.context.new_cdp_session(page)
    devtools.send("Emulation.setTouchEmulationEnabled", {"enabled": True})

    def swipe(x, y, dx, dy):
        for k in range(6):
            place = [{"x": x + k * dx, "y": y + k * dy}]
            devtools.send(
                "Input.dispatchTouchEvent", {"type": "touchMove" if k else "touchStart", "touchPoints": place}
            )
        devtools.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        page.wait_for_timeout(100)

    handle, slider = page.locator("circle.handle"), page.locator("ib-rd-plane").get_by_role("slider")
    before, box = int(slider.input_value()), handle.bounding_box()
    swipe(box["x"] + 18, box["y"] + 18, 12, 12)
    moved = int(slider.input_value())
    assert moved < before - 10
    assert page.evaluate("scrollY") == 0
    box = page.locator("svg.drag").bounding_box()
    swipe(box["x"] + 0.9 * box["width"], box["y"] + 0.3 * box["height"], 0, -20)
    page.wait_for_function("scrollY > 0")
    assert int(slider.input_value()) == moved


def test_merging_and_splitting(show):
    simplex = show(SIMPLEX).locator("ib-posterior-simplex")
    costs = merge_costs(DOUBLED)
    merge = simplex.get_by_role("button", name="merge", exact=True)
    assert merge.is_disabled()
    simplex.get_by_label("a", exact=True).press("Space")
    simplex.get_by_label("b", exact=True).press("Space")
    expect(simplex).to_contain_text("Merging a, b is free: they say the same about Y.")
    simplex.get_by_label("b", exact=True).press("Space")
    simplex.locator("circle.choice").last.click()  # the smallest dot is on top: c
    share = 100 * costs[0, 2] / mutual_information(DOUBLED)
    expect(simplex).to_contain_text(
        f"Merging a, c would cost {short(costs[0, 2])} nats, {number(share, 1)}\u00a0% of I(X;Y)."
    )
    merge.press("Enter")
    expect(reading(simplex)).to_contain_text("2 clusters")
    assert [row[0] for row in tables(simplex)[0]] == ["a+c", "b"]
    simplex.get_by_role("checkbox", name="a+c").press("Space")
    simplex.get_by_role("button", name="split").press("Enter")
    assert [row[0] for row in tables(simplex)[0]] == ["a", "b", "c"]
    simplex.get_by_role("button", name="merge what is free").press("Enter")
    assert [row[0] for row in tables(simplex)[0]] == ["a+b", "c"]
    expect(reading(simplex)).to_contain_text("lost 0.000 nats, 0.0\u00a0%")
    simplex.get_by_role("button", name="start again").press("Enter")
    assert len(tables(simplex)[0]) == 3


def test_the_cursor_and_the_label(show):
    diagram = show(SPLITS).locator("ib-bifurcation")
    slider = diagram.get_by_role("slider")
    slider.press("Home")
    expect(reading(diagram)).to_have_text(f"β = 1.000: 1 cluster, p(y1|t) = {number(TABLE.sum(0)[0])}")
    slider.press("End")
    diagram.get_by_label("label y").select_option("y3")
    atoms = SPLITS.atoms[-1]
    expect(reading(diagram)).to_have_text(
        f"β = 60.000: {len(atoms)} clusters, p(y3|t) = {', '.join(number(v) for v in atoms[:, 3])}"
    )
    assert diagram.locator("ol.marks li").count() == len(SPLITS.marks)


# ---------------------------------------------------------------- looks and access


@pytest.mark.parametrize("width", [390, 1000])
def test_words_of_the_pictures_are_inside_apart_and_large_enough(show, width):
    page = show(*ELEMENTS, width=width)
    for i in range(len(ELEMENTS)):
        for words in page.locator(".ib-explorable").nth(i).evaluate(WORDS_OF_PICTURES):
            assert [word for word in words if not word["inside"]] == []
            assert [word for word in words if word["size"] < 12] == []
            for a, b in combinations(words, 2):
                apart = a["right"] <= b["left"] + 2 or b["right"] <= a["left"] + 2
                assert apart or a["bottom"] <= b["top"] + 4 or b["bottom"] <= a["top"] + 4, (a, b)


def test_a_phone_does_not_scroll_sideways(show):
    page = show(*ELEMENTS, width=390)
    for summary in page.locator(".card summary").all():
        summary.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize(("theme", "width"), [("light", 390), ("dark", 1000)])
def test_axe_finds_nothing(show, theme, width):
    page = show(*ELEMENTS, width=width)
    page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
    for summary in page.locator(".card summary").all():
        summary.click()
    page.evaluate(AXE)
    violations = page.evaluate("axe.run()")["violations"]
    assert [(v["id"], [node["html"] for node in v["nodes"]]) for v in violations] == []


def test_each_picture_is_described_in_a_sentence(show):
    for picture in show(*ELEMENTS).get_by_role("img").all():
        assert picture.get_attribute("aria-label").endswith(".")


def test_what_has_settled_is_announced_once(show):
    page = show(STEPPER)
    stepper = page.locator("ib-stepper")
    page.wait_for_timeout(800)
    assert stepper.get_by_role("status").text_content() == ""
    for _ in range(3):
        stepper.get_by_role("button", name="step", exact=True).click()
    expect(stepper.get_by_role("status")).to_contain_text("Step 3 of")


def test_without_javascript_there_are_words_and_a_table(browser, show):
    address = show(*ELEMENTS).url
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    for element in ELEMENTS:
        expect(page.get_by_text(element.words())).to_be_visible()
    context.close()
