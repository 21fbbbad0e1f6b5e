"""The language: what parses, what it means, what is equal, and where messages point."""

import contextlib
from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibcourse.information import (
    ExpressionError,
    Form,
    Relation,
    parse_expression,
    parse_premises,
    parse_relation,
)
from ibcourse.information.expressions import as_names, quantity, split_names

WORDS = "WXYZ"
SETS = st.frozensets(st.sampled_from(WORDS), min_size=1)
COEFFICIENTS = st.fractions(-3, 3, max_denominator=6)
FORMS = st.dictionaries(SETS, COEFFICIENTS, max_size=6).map(Form)


def joint(**coefficients):
    """A form from its coefficients: joint(X=1, XY=-2) is H(X) − 2 H(X,Y)."""
    return Form({frozenset(letters): Fraction(c) for letters, c in coefficients.items()})


def same(*texts):
    forms = [parse_expression(text) for text in texts]
    return all(form == forms[0] and hash(form) == hash(forms[0]) for form in forms)


# ------------------------------------------------------------------------------------------------- meaning


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("H(X)", joint(X=1)),
        ("H(X,Y)", joint(XY=1)),
        ("H(X|Y)", joint(XY=1, Y=-1)),
        ("H(X,Y|Z,W)", joint(WXYZ=1, WZ=-1)),
        ("I(X;Y)", joint(X=1, Y=1, XY=-1)),
        ("I(X;Y|Z)", joint(XZ=1, YZ=1, XYZ=-1, Z=-1)),
        ("I(X,Y;Z|W)", joint(WXY=1, WZ=1, WXYZ=-1, W=-1)),
        ("I(X;Y;Z)", joint(X=1, Y=1, Z=1, XY=-1, XZ=-1, YZ=-1, XYZ=1)),
        ("2 H(X,Y)", joint(XY=2)),
        ("0.5 I(X;Y)", joint(X=Fraction(1, 2), Y=Fraction(1, 2), XY=Fraction(-1, 2))),
        ("1/3 H(X)", joint(X=Fraction(1, 3))),
        ("0.1H(X)", joint(X=Fraction(1, 10))),
        (".5*H(X) + 1.e-2 H(Y) − 2·H(Z)", joint(X=Fraction(1, 2), Y=Fraction(1, 100), Z=-2)),
        ("-H(X) + -2 H(Y) - -H(Z)", joint(X=-1, Y=-2, Z=1)),
        ("2 (H(X) + H(Y)) - [H(Z) - H(X)]", joint(X=3, Y=2, Z=-1)),
        ("-(H(X) - 0)", joint(X=-1)),
        ("0", Form()),
        ("0 H(X) + 0 + H(Y) - H(Y)", Form()),
        ("H[X|Y] - H [ X ]", joint(XY=1, Y=-1, X=-1)),
        ("\tH( X ,Y )\n", joint(XY=1)),
        ("H(X,X)", joint(X=1)),
        ("I(X;X)", joint(X=1)),
        ("I(X;Y|X)", Form()),
        ("H(X|X,Y)", Form()),
        ("I(X,Y;Y)", joint(Y=1)),
    ],
)
def test_what_an_expression_means(text, form):
    assert parse_expression(text) == form


def test_words_are_variables():
    form = parse_expression("I(x_1; Ŷ, η | H, I2, θ̂)")
    assert form.variables == ("H", "I2", "x_1", "Ŷ", "η", "θ̂")
    assert Form().variables == ()


@pytest.mark.source("S3.Chain", "S3.CMI2", "S3.CMI3", "S3.CMI4", "S3.MI1", "S1.D.H2", "S1.D.I1", "S1.D.I2")
@pytest.mark.source("S1.Eq13", "S1.Eq14", "S1.Eq17", "S1.Eq18", "S1.Eq20", "S1.Eq21", "S1.Q5", "E1.1")
def test_identities_of_all_distributions():
    assert same("I(X;Y,Z)", "I(X;Z) + I(X;Y|Z)")
    assert same("I(X;Y|Z)", "H(X,Z) + H(Y,Z) - H(X,Y,Z) - H(Z)", "H(X|Z) - H(X|Y,Z)")
    assert same("I(X;Y|Z)", "H(X|Z) + H(Y|Z) - H(X,Y|Z)", "I(Y;X|Z)")
    assert same("I(X;Y)", "H(X) - H(X|Y)", "H(Y) - H(Y|X)", "H(X) + H(Y) - H(X,Y)")
    assert same("H(Z|Y) + H(Y)", "H(Y|Z) + H(Z)", "H(Y,Z)")
    assert same("H(Y|Z) + H(Z|Y)", "2 H(Y|Z) + H(Z) - H(Y)")
    assert same("H(X|Y)", "H(X|Y,Z) + I(X;Z|Y)")
    assert not same("H(X|Y)", "H(X|Y,Z) + I(X;Z)")


