"""What the explorables put on a page: data, words, a table, a picture."""

import base64
import html
import json

import numpy as np
import pytest
import torch
from selectolax.lexbor import LexborHTMLParser

from ibcourse import plots
from ibcourse.explore import SCRIPT, GibbsBars, InfoDiagram
from ibcourse.information import atoms, bits, cross_entropy, entropy, kl_divergence

NASTY = "a < b & \"c\" 'd' </ib-info-diagram><script> $1"
RANDOM = np.random.default_rng(1).dirichlet(np.ones(8)).reshape(2, 2, 2)
EXAMPLES = {
    "three": InfoDiagram({NASTY: RANDOM, "pair": (RANDOM, RANDOM[::-1])}),
    "two": InfoDiagram({"one": RANDOM[0] / RANDOM[0].sum()}, names="T Y", unit="nats"),
    "bars": GibbsBars([0.5, 0.3, 0.2], q=[0.2, 0.2, 0.6], labels=["<b>", "&", "$x$"]),
}
each = pytest.mark.parametrize("element", EXAMPLES.values(), ids=EXAMPLES.keys())


def as_number(text):
    return float(text.replace("−", "-"))


def parsed(element):
    return LexborHTMLParser(element.to_html()).css_first(element.tag)


def rows(element):
    return [[cell.text() for cell in row.css("th, td")] for row in parsed(element).css("tbody tr")]


@each
def test_data_survives_the_attribute(element):
    node = parsed(element)
    config = json.loads(node.attributes["data-config"])
    assert config == json.loads(json.dumps({"title": element.title, **element.data()}))
    assert node.attributes["data-lm-suppress-shortcuts"] == "true"
    assert not node.css("b, script"), "the words of an author became markup"


@each
def test_the_script_comes_with_a_notebook_and_not_with_the_book(element, monkeypatch):
    monkeypatch.setenv("IBCOURSE_BOOK", "1")
    book = element.to_html()
    monkeypatch.delenv("IBCOURSE_BOOK")
    script = SCRIPT.read_text(encoding="utf-8")
    assert "<script" not in book.replace(html.escape(NASTY), "")
    assert element.to_html() == f"{book}<script>{script}</script>"


def test_the_script_can_be_inlined():
    script = SCRIPT.read_text(encoding="utf-8")
    assert "</script" not in script
    assert "<!--" not in script


def test_the_script_has_the_colours_of_the_figures():
    script = SCRIPT.read_text(encoding="utf-8")
    for name, colour in zip(["blue", "brick", "green"], plots.COLOURS, strict=False):
        assert f"--{name}: {colour};" in script


@each
def test_mimebundle_has_html_picture_and_words(element):
    bundle = element._repr_mimebundle_()
    assert set(bundle) == {"text/html", "text/plain", "image/png"}
    assert base64.b64decode(bundle["image/png"], validate=True).startswith(b"\x89PNG")
    assert bundle["text/plain"] == f"{element.title}. {element.words()}"
    assert bundle["text/html"] == element._repr_html_()


@each
def test_making_the_picture_leaves_nothing_open(element):
    before = plots.plt.get_fignums()
    element._repr_mimebundle_()
    assert plots.plt.get_fignums() == before


def test_diagram_table_has_the_atoms_of_each_distribution():
    element = EXAMPLES["three"]
    heads = [cell.text() for cell in parsed(element).css("thead th")]
    assert heads == ["Atom", NASTY, "pair: start", "pair: end"]
    columns = [atoms(p) for p in (RANDOM, RANDOM, RANDOM[::-1])]
    assert len(rows(element)) == 7
    for atom, *cells in rows(element):
        assert [as_number(c) for c in cells] == pytest.approx([bits(v[atom]) for v in columns], abs=5.1e-4)


def test_gibbs_table_has_terms_that_sum_to_the_divergence():
    p, q = [0.5, 0.3, 0.2], [0.2, 0.2, 0.6]
    *symbols, total = rows(EXAMPLES["bars"])
    for (_, *cells), a, b in zip(symbols, p, q, strict=True):
        term = a * np.log2(a / b)
        assert [as_number(c) for c in cells] == pytest.approx([a, b, term, term + bits(b - a)], abs=5.1e-4)
    assert as_number(total[3]) == pytest.approx(bits(kl_divergence(p, q)), abs=5.1e-4)
    assert total[3] == total[4]
    caption = parsed(EXAMPLES["bars"]).css_first("caption").text()
    assert f"H(p) = {bits(entropy(p)):.3f}" in caption
    assert f"H(p‖q) = {bits(cross_entropy(p, q)):.3f} bits a symbol" in caption


