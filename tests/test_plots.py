"""The look of the figures: contrast, colour-blind safety, the two colours that the site replaces, units."""

import io
import re
import subprocess
import sys
from itertools import combinations

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch

from ibcourse import pip_install, plots
from ibcourse.information import atoms, bits

DARK_PAGE = "#14181e"
XOR = np.array([[[1, 0], [0, 1]], [[0, 1], [1, 0]]]) / 4

# Machado, Oliveira and Fernandes (2009), full severity, for linear RGB.
VISION = {
    "normal": np.eye(3),
    "protanopia": [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]],
    "deuteranopia": [[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]],
    "tritanopia": [[1.256, -0.077, -0.179], [-0.078, 0.931, 0.148], [0.005, 0.691, 0.304]],
}


@pytest.fixture(autouse=True)
def _own_figures():
    with mpl.rc_context():
        yield
    plt.close("all")


def linear_rgb(colour):
    rgb = np.array(mpl.colors.to_rgb(colour))
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def contrast(a, b):
    """Contrast ratio of WCAG 2."""
    dark, light = sorted(float(linear_rgb(colour) @ [0.2126, 0.7152, 0.0722]) for colour in (a, b))
    return (light + 0.05) / (dark + 0.05)


def lab(linear):
    xyz = np.array([[0.4125, 0.3576, 0.1804], [0.2127, 0.7152, 0.0722], [0.0193, 0.1192, 0.9503]]) @ linear
    x, y, z = np.cbrt(xyz / [0.9505, 1.0, 1.089])
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def svg_of(figure):
    stream = io.StringIO()
    figure.savefig(stream, format="svg", metadata={"Date": None})
    return stream.getvalue()


def test_contrast_of_black_on_white_is_21():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("page", ["#ffffff", DARK_PAGE])
@pytest.mark.parametrize("colour", plots.COLOURS)
def test_every_colour_is_seen_on_both_pages(colour, page):
    assert contrast(colour, page) >= 3


@pytest.mark.parametrize("vision", VISION)
def test_colours_stay_apart(vision):
    seen = [lab(np.clip(np.array(VISION[vision]) @ linear_rgb(colour), 0, 1)) for colour in plots.COLOURS]
    assert min(np.linalg.norm(a - b) for a, b in combinations(seen, 2)) > 20


def test_colour_never_stands_alone():
    for companions in (plots.LINES, plots.MARKERS, plots.HATCHES):
        assert len(set(companions)) == len(plots.COLOURS)


def test_text_is_read_on_paper():
    assert contrast(plots.FOREGROUND, plots.BACKGROUND) > 15


def test_the_two_replaceable_colours_are_all_that_is_neither_data_nor_none():
    plots.use_style()
    figure, ax = plt.subplots()
    ax.plot([0, 1], [0, 1], label="a line")
    ax.legend()
    plots.label(ax, x=("time", "s"), y=("share", "no unit"))
    used = set(re.findall(r"(?:fill|stroke): ?(#[0-9a-f]{6})", svg_of(figure)))
    assert used == {plots.FOREGROUND, plots.BACKGROUND, plots.COLOURS[0]}
    assert not {plots.FOREGROUND, plots.BACKGROUND} & set(plots.COLOURS)


def test_the_same_figure_gives_the_same_svg_with_text_as_text():
    plots.use_style()
    first, second = (svg_of(plots.information_diagram(XOR).figure) for _ in range(2))
    assert first == second
    assert "<dc:date>" not in first
    assert ">I(X;Y;Z)</text>" in first


def test_use_style_asks_a_kernel_for_svg_without_a_date(monkeypatch):
    asked = []
    monkeypatch.setattr(plots, "_in_kernel", lambda: True)
    monkeypatch.setattr(
        "matplotlib_inline.backend_inline.set_matplotlib_formats",
        lambda *formats, **options: asked.append((formats, options)),
    )
    plots.use_style()
    assert asked == [(("svg",), {"metadata": {"Date": None}})]


def test_outside_a_kernel_there_is_none():
    assert not plots._in_kernel()


@pytest.mark.parametrize("wrong", ["rate", ("rate", ""), ("", "nats"), ("rate", "nats", "more")])
def test_label_wants_a_unit(wrong):
    _, ax = plt.subplots()
    with pytest.raises(ValueError, match="no unit"):
        plots.label(ax, x=wrong)