def test_interaction_information_of_any_order():
    """The recursion I(A;...;K|C) = I(A;...;J|C) − I(A;...;J|K,C), and symmetry."""
    assert same("I(X;Y;Z)", "I(X;Y) - I(X;Y|Z)", "I(Z;X;Y)", "I(Y;Z) - I(Y;Z|X)")
    assert same("I(W;X;Y;Z)", "I(W;X;Y) - I(W;X;Y|Z)", "I(Z;Y;X;W)")
    assert same("I(V;W;X;Y;Z|U)", "I(V;W;X;Y|U) - I(V;W;X;Y|Z,U)")
    assert same("I(A,B;C;D|E)", "I(A,B;C|E) - I(A,B;C|D,E)")


@pytest.mark.source("S1.D.Idiag")
@given(st.lists(SETS, min_size=1, max_size=4), st.frozensets(st.sampled_from(WORDS)))
def test_quantities_are_the_signed_measure(parts, given_):
    """If joint entropies count points of unions, a quantity counts those of an intersection less a set."""
    points = {
        frozenset(inside): i
        for i, inside in enumerate(s for k in range(1, 5) for s in combinations(WORDS, k))
    }
    region = {name: {i for inside, i in points.items() if name in inside} for name in WORDS}

    def union(names):
        return set().union(*(region[name] for name in names))

    form = quantity(parts, given_)
    expected = set.intersection(*(union(part) for part in parts)) - union(given_)
    assert sum(c * len(union(s)) for s, c in form.terms.items()) == len(expected)
    # The size of a union does not tell the points apart; weights of powers of two do.
    assert sum(c * sum(2**i for i in union(s)) for s, c in form.terms.items()) == sum(2**i for i in expected)


# -------------------------------------------------------------------------------------------------- algebra


@given(FORMS, FORMS, COEFFICIENTS)
def test_forms_are_a_vector_space(a, b, c):
    assert a + b == b + a
    assert a - b == a + -b
    assert c * (a + b) == c * a + b * c
    assert a - a == Form() == 0 * a
    assert not a - a
    assert bool(a) == any(a.terms.values())


@given(FORMS)
def test_text_parses_to_the_form_again(form):
    assert parse_expression(str(form)) == form
    assert repr(form) == f"<Form {form}>"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("H(X) - H(X|Y)", "I(X;Y)"),
        ("H(Z,X,Y) - H(Y)", "H(X,Z|Y)"),
        ("H(Y) - H(X,Y)", "-H(X|Y)"),
        ("0.5 H(Y,Z) + 0.5 H(X,Z) - 0.5 H(Z) - 0.5 H(X,Y,Z)", "1/2 I(X;Y|Z)"),
        ("-2 I(Y;X)", "-2 I(X;Y)"),
        ("H(X,Y)", "H(X,Y)"),
        ("I(X;Y) - I(X;Z)", "H(Y) - H(Z) - H(X,Y) + H(X,Z)"),
        ("H(X) - H(Y)", "H(X) - H(Y)"),
        ("-H(X) - H(Y)", "-H(X) - H(Y)"),
        ("H(X) + H(Y)", "H(X) + H(Y)"),
        ("H(X) + H(Y) - 2 H(X,Y)", "H(X) + H(Y) - 2 H(X,Y)"),
        ("H(X) + H(Y) - H(X,Y,Z)", "H(X) + H(Y) - H(X,Y,Z)"),
        ("H(X,Y) + H(X,Z) - H(X,Y,Z) + H(X)", "H(X) + H(X,Y) + H(X,Z) - H(X,Y,Z)"),
        ("H(X,Y) + H(X,Z) - H(X,Y,Z) - H(Y)", "-H(Y) + H(X,Y) + H(X,Z) - H(X,Y,Z)"),
        ("3 (I(X;Y) - I(Y;X))", "0"),
    ],
)
def test_text_names_a_single_quantity(text, shown):
    assert str(parse_expression(text)) == shown


