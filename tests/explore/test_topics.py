"""What the explorables of topics 02 to 07 put on a page, those of 02 to 04 checked against the package."""

import base64
import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from selectolax.lexbor import LexborHTMLParser

from ibcourse import plots
from ibcourse.bottleneck import decoder, encoder_information, ib_curve, ib_step
from ibcourse.explore import (
    BifurcationDiagram,
    BinningPicture,
    BoundsPicture,
    EnvelopePicture,
    Explorable,
    IBStepper,
    PosteriorSimplex,
    RateDistortionPlane,
    RatePicture,
    SurrogatePicture,
)
from ibcourse.explore.element import compact, short
from ibcourse.information import entropy, mutual_information
from ibcourse.rate_distortion import hamming, squared_error
from ibcourse.sufficiency import merge_costs

NASTY = '<b>&"'
TWO = np.array([[0.45, 0.05], [0.1, 0.4]])  # S0: two inputs, p(y1|x) = 0.9 and 0.2
SIX = np.random.default_rng(3).dirichlet(np.full(18, 0.5)).reshape(6, 3)
GRID = np.linspace(-2, 2, 9)
NORMAL = np.exp(-(GRID**2) / 2) / np.exp(-(GRID**2) / 2).sum()
NOISE = np.random.default_rng(5).normal(size=(9, 150, 4))
CURVE = ib_curve(SIX, np.geomspace(1, 60, 40))
CODES = {NASTY: (0.36, 0.69), "k-means, 4 words": (0.11, 1.3)}
EXAMPLES = {
    "stepper": IBStepper(SIX, beta=6, clusters=3, x_names=[NASTY, *"bcdef"], unit="bits"),
    "window": IBStepper(TWO, beta=2.01, encoder=[[0.82, 0.18], [0.17, 0.83]], betas=(1, 10)),
    "envelope": EnvelopePicture(TWO / 0.5, [0.5, 0.5], beta=2.01, betas=(1.98, 2.05), x_names=[NASTY, "b"]),
    "coin": RateDistortionPlane([0.5, 0.5], hamming(2), letters=[NASTY, "b"]),
    "normal": RateDistortionPlane(NORMAL, squared_error(GRID, GRID), codes=CODES, unit="bits"),
    "large": RateDistortionPlane(np.full(40, 1 / 40), squared_error(np.arange(40), np.arange(40))),
    "triangle": PosteriorSimplex(SIX, y_names=[NASTY, "b", "c"], clusters=[0, 1, 0, 2, 2, 3]),
    "line": PosteriorSimplex(TWO, unit="bits"),
    "splits": BifurcationDiagram(SIX, CURVE, y_names=[NASTY, "b", "c"], labels=["c", NASTY]),
    "surrogate": SurrogatePicture(unit="bits"),
    "rate": RatePicture(
        np.geomspace(1e-9, 1, 9),
        NOISE[..., :2],
        np.arange(150) % 10,
        rate=np.geomspace(90, 0.01, 9),
        information=np.linspace(7.2, 0.01, 9),
        decoder_bound=np.linspace(2.2, -0.1, 9),
        n=1437,
        scales=np.abs(NOISE[..., 2:]),
        class_names=[NASTY, *"bcdefghij"],
    ),
    "bins": BinningPicture(np.tanh(NOISE[0, :, 0]), noise=0.05),
    "bounds": BoundsPicture(SIX, np.eye(3)[[0, 1, 2, 2, 1, 0]], y_names=[NASTY, "b", "c"]),
}
each = pytest.mark.parametrize("element", EXAMPLES.values(), ids=EXAMPLES.keys())


