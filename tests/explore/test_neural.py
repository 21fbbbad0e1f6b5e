"""The explorables of topics 05 to 07, checked against closed forms and the package."""

from math import e, log, pi

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import norm

from ibcourse.explore import BinningPicture, BoundsPicture, RatePicture, SurrogatePicture
from ibcourse.information import entropy, mutual_information
from ibcourse.plots import number
from ibcourse.variational import decoder_bound, marginal_bound, optimal_decoder

TWO = np.array([[0.4, 0.1], [0.1, 0.4]])
ENCODER = np.array([[0.9, 0.1], [0.2, 0.8]])
CODES = {
    "beta": [0.1, 1e-3],
    "latents": [[[0.1, 0], [0, 0.1], [0, 0]], [[7.2, 0.5], [-3, -1], [0, 9.1]]],
    "labels": [0, 1, 1],
    "rate": [0.2, 14.5],
    "information": [0.1, 1.0],
    "decoder_bound": [0.05, 0.6],
    "n": 3,
}


def as_number(text):
    return float(text.replace("−", "-"))


# ---------------------------------------------------------------- the surrogate


@pytest.mark.source("E1.4")
def test_the_surrogate_unlearns_before_it_relearns():
    """From .6 to .5 the cross-entropy falls and the uncertainty rises; both fall from there on."""
    table = {row[0]: [as_number(value) for value in row[1:]] for row in SurrogatePicture().table().rows}
    assert table["0.60"][:2] == [0.673, 1.055]
    assert table["0.50"][:2] == [0.693, 0.916]
    (uncertainty, surrogate, _), order = np.transpose(list(table.values())), list(table)
    assert np.all(np.diff(surrogate) > 0)
    assert order[int(np.argmax(uncertainty))] == "0.50"


@given(st.floats(0.02, 0.98), st.floats(0.02, 0.98), st.floats(0, 1))
def test_the_three_uncertainties_by_brute_force(d0, d1, z_is_x):
    decoder = np.array([[1 - d0, d0], [1 - d1, d1]])
    encoder = np.array([[z_is_x, 1 - z_is_x], [1 - z_is_x, z_is_x]])
    joint = encoder / 2  # p(x, z) with y = x
    own, cross, prediction = SurrogatePicture((d0, d1), z_is_x)._values(z_is_x)
    assert own == pytest.approx(log(2) - mutual_information(joint), abs=1e-12)
    surprise = [[-log(decoder[z, y]) for z in (0, 1)] for y in (0, 1)]
    assert cross == pytest.approx(np.sum(joint * surprise), abs=1e-12)
    assert prediction == pytest.approx(np.mean([-log(encoder[y] @ decoder[:, y]) for y in (0, 1)]), abs=1e-12)
    assert max(own, prediction) <= cross + 1e-12


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"decoder": (0.8, 0.99)}, "two probabilities from 0.02 to 0.98"),
        ({"decoder": (0.8,)}, "two probabilities"),
        ({"encoder": 1.1}, "expected a probability"),
        ({"encoder": np.nan}, "expected a probability"),
        ({"unit": "bytes"}, "bits"),
    ],
)
def test_the_surrogate_refuses(options, message):
    with pytest.raises(ValueError, match=message):
        SurrogatePicture(**options)


# ---------------------------------------------------------------- what the rate counts


def test_codes_are_sorted_and_their_places_survive():
    data = RatePicture(**CODES).data()
    assert data["beta"] == [1e-3, 0.1]
    assert data["bars"] == [[14.5, 0.2], [1, 0.1], [0.6, 0.05]]
    assert [code["limit"] for code in data["codes"]] == [10, 1]
    places = np.array(data["codes"][0]["z"]).T * 10 / 1000
    np.testing.assert_allclose(places, CODES["latents"][1], atol=0.0051)
    assert data["needed"] == pytest.approx(entropy([1 / 3, 2 / 3]))