def test_forms_never_change():
    form = parse_expression("H(X)")
    with pytest.raises(AttributeError):
        form.terms = {}
    with pytest.raises(TypeError):
        form.terms[frozenset("Y")] = Fraction(1)
    for operation in (lambda: form + 1, lambda: form - 1, lambda: 0.5 * form):
        with pytest.raises(TypeError):
            operation()


# -------------------------------------------------------------------------------------- relations, premises


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("I(X;Z) <= I(X;Y)", "<="),
        ("I(X;Z) ≤ I(X;Y)", "<="),
        ("I(X;Z)>=I(X;Y)", ">="),
        ("I(X;Z) = I(X;Y)", "="),
    ],
)
def test_relations(text, kind):
    relation = parse_relation(text)
    assert relation == Relation(parse_expression("I(X;Z) - I(X;Y)"), kind)
    assert str(relation) == text
    assert str(Relation(relation.form, kind)) == f"{relation.form} {kind} 0"
    assert parse_relation(str(Relation(relation.form, kind))) == relation


def test_chains():
    assert parse_premises("X -> Y -> Z") == (parse_relation("I(X;Z|Y) = 0"),)
    assert parse_premises(["W → X → Y -> Z"]) == (
        parse_relation("I(W;Y,Z|X) = 0"),
        parse_relation("I(W,X;Z|Y) = 0"),
    )
    chain = "(y,η) -> x -> z,t"
    assert parse_premises(chain) == (parse_relation("I(y,η;z,t|x) = 0"),)
    assert str(parse_premises(chain)[0]) == "I(y,η;t,z|x) = 0"


def test_premises():
    assert parse_premises([]) == ()
    mixed = parse_premises(("H(X|Y) = 0", "A -> B -> C -> D", "H(X) >= H(Y)"))
    assert [premise.kind for premise in mixed] == ["=", "=", "=", ">="]


# --------------------------------------------------------------------------------------------------- messages