def as_number(text: str) -> float:
    mantissa, _, power = text.replace("−", "-").partition("·10")
    return float(mantissa) * 10.0 ** int(power.translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")) or 0)


def rows(element: Explorable) -> list[list[str]]:
    return element.table().rows


@each
def test_data_survives_the_attribute_and_is_light(element):
    page = element.to_html().partition("<script>")[0]
    node = LexborHTMLParser(page).css_first(element.tag)
    config = json.loads(node.attributes["data-config"])
    assert config == json.loads(json.dumps({"title": element.title, **element.data()}))
    assert not node.css("b"), "the words of an author became markup"
    assert len(page) < 40_000


@each
def test_mimebundle_has_html_picture_and_words(element):
    before = plots.plt.get_fignums()
    bundle = element._repr_mimebundle_()
    assert base64.b64decode(bundle["image/png"], validate=True).startswith(b"\x89PNG")
    assert bundle["text/plain"] == f"{element.title}. {element.words()}"
    assert plots.plt.get_fignums() == before


@pytest.mark.parametrize("value", [0, 1.5, -0.0005, 0.00049, -3.798e-6, 2.5e-10, 1e-14, 123.4])
def test_a_small_number_keeps_its_size(value):
    assert as_number(short(value)) == pytest.approx(
        value, rel=0.02, abs=5.1e-4 if abs(value) >= 5e-4 else 1e-12
    )


def test_compact_numbers_keep_their_digits_and_shape():
    assert compact([[0, 1 / 3], [2.0, 1e-9]], 4) == [[0, 0.3333], [2, 1e-9]]


# ---------------------------------------------------------------- the bottleneck, step by step


def test_the_run_is_that_of_ib_step():
    element = EXAMPLES["stepper"]
    encoder = element.encoder
    for step in element.run[1:20]:
        encoder = ib_step(SIX, encoder, 6)
        np.testing.assert_allclose(step, encoder, rtol=0, atol=1e-15)
    assert np.abs(element.run[-1] - element.run[-2]).max() < 1e-10
    for step, i_xt, i_ty, value in rows(element):
        x, y, _ = encoder_information(SIX, element.run[int(step)])
        expected = np.array([x, y, x - 6 * y]) / np.log(2)
        assert [as_number(v) for v in (i_xt, i_ty, value)] == pytest.approx(expected, abs=5.1e-5)


def test_the_best_curve_goes_from_nothing_to_everything_and_is_concave():
    curve = EXAMPLES["stepper"].data()["curve"]
    x, y = np.array(curve["x"]), np.array(curve["y"])
    assert (x[0], y[0]) == (0, 0)
    assert [x[-1], y[-1]] == pytest.approx([entropy(SIX.sum(1)), mutual_information(SIX)], abs=1e-8)
    slopes = np.diff(y) / np.diff(x)
    assert np.all(np.diff(slopes) < 1e-4)


@pytest.mark.source("E0.3")
def test_the_run_in_the_window_ends_above_the_optimum():
    """The iteration loses everything, where a code of L = −3.8e-6 exists."""
    element = EXAMPLES["window"]
    curve = element.data()["curve"]
    best = min(x - 2.01 * y for x, y in zip(curve["x"], curve["y"], strict=True))
    x, y, _ = encoder_information(TWO, element.run[-1])
    assert best == pytest.approx(-3.798e-6, abs=5e-8)
    assert x - 2.01 * y > 0


@pytest.mark.parametrize("convert", [np.float32, torch.tensor])
def test_narrow_types_and_tensors_are_drawn(convert):
    element = IBStepper(convert(TWO), beta=3, encoder=convert([[0.5, 0.5], [0.25, 0.75]]))
    assert element.words() == IBStepper(TWO, beta=3, encoder=[[0.5, 0.5], [0.25, 0.75]]).words()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"p_xy": [0.5, 0.5]}, "expected two axes"),
        ({"p_xy": np.full((13, 2), 1 / 26)}, "two to 12 symbols"),
        ({"p_xy": [[0.5, 0.5], [0, 0]]}, "row 1 of p_xy has probability zero"),
        ({"p_xy": [[0.5, 0], [0.5, 0]]}, "column 1 of p_xy has probability zero"),
        ({"p_xy": 2 * TWO}, "p_xy sums to 2"),
        ({"beta": 100}, "expected 0 < low ≤ beta ≤ high"),
        ({"beta": np.nan}, "expected 0 < low ≤ beta ≤ high"),
        ({"betas": (5, 5)}, "low < high"),
        ({"clusters": 0}, "from 1 to 12"),
        ({"clusters": 2.5}, "from 1 to 12"),
        ({"encoder": [[1, 0]]}, "one row for each of 2 inputs"),
        ({"encoder": [[1, 1], [1, 0]]}, "encoder.* sums to 2"),
        ({"encoder": [[1, 0], [1, 0]], "clusters": 3}, "give one of them"),
        ({"encoder": np.full((2, 13), 1 / 13)}, "at most 12"),
        ({"x_names": ["a", "a"]}, "2 different words"),
        ({"y_names": ["a", "much too long"]}, "at most eight characters"),
        ({"unit": "bytes"}, "bits"),
    ],
)
def test_the_stepper_refuses(options, message):
    with pytest.raises(ValueError, match=message):
        IBStepper(**({"p_xy": TWO} | options))


