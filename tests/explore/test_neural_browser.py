"""The explorables of topics 05 to 07 in a browser: the same numbers as Python, by mouse and by keyboard."""

from itertools import product
from math import log

import numpy as np
import pytest
from playwright.sync_api import Locator, expect

from ibcourse.bottleneck import encoder_information
from ibcourse.explore import BinningPicture, BoundsPicture, RatePicture, SurrogatePicture
from ibcourse.plots import number
from ibcourse.variational import vib_loss

pytestmark = pytest.mark.browser

TABLE = np.array([[0.3, 0.02, 0.02], [0.02, 0.2, 0.04], [0.05, 0.05, 0.1], [0.1, 0.06, 0.04]])
SPARSE = np.array([[0.3, 0.0, 0.1], [0.0, 0.2, 0.0], [0.1, 0.1, 0.1], [0.0, 0.0, 0.1]])
ENCODER = np.array([[0.9, 0.05, 0.05], [0.1, 0.8, 0.1], [0.1, 0.2, 0.7], [0.6, 0.2, 0.2]])
Z = np.tanh(1.5 * np.random.default_rng(1).normal(size=80))
SURROGATE = SurrogatePicture()
BINS = BinningPicture(Z, noise=0.05)
BOUNDS = BoundsPicture(TABLE, ENCODER, sharpness=2, tilt=0.8)
NOISE = np.random.default_rng(5).normal(size=(3, 40, 2))
RATE = RatePicture(
    [1e-4, 1e-2, 1],
    np.array([5.0, 2.0, 0.01])[:, None, None] * NOISE,
    np.arange(40) % 10,
    rate=[60.0, 4.0, 0.01],
    information=[7.2, 3.0, 0.01],
    decoder_bound=[2.2, 2.1, -0.3],
    scales=np.exp(0.1 * NOISE),
    n=1437,
)


def reading(element: Locator) -> Locator:
    return element.locator(".line")


def last_tables(element: Locator) -> list[list[list[str]]]:
    """The tables of all numbers, as rows of words."""
    return (
        element.locator("details")
        .last.locator("table")
        .evaluate_all(
            "tables => tables.map((table) => [...table.querySelectorAll('tbody tr')].map((row) =>"
            " [...row.children].map((cell) => cell.textContent)))"
        )
    )


# ---------------------------------------------------------------- the same numbers as Python


def test_the_uncertainties_equal_those_of_python(show):
    page = show()
    for decoder, e in product(((0.8, 0.2), (0.3, 0.9), (0.5, 0.5)), (0.0, 0.2, 0.5, 0.6, 1.0)):
        script = page.evaluate("([d, e]) => ibcourse.uncertainties(d, e).map(([v]) => v)", [decoder, e])
        np.testing.assert_allclose(script, SurrogatePicture(decoder)._values(e), rtol=0, atol=1e-12)


def test_the_slopes_are_those_of_the_values(show):
    page, step = show(), 1e-6
    for decoder, e in product(((0.8, 0.2), (0.3, 0.9)), (0.2, 0.5, 0.6)):
        script = page.evaluate("([d, e]) => ibcourse.uncertainties(d, e).map(([, s]) => s)", [decoder, e])
        low, high = SurrogatePicture(decoder)._values([e - step, e + step]).T
        np.testing.assert_allclose(script, (high - low) / (2 * step), rtol=0, atol=1e-8)


def test_the_bins_equal_those_of_python(show):
    page = show()
    for scale, width in product((1, 0.31622776, 0.01), BINS.widths[::6]):
        script = page.evaluate(
            "([z, w]) => ibcourse.binnedInformation(z, w)", [(scale * BINS.z).tolist(), width]
        )
        assert script == pytest.approx(BINS._binned(width, scale), abs=1e-12)


def test_the_loss_equals_that_of_python(show):
    page = show()
    for p_xy, sharpness, tilt in product((TABLE, SPARSE), (0.25, 1, 5), (-2, 0, 1.5)):
        element = BoundsPicture(p_xy, ENCODER, sharpness=sharpness, tilt=tilt, beta=0.3)
        script = page.evaluate(
            "(list) => ibcourse.variational(...list)", [p_xy.tolist(), ENCODER.tolist(), sharpness, tilt]
        )
        close = {"rtol": 0, "atol": 1e-9}
        np.testing.assert_allclose(script["decoder"], element.decoder, **close)
        np.testing.assert_allclose(script["marginal"], element.marginal, **close)
        python = vib_loss(p_xy, ENCODER, element.decoder, element.marginal, 0.3)
        for name, value in (
            ("hYT", python.h_y - python.i_ty),
            ("iXT", encoder_information(p_xy, ENCODER)[0]),
            ("decoderGap", python.decoder_gap),
            ("marginalGap", python.marginal_gap),
            ("crossEntropy", python.cross_entropy),
            ("rate", python.rate),
        ):
            assert script[name] == pytest.approx(float(value), abs=1e-9), name
        assert script["hYT"] + script["decoderGap"] == pytest.approx(script["crossEntropy"], abs=1e-12)
        assert script["iXT"] + script["marginalGap"] == pytest.approx(script["rate"], abs=1e-12)


# ---------------------------------------------------------------- by keyboard