@pytest.mark.parametrize(
    ("parse", "text", "position", "reason"),
    [
        (parse_expression, "I(X;Y", 5, r'expected ",", ";", "|" or ")"'),
        (parse_expression, "H(X|Y", 5, 'expected "," or ")"'),
        (parse_expression, "H(X]", 3, 'expected ",", ";", "|" or ")"'),
        (parse_expression, "H(X Y)", 4, 'expected ",", ";", "|" or ")"'),
        (parse_expression, "I(X)", 3, 'I needs two parts with ";" between them, as in I(X;Y)'),
        (parse_expression, "I(X,Y|Z)", 5, 'I needs two parts with ";" between them'),
        (parse_expression, "H(X;Y,Z)", 3, 'H takes no ";": did you mean I(X;Y,Z) or H(X,Y,Z)?'),
        (parse_expression, "H()", 2, "expected a variable"),
        (parse_expression, "I(X;)", 4, "expected a variable"),
        (parse_expression, "H(X|)", 4, "expected a variable"),
        (parse_expression, "H(,X)", 2, "expected a variable"),
        (parse_expression, "H(1)", 2, "expected a variable"),
        (parse_expression, "I(X;Y|Z|W)", 7, 'after "|" variables are joined by commas'),
        (parse_expression, "I(X;Y|Z;W)", 7, 'after "|" variables are joined by commas'),
        (parse_expression, "H(X) + log(2)", 7, 'unknown quantity "log": expected H(...) or I(...)'),
        (parse_expression, "X", 0, 'unknown quantity "X"'),
        (parse_expression, "H + I(X;Y)", 2, 'expected "(" after H'),
        (parse_expression, "H(X) + 1", 7, "only 0 stands alone"),
        (parse_expression, "2 3 H(X)", 0, "only 0 stands alone"),
        (parse_expression, "1/0 H(X)", 2, "expected a number other than 0"),
        (parse_expression, "1/ H(X)", 3, "expected a number other than 0"),
        (parse_expression, "0 *", 3, "expected H(...), I(...), a number or a bracket"),
        (parse_expression, "H(X) +", 6, "expected H(...), I(...), a number or a bracket"),
        (parse_expression, "", 0, "expected H(...), I(...), a number or a bracket"),
        (parse_expression, "2 (H(X) + H(Y)", 14, 'expected "+", "-" or ")"'),
        (parse_expression, "H(X) H(Y)", 5, 'unexpected "H": expected "+", "-" or the end'),
        (parse_expression, "H(X)/2", 4, 'unexpected "/"'),
        (parse_expression, "H(X) ^ 2", 5, 'unexpected "^"'),
        (parse_expression, "H(X) <= H(Y)", 5, 'an expression holds no "<="'),
        (parse_expression, "X -> Y -> Z", 0, "a chain is a premise of its own"),
        (parse_relation, "H(X)", 4, 'expected "+", "-", "=", "<=" or ">="'),
        (parse_relation, "H(X) < H(Y)", 5, 'unexpected "<": a strict inequality is not in the language'),
        (parse_relation, "H(X) == H(Y)", 6, "expected H(...), I(...), a number or a bracket"),
        (parse_relation, "= 0", 0, "expected H(...), I(...), a number or a bracket"),
        (parse_relation, "0 <= I(X;Y) <= H(X)", 12, "one relation at a time: write two"),
        (parse_relation, "H(X) = 0)", 8, 'unexpected ")"'),
        (parse_premises, "X -> Y", 6, "a chain of two says nothing"),
        (parse_premises, "X ->", 4, "expected a variable"),
        (parse_premises, "X -> Y -> X", 10, "X stands in the chain twice"),
        (parse_premises, "(X,Y -> Z -> W", 5, 'expected "," or ")"'),
        (parse_premises, "X -> Y Z -> W", 7, 'expected "->" or ","'),
        (parse_premises, "X <- Y -> Z", 2, 'unexpected "<"'),
        (parse_premises, ["H(X) = 0", "H(Y)"], 4, 'expected "+", "-", "=", "<=" or ">="'),
    ],
)
def test_errors_point_at_the_character(parse, text, position, reason):
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    error = caught.value
    assert error.position == position
    assert reason in error.reason
    assert isinstance(error, ValueError)
    first, line, caret = str(error).split("\n")
    assert first == error.reason
    assert line[4:] == error.text
    assert caret == " " * (4 + position) + "^"


def test_the_caret_stands_under_its_character_in_a_text_of_several_lines():
    with pytest.raises(ExpressionError, match=r"expected a variable\n    H\(X\) \+ H\(\)\n {13}\^"):
        parse_expression("H(X)\n+\tH()")


@pytest.mark.parametrize("text", ["1e9999999999 H(X)", "I(X;Y|Z" * 9, "((((", "H(X) \x00", "ℵ₀", "−"])
def test_nonsense_is_an_expression_error(text):
    with pytest.raises(ExpressionError):
        parse_expression(text)


@given(st.text("HIXY(;,|) 02.+-*/=<>[]→≤", max_size=12))
def test_any_text_parses_or_is_an_expression_error(text):
    for parse in (parse_expression, parse_relation, parse_premises):
        with contextlib.suppress(ExpressionError):
            parse(text)


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ("X Y X", '"X Y X" names X twice'),
        ("", "'' is not a word"),
        ("X 1Y", "'1Y' is not a word"),
        (["X", "Y Z"], "'Y Z' is not a word"),
        (["X", 2], "2 is not a word"),
    ],
)
def test_names(names, message):
    with pytest.raises(ValueError, match=message):
        as_names(names)


def test_names_are_words_with_spaces_or_commas():
    assert as_names(" X, Y_1 Ŷ ") == as_names(("X", "Y_1", "Ŷ")) == ("X", "Y_1", "Ŷ")
    with pytest.raises(ValueError, match=r'names is "X\|Y\|Z"; expected one bar'):
        split_names("X|Y|Z")


def test_too_many_parts_are_refused_before_they_are_counted_out() -> None:
    with pytest.raises(ExpressionError, match="26 parts: an information has at most 10"):
        parse_expression("I(" + ";".join("ABCDEFGHIJKLMNOPQRSTUVWXYZ") + ")")