# ---------------------------------------------------------------- the convex envelope


@pytest.mark.source("E0.3")
@pytest.mark.parametrize(
    ("beta", "value", "atoms"),
    [
        (2.0, 0.0, []),
        (2.01, -3.798e-6, ["0.4848", "0.6544"]),
        (2.015, -2.4808e-5, []),
        (2.02, -6.3889e-5, []),
    ],
)
def test_the_envelope_of_the_window(beta, value, atoms):
    element = EnvelopePicture(TWO / 0.5, [0.5, 0.5], beta=beta, betas=(1.98, 2.05))
    assert element.envelope.lagrangian == pytest.approx(value, abs=2e-8)
    assert all(f"r = {atom}" in element.words() for atom in atoms)


def test_the_envelope_marks_both_critical_prices():
    marks = {mark["name"]: mark["beta"] for mark in EXAMPLES["envelope"].data()["marks"]}
    assert marks == {
        "information begins to pay": 2.006803,
        "F begins to bend down at p(x)": pytest.approx(99 / 49, abs=1e-6),
    }


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"p_y_given_x": np.full((3, 2), 0.5)}, "one row for each of 2 inputs"),
        ({"p_y_given_x": np.full((2, 2), 0.5)}, "does not depend on X"),
        ({"p_x": [1.0, 0.0]}, "both with positive probability"),
        ({"p_x": [0.2, 0.3, 0.5]}, "two inputs"),
        ({"beta": 5}, "expected 0 < low ≤ beta ≤ high"),
        ({"x_names": ["a"]}, "2 different words"),
        ({"unit": "bytes"}, "bits"),
    ],
)
def test_the_envelope_refuses(options, message):
    with pytest.raises(ValueError, match=message):
        EnvelopePicture(**({"p_y_given_x": TWO / 0.5, "p_x": [0.5, 0.5]} | options))


# ---------------------------------------------------------------- rate and distortion


def test_the_curve_of_a_coin():
    data = EXAMPLES["coin"].data()["curve"]
    d, r, s = (np.array(data[name]) for name in "drs")
    np.testing.assert_allclose(r, np.log(2) - entropy(np.stack([d, 1 - d], -1)), rtol=0, atol=1e-5)
    np.testing.assert_allclose(s, np.log((1 - d) / d), rtol=1e-3)
    assert d[0] > 0.499
    assert d[-1] < 0.001, "the slopes cover the curve"


def test_codes_lie_above_their_bound():
    for code in EXAMPLES["normal"].data()["codes"]:
        assert 0 < code["lower"] < code["r"]
        assert code["lower"] == pytest.approx(np.interp(-code["d"], *_curve("normal")), abs=2e-3)


def _curve(name):
    curve = EXAMPLES[name].curve
    return -curve.distortion, curve.rate


def test_a_large_alphabet_comes_without_its_channel():
    assert "q" in EXAMPLES["normal"].data()["curve"]
    assert "q" not in EXAMPLES["large"].data()["curve"]


def test_slopes_of_ones_own():
    element = RateDistortionPlane([0.5, 0.5], hamming(2), [3, 1, 2], slope=2.1)
    assert element.data()["curve"]["s"] == [1, 2, 3]
    assert element.start == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"p_x": [0.5, 0.6]}, "p_x sums to 1.1"),
        ({"p_x": [1.0, 0.0]}, "without zeros"),
        ({"distortion": hamming(3)}, "one row for each symbol"),
        ({"distortion": [[0, np.inf], [1, 0]]}, "finite numbers"),
        ({"distortion": [[0, 1], [0, 1]]}, "no rate lowers the distortion"),
        ({"slopes": [1.0]}, "2 to 200 positive numbers"),
        ({"slopes": [0.0, 1.0]}, "2 to 200 positive numbers"),
        ({"codes": {"a": (0.1,)}}, "a pair"),
        ({"codes": {"a": (0.1, -1)}}, "a pair"),
        ({"letters": ["a", "a"]}, "2 different words"),
        ({"unit": "bytes"}, "bits"),
    ],
)
def test_the_plane_refuses(options, message):
    with pytest.raises(ValueError, match=message):
        RateDistortionPlane(**({"p_x": [0.5, 0.5], "distortion": hamming(2)} | options))