def test_the_words_and_the_table_of_the_rate():
    element = RatePicture(**CODES, start=1e-3, unit="bits")
    assert "the rate is R = 20.919 bits" in element.words()
    assert f"at most log₂ N = {number(log(3) / log(2))}" in element.words()
    assert element.table().rows[1] == [
        "0.100",
        *(number(value / log(2)) for value in (0.2, 0.1, 0.05)),
    ]


def test_scales_widen_the_frame_and_tensors_are_read():
    scales = torch.full((2, 3, 2), 1.5, dtype=torch.float32, requires_grad=True)
    data = RatePicture(**(CODES | {"latents": torch.tensor(CODES["latents"])}), scales=scales).data()
    assert [code["limit"] for code in data["codes"]] == [20, 2]
    assert data["codes"][1]["s"] == [[750] * 3, [750] * 3]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"beta": [0.1, 0.1]}, "two or more different positive"),
        ({"beta": [0.1, 0]}, "two or more different positive"),
        ({"latents": np.zeros((2, 3, 3))}, r"latents has shape \(2, 3, 3\): expected \(2, any, 2\)"),
        ({"latents": np.full((2, 3, 2), np.nan)}, "all numbers finite"),
        ({"scales": np.ones((2, 2, 2))}, r"expected \(2, 3, 2\)"),
        ({"labels": [0, 2, 2]}, "each at least once"),
        ({"labels": [0, -1, 1]}, "each at least once"),
        ({"latents": np.zeros((2, 201, 2)), "labels": np.arange(201) % 2}, "at most 200 points"),
        ({"rate": [1.0]}, r"rate has shape \(1,\): expected \(2\)"),
        ({"n": 1}, "two or more"),
        ({"class_names": ["a"]}, "2 different words"),
        ({"unit": "bytes"}, "bits"),
    ],
)
def test_the_rate_refuses(options, message):
    with pytest.raises(ValueError, match=message):
        RatePicture(**(CODES | options))


def test_heavy_latents_are_refused():
    values = np.ones(40)
    bars = {"rate": values, "information": values, "decoder_bound": values}
    with pytest.raises(ValueError, match="kB of the page: expected at most 40"):
        RatePicture(
            np.arange(1, 41),
            9 * np.random.default_rng(0).normal(size=(40, 200, 2)),
            np.zeros(200),
            n=9,
            **bars,
        )


# ---------------------------------------------------------------- bins and noise


def test_bins_grow_to_ln_n_and_noise_stays():
    element = BinningPicture(np.tanh(np.linspace(-2, 2, 60)), noise=0.1)
    found = [as_number(row[1]) for row in element.table().rows]
    assert found[0] == pytest.approx(log(60), abs=5e-4)
    assert found[-1] <= round(log(3), 3), "the range spans at most three bins of its own width"
    noisy = element.data()["noisy"]
    assert np.all(np.diff(noisy) > 0)
    assert 0 < noisy[0] < noisy[-1] < log(60)


def test_binned_information_is_that_of_the_table_of_inputs_and_bins():
    z = np.random.default_rng(3).normal(size=40)
    bins = np.floor(z / 0.7).astype(int)
    joint = np.eye(np.ptp(bins) + 1)[bins - bins.min()] / 40
    assert BinningPicture(z, noise=1)._binned(0.7) == pytest.approx(mutual_information(joint), abs=1e-12)


@pytest.mark.parametrize(("gap", "scale"), [(1.0, 1.0), (6.0, 1.0), (9.0, 0.3), (200.0, 1.0)])
def test_two_codes_in_noise_by_adaptive_quadrature(gap, scale):
    element = BinningPicture([0, gap, gap], noise=1)
    weights, means = np.array([1 / 3, 2 / 3]), scale * np.array([0, gap])

    def integrand(t):
        p = weights @ norm.pdf(t, means)
        return -p * np.log(p) if p > 0 else 0.0

    # Apart around each mean, where the two are far from each other.
    (a, b) = means
    ends = [(-12, 12), (b - 12, b + 12)] if b - a > 24 else [(-12, b + 12)]
    h = sum(quad(integrand, *pair, limit=400, epsabs=1e-12)[0] for pair in ends)
    assert element._with_noise(scale) == pytest.approx(h - 0.5 * log(2 * pi * e), abs=1e-8)