@pytest.mark.parametrize(("unit", "scale"), [("bits", bits(1.0)), ("nats", 1.0)])
def test_diagram_writes_every_atom(unit, scale):
    p = np.random.default_rng(0).dirichlet(np.ones(12)).reshape(2, 3, 2)
    texts = [text.get_text() for text in plots.information_diagram(p, "W X Y", unit=unit).texts]
    for atom, value in atoms(p, names="W X Y").items():
        assert texts[texts.index(atom) - 1] == plots.number(scale * value, 2)
    assert f"[{unit}]" in texts


def test_diagram_of_atoms_is_the_diagram_of_the_table():
    table, given = (
        plots.information_diagram(p, **names)
        for p, names in [(XOR, {"names": "A B C"}), (atoms(XOR, names="A B C"), {})]
    )
    assert [text.get_text() for text in table.texts] == [text.get_text() for text in given.texts]


def test_tensors_are_drawn():
    p = torch.tensor(XOR, dtype=torch.float32, requires_grad=True)
    drawn = [plots.information_diagram(q, names=["A", "B", "C"]) for q in (p, XOR)]
    drawn.append(plots.information_diagram(atoms(p, "A B C")))
    first, *others = [[text.get_text() for text in ax.texts] for ax in drawn]
    assert others == [first, first]


def test_only_negative_atoms_are_hatched():
    hatched = [patch for patch in plots.information_diagram(XOR).patches if patch.get_hatch()]
    assert len(hatched) == 1
    centre = plots.circles(3).regions[0, 1, 2].centre
    assert hatched[0].get_path().contains_point(centre)


@pytest.mark.parametrize("n", [2, 3])
def test_regions_are_what_their_circles_say(n):
    """Points on a grid lie in the region of exactly the circles that hold them."""
    layout = plots.circles(n)
    grid = np.random.default_rng(n).uniform([0, 0], [layout.width, layout.height], (2000, 2))
    holding = np.hypot(*(grid[:, None] - layout.centres).transpose(2, 0, 1)) < layout.radius
    for inside, region in layout.regions.items():
        expected = (holding == [i in inside for i in range(n)]).all(axis=1)
        found = mpl.path.Path(region.outline()).contains_points(grid)
        # The outline has corners where the circle is round: allow what lies within a unit of a circle.
        near = (abs(np.hypot(*(grid[:, None] - layout.centres).transpose(2, 0, 1)) - layout.radius) < 1).any(
            axis=1
        )
        assert (expected == found)[~near].all()
        assert expected.any()


@pytest.mark.parametrize("n", [2, 3])
def test_numbers_stay_clear_of_the_circles(n):
    layout = plots.circles(n)
    for region in layout.regions.values():
        assert (abs(np.hypot(*(region.centre - layout.centres).T) - layout.radius) > 25).all()


@pytest.mark.parametrize(
    ("p", "names", "message"),
    [
        (np.full((2, 2, 2, 2), 1 / 16), None, "two or three variables"),
        (XOR, "X Y", "3 different names"),
        (XOR, ["X", "Y"], "3 different names"),
        (XOR * 2, None, "p sums to 2"),
        ({"H(X)": 1.0}, None, "two or three variables; p has 1"),
        ({1: 1.0}, None, "two or three variables; p has 0"),
        ({"H(X)": 1.0, "H(Y)": 1.0}, None, r"expected H\(X\|Y\), H\(Y\|X\), I\(X;Y\)"),
        ({**atoms(XOR), "I(X;Y;Z)": float("nan")}, None, "nan.*expected finite numbers"),
        (XOR, "X Y Y", "3 different names"),
        (XOR, "X Y weather", "three characters"),
    ],
)
def test_diagram_refuses(p, names, message):
    with pytest.raises(ValueError, match=message):
        plots.information_diagram(p, names)


def test_diagram_refuses_an_unknown_unit():
    with pytest.raises(ValueError, match="bits"):
        plots.information_diagram(XOR, unit="hartley")


@pytest.mark.parametrize("module", ["plots", "explore"])
def test_without_matplotlib_the_extra_is_named(module):
    code = f"import sys; sys.modules['matplotlib'] = None; import ibcourse.{module}"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.stderr.endswith(f"ImportError: Figures need Matplotlib: {pip_install('plots')}\n")


@pytest.mark.parametrize(("value", "text"), [(-0.25, "−0.250"), (-1e-12, "0.000"), (1.0, "1.000")])
def test_numbers_have_a_true_minus_and_no_negative_zero(value, text):
    assert plots.number(value) == text
