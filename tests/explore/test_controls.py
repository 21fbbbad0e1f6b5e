"""Controls: ipywidgets in a lab, one figure at the defaults in the book."""

import sys

import ipywidgets
import matplotlib.pyplot as plt
import pytest

from ibcourse.explore import interact
from ibcourse.explore.controls import default

CONTROLS = [
    (0, 10),
    (1, 10),
    (-3, 4),
    (0.0, 1.0),
    (0, 1.0),
    (0, 10, 3),
    (0.0, 1.0, 0.3),
    [3, 1, 2],
    ["ring", "line"],
    [("one", 1), ("two", 2)],
    {"one": 1, "two": 2},
    True,
    3,
    2.5,
    "word",
]


@pytest.fixture
def shown(monkeypatch):
    """What is displayed."""
    seen = []
    monkeypatch.setattr("IPython.display.display", lambda value, **_: seen.append(value))
    return seen


@pytest.fixture
def book(monkeypatch):
    monkeypatch.setenv("IBCOURSE_BOOK", "1")


@pytest.fixture
def widgets(monkeypatch):
    """The widgets and the function that reach ipywidgets."""
    monkeypatch.delenv("IBCOURSE_BOOK", raising=False)
    seen = {}
    monkeypatch.setattr(ipywidgets, "interact", lambda f, **given: seen.update(given, f=f))
    return seen


@pytest.mark.parametrize("control", CONTROLS, ids=repr)
def test_default_is_that_of_ipywidgets(control):
    expected = ipywidgets.interactive.widget_from_abbrev(control).value
    assert default(control) == (pytest.approx(expected) if isinstance(expected, float) else expected)


@pytest.mark.usefixtures("book")
def test_book_calls_once_at_the_defaults_and_says_so(capsys):
    calls = []
    interact(lambda beta, n_clusters=7: calls.append((beta, n_clusters)), beta=(0.0, 4.0), n_clusters=(2, 9))
    assert calls == [(2.0, 7)]
    words = capsys.readouterr().out
    assert words == "Shown at beta = 2.0, n clusters = 7. In JupyterLab you move these yourself.\n"


@pytest.mark.usefixtures("book")
def test_book_shows_a_returned_figure_once(shown):
    def draw(n):
        figure, _ = plt.subplots()
        return figure

    before = plt.get_fignums()
    interact(draw, n=[3, 4])
    assert [type(value) for value in shown] == [plt.Figure]
    assert plt.get_fignums() == before, "an open figure would be shown a second time at the end of the cell"


@pytest.mark.usefixtures("book")
def test_book_needs_no_ipywidgets(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    interact(lambda n: None, n=3)
    assert capsys.readouterr().out.startswith("Shown at n = 3.")


def test_lab_without_ipywidgets_names_the_extra(monkeypatch):
    monkeypatch.delenv("IBCOURSE_BOOK", raising=False)
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    with pytest.raises(ImportError, match=r'pip install "ibcourse\[labs\]"'):
        interact(lambda n: None, n=3)


def test_lab_has_calm_sliders_with_whole_labels(widgets):
    interact(lambda number_of_clusters=4, other=1: None, number_of_clusters=(2, 9))
    assert set(widgets) == {"number_of_clusters", "f"}, "a control that nobody asked for"
    slider = widgets["number_of_clusters"]
    assert (slider.min, slider.max, slider.value) == (2, 9, 4)
    assert slider.description == "number of clusters"
    assert slider.style.description_width == "initial"
    assert slider.continuous_update is False


def test_lab_calls_the_function_with_the_values(monkeypatch):
    monkeypatch.delenv("IBCOURSE_BOOK", raising=False)
    calls = []
    monkeypatch.setattr("ipywidgets.widgets.interaction.display", lambda *_: None)
    interact(lambda n, word="a": calls.append((n, word)), n=(0, 10))
    assert calls == [(5, "a")]


@pytest.mark.parametrize("mode", ["1", "0"])
@pytest.mark.parametrize(
    ("control", "message"),
    [((1, 2, 3, 4), "no known kind"), ((1,), "no known kind"), (object(), "no known kind")],
)
def test_unknown_control(control, message, mode, monkeypatch):
    monkeypatch.setenv("IBCOURSE_BOOK", mode)
    with pytest.raises(TypeError, match=message):
        interact(lambda n: None, n=control)


@pytest.mark.parametrize("mode", ["1", "0"])
def test_misspelt_control(mode, monkeypatch):
    monkeypatch.setenv("IBCOURSE_BOOK", mode)
    with pytest.raises(TypeError, match="nn"):
        interact(lambda n: None, nn=3)