def test_equal_codes_cannot_be_told_apart():
    element = BinningPicture([0, 1, 1, 2], noise=0.2)
    assert element.data()["whole"] == pytest.approx(1.5 * log(2))
    assert as_number(element.table().rows[0][1]) == pytest.approx(1.5 * log(2), abs=5e-4)


@pytest.mark.parametrize("convert", [np.float32, torch.tensor])
def test_narrow_codes_and_tensors_are_drawn(convert):
    z = np.array([0.1, 0.25, -0.5])
    assert BinningPicture(convert(z), noise=0.1).data()["z"] == z.tolist()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"z": [[1, 2]]}, "one axis of 2 to 500"),
        ({"z": [1]}, "one axis of 2 to 500"),
        ({"z": np.arange(501)}, "one axis of 2 to 500"),
        ({"z": [0, np.inf]}, "finite"),
        ({"z": [1, 1]}, "are equal"),
        ({"noise": 0.004}, "from 0.005 to 1"),
        ({"noise": np.nan}, "from 0.005 to 1"),
        ({"unit": "bytes"}, "bits"),
    ],
)
def test_the_bins_refuse(options, message):
    with pytest.raises(ValueError, match=message):
        BinningPicture(**({"z": [0, 0.3, 1], "noise": 0.1} | options))


# ---------------------------------------------------------------- bounds and their gaps


def test_the_bars_are_the_bounds_of_the_package():
    element = BoundsPicture(TWO, ENCODER, sharpness=3, tilt=1, beta=0.25)
    decoder = optimal_decoder(TWO, ENCODER) ** 3
    decoder /= decoder.sum(axis=1, keepdims=True)
    q = TWO.sum(axis=1) @ ENCODER
    marginal = q * np.exp([-1, 1]) / (q @ np.exp([-1, 1]))
    lower, upper = decoder_bound(TWO, ENCODER, decoder), marginal_bound([0.5, 0.5], ENCODER, marginal)
    cross, rate = log(2) - lower.bound, upper.bound
    rows = {row[0]: [as_number(value) for value in row[1:]] for row in element.table().rows}
    close = {"abs": 5.1e-4}
    assert rows["cross-entropy"] == pytest.approx([log(2) - lower.value, lower.gap, cross], **close)
    assert rows["rate"] == pytest.approx([upper.value, upper.gap, rate], **close)
    assert rows["loss"][2] == pytest.approx(cross + 0.25 * rate, **close)
    assert lower.gap > 0.01
    assert upper.gap > 0.01


def test_at_sharpness_one_and_tilt_zero_both_gaps_are_closed():
    assert [row[2] for row in BoundsPicture(TWO, ENCODER).table().rows] == ["0.000"] * 3


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"p_xy": np.full((9, 2), 1 / 18)}, "two to 8 symbols"),
        ({"encoder": np.ones((2, 1))}, "two to 8, all positive"),
        ({"encoder": [[1, 0, 0], [0, 1, 0]]}, "no input uses"),
        ({"encoder": np.full((2, 2), 0.5)}, "no sharpness changes the decoder"),
        ({"p_xy": np.eye(2) / 2, "encoder": np.eye(2)}, "no sharpness changes the decoder"),
        ({"sharpness": 9}, "from 0.125 to 8"),
        ({"tilt": -4}, "from -3 to 3"),
        ({"beta": np.nan}, "from 0 to 1"),
        ({"y_names": ["a"]}, "2 different words"),
        ({"unit": "bytes"}, "bits"),
    ],
)
def test_the_bounds_refuse(options, message):
    with pytest.raises(ValueError, match=message):
        BoundsPicture(**({"p_xy": TWO, "encoder": ENCODER} | options))