def test_stepping_down_the_surrogate_unlearns_and_then_learns(show):
    surrogate = show(SURROGATE).locator("ib-surrogate")
    expect(reading(surrogate)).to_have_text(
        "p(z = x) = 0.60: H(Y|Z) = 0.673, HΘ(Y|Z) = 1.055, HΘ(Y|X) = 0.821 nats"
    )
    verdict = surrogate.locator(".two-lines")
    expect(verdict).to_have_text(
        "A small step down HΘ(Y|Z) lowers p(z = x), and H(Y|Z) rises: the code unlearns."
    )
    down = surrogate.get_by_role("button", name="a step down HΘ(Y|Z)")
    for _ in range(3):
        down.press("Enter")
    expect(reading(surrogate)).to_contain_text("p(z = x) = 0.45")
    expect(verdict).to_contain_text("H(Y|Z) falls: the code learns.")
    for _ in range(12):
        down.press("Enter")
    expect(reading(surrogate)).to_contain_text("p(z = x) = 0.00: H(Y|Z) = 0.000, HΘ(Y|Z) = 0.223")
    expect(verdict).to_have_text("HΘ(Y|Z) pushes the encoder nowhere.")
    assert surrogate.locator("path.arrow").count() == 0
    surrogate.get_by_role("button", name="start again").press("Enter")
    surrogate.get_by_role("button", name="a step down H(Y|Z)").press("Enter")
    expect(reading(surrogate)).to_contain_text("p(z = x) = 0.65")


def test_the_optimal_decoder_joins_the_curves(show):
    surrogate = show(SURROGATE).locator("ib-surrogate")
    surrogate.get_by_role("button", name="decoder = p(y|z)").press("Enter")
    expect(reading(surrogate)).to_contain_text("H(Y|Z) = 0.673, HΘ(Y|Z) = 0.673")
    slider = surrogate.get_by_role("slider", name="decoder p(ŷ = 1|z = 1)")
    assert slider.get_attribute("aria-valuetext") == "0.60"
    slider.press("ArrowRight")
    assert slider.get_attribute("aria-valuetext") == "0.61"
    slider.press("End")
    assert slider.get_attribute("aria-valuetext") == "0.98"


def test_the_codes_follow_the_price(show):
    rate = show(RATE).locator("ib-rate")
    slider = rate.get_by_role("slider")
    assert slider.get_attribute("aria-valuetext") == "β = 0.010"
    assert rate.locator(".torn").count() == 0
    slider.press("Home")
    expect(reading(rate)).to_have_text("β = 1.0·10⁻⁴: R = 60.000, I(X;Z) = 7.200, I(Z;Y) at least 2.200 nats")
    expect(rate.locator(".two-lines")).to_have_text(
        f"Of the rate 52.800 nats are slack. Z carries {number(7.2 - log(10))} more than the label needs."
    )
    assert rate.locator(".torn").count() == 1
    assert rate.locator(".classed").count() == 40 + 10, "a mark an input, and the key"
    slider.press("End")
    expect(rate.locator(".two-lines")).to_contain_text("Z carries less than the label needs.")
    expect(reading(rate)).to_contain_text("I(Z;Y) at least −0.300")


def test_a_mark_lies_where_its_code_lies(show):
    rate = show(RATE).locator("ib-rate")
    places = rate.locator("figure svg[role=img]").first.evaluate(
        """svg => [...svg.querySelectorAll(".classed")].map((mark) => {
            const { x, y, width, height } = mark.getBBox();
            return [x + width / 2, y + height / 2];
        })"""
    )
    limit = RATE.data()["codes"][1]["limit"]
    expected = [178, 152] + 134 / limit * RATE.latents[1] * [1, -1]
    np.testing.assert_allclose(places, expected, atol=0.2)


def test_a_scale_loses_nothing_without_noise(show):
    bins = show(BINS).locator("ib-binning")
    width, scale = bins.get_by_role("slider").all()
    noisy = BINS.data()["noisy"]
    expect(reading(bins)).to_contain_text(
        f"with noise {number(noisy[-1])}, without noise {number(log(80))} nats"
    )
    scale.press("Home")
    assert scale.get_attribute("aria-valuetext") == "0.010"
    expect(reading(bins)).to_contain_text(
        f"with noise {number(noisy[0])}, without noise {number(log(80))} nats"
    )
    expect(bins.locator(".two-lines")).to_contain_text("the entropy h(cZ) is lower by 4.605")
    expect(bins.locator(".two-lines")).to_contain_text(
        f"With noise {number(noisy[-1] - noisy[0])} nats are lost."
    )
    scale.press("End")
    width.press("Home")
    expect(reading(bins)).to_contain_text(f"binned I = {number(BINS._binned(BINS.widths[0]))}")
    assert bins.locator("figure svg").first.locator("rect").count() == 1, "bins below a pixel are one shade"
    width.press("End")
    assert bins.locator("figure svg").first.locator("rect").count() == 2
    expect(reading(bins)).to_contain_text(f"binned I = {number(BINS._binned(BINS.widths[-1]))}")


def test_the_guesses_close_their_gaps(show):
    bounds = show(BOUNDS).locator("ib-bounds")
    bounds.get_by_role("button", name="optimal decoder").press("Enter")
    bounds.get_by_role("button", name="optimal marginal").press("Enter")
    assert [row[2] for row in last_tables(bounds)[0]] == ["0.000"] * 3
    sharpness, tilt, price = bounds.get_by_role("slider").all()
    assert [s.get_attribute("aria-valuetext") for s in (sharpness, tilt, price)] == ["1.00", "0.00", "0.50"]
    sharpness.press("End")
    tilt.press("Home")
    price.press("End")
    rows = BoundsPicture(TABLE, ENCODER, sharpness=8, tilt=-3, beta=1).table().rows
    assert last_tables(bounds)[0] == rows
    expect(reading(bounds)).to_have_text(
        f"Cross-entropy {rows[0][3]}, rate {rows[1][3]}, loss {rows[2][3]} nats"
    )
    bounds.get_by_role("button", name="start again").press("Enter")
    assert last_tables(bounds)[0] == BOUNDS.table().rows