def test_the_secret_goes_from_minus_one_bit_to_one():
    ((start, end),) = InfoDiagram.secret().cases.values()
    assert [bits(atoms(p)["I(X;Y;Z)"]) for p in (start, end)] == pytest.approx([-1, 1])


def test_elements_keep_their_own_copy():
    p = np.full(4, 0.25)
    element = GibbsBars(p)
    p[0] = 9
    assert element.p[0] == 0.25


@pytest.mark.parametrize("convert", [np.array, lambda p: torch.tensor(p, requires_grad=True)])
def test_narrow_types_and_tensors_are_drawn(convert):
    """The cells of a float32 table sum to one only within 1e-7."""
    p = np.array([0.01, 0.1, 0.3, 0.59], dtype=np.float32)
    assert abs(p.sum(dtype=np.float64) - 1) > 1e-9
    assert float(p[0]) < 0.01
    bars, diagram = GibbsBars(convert(p)), InfoDiagram({"a": convert(p.reshape(2, 2))})
    assert bars.table() == GibbsBars([0.01, 0.1, 0.3, 0.59]).table()
    assert diagram.table() == InfoDiagram({"a": [[0.01, 0.1], [0.3, 0.59]]}).table()
    assert bars._repr_mimebundle_()["image/png"]
    assert diagram._repr_mimebundle_()["image/png"]


@pytest.mark.parametrize(
    ("cases", "options", "message"),
    [
        ({}, {}, "at least one"),
        ({"a": RANDOM, "b": RANDOM[0] / RANDOM[0].sum()}, {}, "as many variables"),
        ({"a": (RANDOM, np.full((2, 2, 3), 1 / 12))}, {}, "same shape"),
        ({"a": (RANDOM, RANDOM, RANDOM)}, {}, "3 tables"),
        ({1: RANDOM}, {}, r"names \[1\]: expected at least one joint distribution by its name"),
        (RANDOM, {}, "ndarray.*expected at least one joint distribution by its name"),
        ({"a": 2 * RANDOM}, {}, r"^cases\['a'\] sums to 2"),
        ({"a": [[1.5, -0.5]]}, {}, "is -0.5; a probability cannot be negative"),
        ({"a": [[np.nan, 1.0]]}, {}, "expected a finite number"),
        ({"a": []}, {}, "an alphabet is empty"),
        ({"a": [[0.5], [0.25, 0.25]]}, {}, "rows of equal length"),
        ({"a": [["0.5", "0.5"]]}, {}, "holds text; expected real numbers"),
        ({"a": torch.ones(2, 2) * 1j}, {}, "holds torch.complex64; expected real numbers"),
        ({"a": [0.5, 0.5]}, {}, "two or three variables"),
        ({"a": RANDOM}, {"names": "X Y"}, "3 different names"),
        ({"a": RANDOM}, {"unit": "bytes"}, "bits"),
    ],
)
def test_diagram_refuses(cases, options, message):
    with pytest.raises(ValueError, match=message):
        InfoDiagram(cases, **options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"p": [0.5, 0.5]}, "three to six"),
        ({"p": np.full(7, 1 / 7)}, "three to six"),
        ({"p": [0.5, 0.5, 0.5]}, "p sums to 1.5"),
        ({"p": [0.5, 0.3, 0.2], "q": []}, "q has shape .* an alphabet is empty"),
        ({"p": ["0.5", "0.3", "0.2"]}, "p holds text; expected real numbers"),
        ({"p": [0.5, 0.3, 0.2], "labels": [1, 2, 3]}, "3 different words"),
        ({"p": [0.5, 0.5, 0.0]}, "at least 0.01"),
        ({"p": [0.5, 0.3, 0.2], "q": np.full(4, 0.25)}, "as many in both"),
        ({"p": [0.5, 0.3, 0.2], "labels": ["a", "b"]}, "3 different words"),
        ({"p": [0.5, 0.3, 0.2], "labels": ["a", "b", "a"]}, "3 different words"),
        ({"p": [0.5, 0.3, 0.2], "unit": "bytes"}, "bits"),
    ],
)
def test_gibbs_refuses(options, message):
    with pytest.raises(ValueError, match=message):
        GibbsBars(**options)