# ---------------------------------------------------------------- the simplex of posteriors


def test_clusters_lose_what_their_mergers_cost():
    table = rows(EXAMPLES["triangle"])
    assert [row[0] for row in table] == ["x1+x3", "x2", "x4+x5", "x6"]
    costs = merge_costs(SIX)
    lost = [as_number(row[-1]) for row in table]
    assert lost == pytest.approx([costs[0, 2], 0, costs[3, 4], 0], abs=5.1e-4)
    assert sum(as_number(row[1]) for row in table) == pytest.approx(1, abs=2e-3)


def test_the_words_name_the_cheapest_pair():
    assert (
        "The cheapest pair to merge is x2 and x3, for 0.000"
        in PosteriorSimplex([[0.2, 0.0], [0.1, 0.2], [0.05, 0.1], [0.05, 0.3]]).words()
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"p_xy": np.full((2, 4), 1 / 8)}, "expected two .* or three"),
        ({"p_xy": np.full((17, 2), 1 / 34)}, "two to 16 symbols"),
        ({"clusters": [0]}, "one cluster for each of 2 inputs"),
        ({"x_names": ["a"]}, "2 different words"),
        ({"unit": "bytes"}, "bits"),
    ],
)
def test_the_simplex_refuses(options, message):
    with pytest.raises(ValueError, match=message):
        PosteriorSimplex(**({"p_xy": TWO} | options))


# ---------------------------------------------------------------- the bifurcation diagram


def test_the_atoms_are_those_of_the_curve():
    element = EXAMPLES["splits"]
    for atoms, encoder in zip(element.atoms, CURVE.encoder, strict=True):
        masses, posteriors = decoder(SIX, encoder)
        assert atoms[:, 0].sum() == pytest.approx(1)
        assert atoms[:, 0] @ atoms[:, 1] == pytest.approx(masses @ posteriors[:, 2]), "c comes first"
        assert len(atoms) <= len(masses)
    counts = [int(row[1]) for row in rows(element)]
    assert counts[0] == 1
    assert max(counts) == 6


def test_clusters_with_one_posterior_are_one_atom():
    curve = ib_curve(np.repeat(TWO / 2, 2, axis=0), [5, 3])
    element = BifurcationDiagram(np.repeat(TWO / 2, 2, axis=0), curve)
    assert element.beta.tolist() == [3, 5]
    assert [len(atoms) for atoms in element.atoms] == [2, 2]


def test_marks_are_the_onset_unless_given():
    curve = ib_curve(TWO, [1, 3])
    assert BifurcationDiagram(TWO, curve).marks == {
        "information begins to pay": pytest.approx(2.006803, abs=1e-6),
        "the constant encoder stops being a local optimum": pytest.approx(99 / 49),
    }
    assert BifurcationDiagram(TWO, curve, {"here": 2}).marks == {"here": 2}
    independent = np.full((2, 2), 0.25)
    assert BifurcationDiagram(independent, ib_curve(independent, [1, 3])).marks == {}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"p_xy": SIX[:5] / SIX[:5].sum()}, "6 inputs and p_xy 5"),
        ({"curve": replace(CURVE, beta=np.full(40, 2.0))}, "two or more different"),
        ({"curve": replace(CURVE, beta=np.arange(40.0))}, "positive"),
        ({"labels": ["y9"]}, "expected some of"),
        ({"labels": []}, "expected some of"),
        ({"marks": {"a": -1}}, "expected a positive β"),
        ({"y_names": ["a"]}, "3 different words"),
    ],
)
def test_the_diagram_refuses(options, message):
    with pytest.raises(ValueError, match=message):
        BifurcationDiagram(**({"p_xy": SIX, "curve": CURVE} | options))


def test_too_many_numbers_are_refused():
    table = np.random.default_rng(0).dirichlet(np.full(200, 0.2)).reshape(20, 10)
    with pytest.raises(ValueError, match="kB of the page: expected at most 40"):
        BifurcationDiagram(
            table, ib_curve(table, np.geomspace(1, 100, 120)), labels=[f"y{i}" for i in range(1, 11)]
        )
