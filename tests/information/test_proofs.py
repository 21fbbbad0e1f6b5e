"""Proofs in lines: good ones, and bad ones with the reason that each line should hear."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibcourse.information.expressions import ExpressionError, parse_premises
from ibcourse.information.proofs import check_proof

CHAIN = ["X -> Y -> Z"]
DPI = "I(X;Z) <= I(X;Y)"
SPLIT = "I(X;Y,Z) = I(X;Y) + I(X;Z|Y)"
SUFFICIENT = ["Y -> X -> T", "I(T;Y) = I(X;Y)"]
A, B, C, D = "identity", "premise", "non-negativity", "combination"

GOOD = {
    "data processing": (DPI, CHAIN, [("I(X;Z|Y) = 0", B), ("I(X;Y|Z) >= 0", C), (DPI, D)]),
    "data processing, every step": (
        DPI,
        CHAIN,
        [
            ("I(X;Y,Z) = I(X;Z) + I(X;Y|Z)", A),
            ("I(X;Y,Z) = I(X;Y) + I(X;Z|Y)", A),
            ("X -> Y -> Z", B),
            ("I(X;Y,Z) = I(X;Y)", B),
            ("I(X;Z) + I(X;Y|Z) = I(X;Y)", B),
            ("I(X;Y|Z) >= 0", C),
            (DPI, D),
        ],
    ),
    "data processing, by entropies": (
        DPI,
        CHAIN,
        [
            ("H(X|Y,Z) <= H(X|Z)", C),
            ("H(X|Y,Z) = H(X|Y)", B),
            ("H(X|Y) <= H(X|Z)", D),
            ("I(X;Z) = H(X) - H(X|Z)", A),
            (DPI, D),
        ],
    ),
    "equality in data processing": (
        "I(X;Y|Z) = 0",
        [*CHAIN, "I(X;Y) = I(X;Z)"],
        [("I(X;Z|Y) = 0", B), ("I(X;Z) = I(X;Y)", B), ("I(X;Y|Z) = 0", D)],
    ),
    "chain rule of information": (
        SPLIT,
        [],
        [
            ("I(X;Y,Z) = H(X) - H(X|Y,Z)", A),
            ("I(X;Y) = H(X) - H(X|Y)", A),
            ("I(X;Z|Y) = H(X|Y) - H(X|Z,Y)", A),
            (SPLIT, D),
        ],
    ),
    "chain rule of entropy": (
        "H(X,Y,Z) = H(X) + H(Y|X) + H(Z|X,Y)",
        [],
        [
            ("H(X,Y,Z) = H(X,Y) + H(Z|X,Y)", A),
            ("H(X,Y) = H(X) + H(Y|X)", A),
            ("H(X,Y,Z) = H(X) + H(Y|X) + H(Z|X,Y)", D),
        ],
    ),
    "interaction is symmetric": (
        "I(X;Y) - I(X;Y|Z) = I(Y;Z) - I(Y;Z|X)",
        [],
        [
            ("I(Y;X,Z) = I(Y;X) + I(Y;Z|X)", A),
            ("I(Y;X,Z) = I(Y;Z) + I(Y;X|Z)", A),
            ("I(X;Y) - I(X;Y|Z) = I(Y;Z) - I(Y;Z|X)", D),
        ],
    ),
    "interaction of independent causes": (
        "I(X;Y;Z) <= 0",
        ["I(X;Y) = 0"],
        [("I(X;Y) = 0", B), ("I(X;Y|Z) >= 0", C), ("I(X;Y;Z) = I(X;Y) - I(X;Y|Z)", A), ("I(X;Y;Z) <= 0", D)],
    ),
    "sufficiency by information gives the chain": (
        "I(X;Y|T) = 0",
        SUFFICIENT,
        [
            ("I(Y;X,T) = I(Y;X) + I(Y;T|X)", A),
            ("I(Y;X,T) = I(Y;T) + I(Y;X|T)", A),
            ("I(Y;T|X) = 0", B),
            ("I(T;Y) = I(X;Y)", B),
            ("I(X;Y|T) = 0", D),
        ],
    ),
    "the chain gives sufficiency by information": (
        "I(T;Y) = I(X;Y)",
        ["Y -> X -> T", "Y -> T -> X"],
        [("I(Y;T|X) = 0", B), ("Y -> T -> X", B), ("I(T;Y) = I(X;Y)", D)],
    ),
    "an equation from two inequalities": (
        "I(X;Y) = 0",
        ["I(X;Y,Z) = 0"],
        [("I(X;Y) >= 0", C), ("I(X;Z|Y) >= 0", C), ("I(X;Y,Z) = 0", B), ("I(X;Y) = 0", D)],
    ),
    "part of a chain is given": (
        "I(W;Z|X) <= 0",
        ["W -> X -> Y -> Z"],
        [("I(W;Z|X) = 0", B), ("-I(W;Z|X) >= H(Z) - H(Z)", D), ("W -> Y -> Z", B), ("I(W;Z|X) <= 0", D)],
    ),
    "a premise turned round, scaled or halved": (
        "H(X) <= 4 H(Z)",
        ["H(X) <= 2 H(Y)", "H(Y) = 2 H(Z)"],
        [("2 H(Y) >= H(X)", B), ("1/2 H(Y) <= H(Z)", B), ("H(X) <= 4 H(Z)", D)],
    ),
    "weights that are fractions": (
        "H(X,Y,Z) <= 1/2 H(X,Y) + 1/2 H(Y,Z) + 0.5 H(Z,X)",
        [],
        [
            ("I(X;Z|Y) >= 0", C),
            ("I(Y;X,Z) >= 0", C),
            ("H(X,Y,Z) <= 1/2 H(X,Y) + 1/2 H(Y,Z) + 0.5 H(Z,X)", D),
        ],
    ),
    "conditioning lowers information in a chain": (
        "I(X;Y|Z) <= I(X;Y)",
        CHAIN,
        [("X->Y->Z", B), ("I(X;Z) >= 0", C), ("I(X;Y|Z) = I(X;Y) - I(X;Z)", B), ("I(X;Y|Z) <= I(X;Y)", D)],
    ),
    "a line that nobody needs, but right": (
        DPI,
        CHAIN,
        [("H(Y|X,Z) >= 0", C), ("I(X;Z|Y) = 0", B), ("I(X;Y|Z) >= 0", C), (DPI, D)],
    ),
    "the claim, once more": (DPI, CHAIN, [("I(X;Z|Y) = 0", B), ("I(X;Y|Z) >= 0", C), (DPI, D), (DPI, D)]),
    "a claim that says nothing": ("H(X,Y) = H(Y,X)", [], [("H(Y,X) = H(X,Y)", D)]),
}

NOT_READ, FALSE, OPEN = "unreadable", "false", "unsupported"
# The claim, the premises, the lines with the kinds of their verdicts, and words that the report holds.
BAD = {
    "the claim alone": (DPI, CHAIN, [(DPI, OPEN)], "may only be (d)"),
    "the claim twice": (DPI, CHAIN, [(DPI, OPEN), (DPI, OPEN)], "may only be (d)"),
    "the claim turned round": (DPI, CHAIN, [("I(X;Y) >= I(X;Z)", OPEN), (DPI, OPEN)], "may only be (d)"),
    "the claim scaled": (DPI, CHAIN, [("2 I(X;Z) <= 2 I(X;Y)", OPEN), (DPI, OPEN)], "lines 1, 2"),
    "an identity, claimed": (SPLIT, [], [(SPLIT, OPEN)], "may only be (d)"),
    "an identity, claimed twice": (SPLIT, [], [(SPLIT, OPEN), (SPLIT, OPEN)], "may only be (d)"),
    "an identity, rearranged": (
        SPLIT,
        [],
        [("I(X;Z|Y) + H(X) = I(X; Z,Y) - I(Y;X) + H(X)", OPEN), (SPLIT, OPEN)],
        "may only be (d)",
    ),
    "an identity from another one": (SPLIT, [], [("H(X,Y) = H(X) + H(Y|X)", A), (SPLIT, OPEN)], "add up"),
    "a non-negativity, claimed": ("I(X;Y) >= 0", [], [("I(X;Y) >= 0", OPEN)], "may only be (d)"),
    "a premise, claimed": ("I(X;Z|Y) = 0", CHAIN, [("I(X;Z|Y) = 0", OPEN)], "may only be (d)"),
    "a premise missing": (DPI, CHAIN, [("I(X;Y|Z) >= 0", C), (DPI, OPEN)], "add up"),
    "a non-negativity missing": (DPI, CHAIN, [("I(X;Z|Y) = 0", B), (DPI, OPEN)], "add up"),
    "a line below": (DPI, CHAIN, [("I(X;Z|Y) = 0", B), (DPI, OPEN), ("I(X;Y|Z) >= 0", C)], "line 2"),
    "the claim is not last": (
        DPI,
        CHAIN,
        [("I(X;Z|Y) = 0", B), ("I(X;Y|Z) >= 0", C), (DPI, D), ("H(X) >= 0", C)],
        "last line is not the claim",
    ),
    "no claim": (DPI, CHAIN, [("I(X;Z|Y) = 0", B), ("I(X;Y|Z) >= 0", C)], "last line is not the claim"),
    "another claim": (
        DPI,
        CHAIN,
        [("I(X;Z|Y) = 0", B), ("I(X;Y|Z) >= 0", C), ("I(X;Z) <= 2 I(X;Y)", OPEN)],
        "line 3",
    ),
    "the same in other words": (
        DPI,
        CHAIN,
        [("I(X;Z|Y) = 0", B), ("I(X;Y|Z) >= 0", C), ("H(X|Y) <= H(X|Z)", D)],
        "last line is not the claim",
    ),
    "an equation that only holds one way": (
        "I(X;Z) = I(X;Y)",
        CHAIN,
        [("I(X;Z|Y) = 0", B), ("I(X;Y|Z) >= 0", C), ("I(X;Z) = I(X;Y)", FALSE)],
        "The premises hold and the line does not",
    ),
    "conditioning lowers information, without the chain": (
        "I(X;Y|Z) <= I(X;Y)",
        [],
        [("H(X|Z) <= H(X)", C), ("H(X|Y,Z) >= H(X|Y)", FALSE), ("I(X;Y|Z) <= I(X;Y)", FALSE)],
        "The line is false.",
    ),
    "a false line that is not needed": (
        DPI,
        CHAIN,
        [("I(X;Z|Y) = 0", B), ("I(X;Y|Z) >= 0", C), ("H(X) = H(Y)", FALSE), (DPI, D)],
        "see line 3",
    ),
    "a false line that is used": (
        DPI,
        CHAIN,
        [("I(X;Z) = 0", FALSE), ("I(X;Y) >= 0", C), (DPI, OPEN)],
        "lines 1, 3",
    ),
    "a negative interaction": (
        "I(X;Y|Z) <= I(X;Y)",
        [],
        [("I(X;Y;Z) >= 0", FALSE), ("I(X;Y|Z) <= I(X;Y)", FALSE)],
        "1/3",
    ),
    "a step that is too large": (
        DPI,
        CHAIN,
        [("I(X;Z) <= I(X;Y) + H(Y|X,Z)", OPEN), (DPI, OPEN)],
        "no identity, no premise, no non-negativity",
    ),
    "two non-negativities at once": (
        "H(X) + I(Y;Z) >= 0",
        [],
        [("H(X) + I(Z;Y) + H(Y) >= 0", OPEN), ("H(X) + I(Y;Z) >= 0", OPEN)],
        "no non-negativity of one quantity",
    ),
    "a line subtracted": (
        "H(X) >= I(X;Y) + H(Y)",
        [],
        [("H(X) >= I(X;Y)", C), ("H(Y) >= 0", C), ("H(X) >= I(X;Y) + H(Y)", FALSE)],
        "line 3",
    ),
    "a caret for what does not parse": (
        DPI,
        CHAIN,
        [("I(X;Z|Y) = 0", B), ("I(X;Y|Z > 0", NOT_READ), (DPI, OPEN)],
        "^",
    ),
    "an expression is no line": (DPI, CHAIN, [("I(X;Y|Z)", NOT_READ), (DPI, OPEN)], "expected"),
    "words": (DPI, CHAIN, [("by the chain rule", NOT_READ), (DPI, OPEN)], "^"),
    "a number": (DPI, CHAIN, [(0, NOT_READ), (DPI, OPEN)], "not int"),
    "nothing": (DPI, CHAIN, [(None, NOT_READ), (DPI, OPEN)], "not NoneType"),
    "another variable": (DPI, CHAIN, [("I(X;W|Z) >= 0", NOT_READ), (DPI, OPEN)], "W: neither the claim"),
    "a long line": (
        DPI,
        CHAIN,
        [("+".join(["H(X)"] * 999) + " >= 0", NOT_READ), (DPI, OPEN)],
        "this has ",
    ),
    "an endless line of brackets": (DPI, CHAIN, [("(" * 290, NOT_READ), (DPI, OPEN)], "expected"),
    "an endless information": (
        DPI,
        CHAIN,
        [(f"I({';'.join('X' * 99)}) >= 0", NOT_READ), (DPI, OPEN)],
        "8 parts",
    ),
    "a huge number": (
        DPI,
        CHAIN,
        [("1e999 H(X) >= H(Y)", OPEN), ("H(X) >= 1e-999 H(Y)", OPEN), (DPI, OPEN)],
        "not known",
    ),
    "a chain that is not given": (DPI, CHAIN, [("X -> Z -> Y", FALSE), (DPI, OPEN)], "1/2"),
    "not in the chain": (
        "I(W;Z) <= I(X;Y)",
        ["W -> X -> Y -> Z"],
        [("I(Y;Z|X) = 0", FALSE), ("I(W;Z) <= I(X;Y)", OPEN)],
        "lines 1, 2",
    ),
    "the chain, reordered": (DPI, ["X -> Y -> Z"], [("Y -> X -> Z", FALSE), (DPI, OPEN)], "line does not"),
    "a premise that is too strong": (
        "H(X) <= H(Y)",
        ["H(X) <= 2 H(Y)"],
        [("H(X) <= H(Y)", FALSE)],
        "The premises hold",
    ),
    "a premise, the wrong way": (
        "H(Y) <= 3 H(X)",
        ["H(X) <= 2 H(Y)"],
        [("2 H(Y) <= H(X)", FALSE), ("H(Y) <= 3 H(X)", FALSE)],
        "hold",
    ),
    "an equation for an inequality": (
        "H(X) <= 3 H(Y)",
        ["H(X) <= 2 H(Y)"],
        [("H(X) = 2 H(Y)", FALSE), ("H(X) <= 3 H(Y)", OPEN)],
        "lines 1, 2",
    ),
    "a strict inequality": (DPI, CHAIN, [("I(X;Z) < I(X;Y)", NOT_READ), (DPI, OPEN)], "strict"),
    "not known": (
        "I(A;B) <= 2 I(A;B|C) + I(A;C|B) + I(B;C|A) + I(A;B|D) + I(C;D)",
        [],
        [("I(A;B) <= 2 I(A;B|C) + I(A;C|B) + I(B;C|A) + I(A;B|D) + I(C;D)", OPEN)],
        "not known",
    ),
}


def cases(proofs):
    return [pytest.param(*proof, id=name) for name, proof in proofs.items()]


def kinds(report):
    return [verdict.kind for verdict in report.verdicts]


@pytest.mark.parametrize(("claim", "premises", "lines"), cases(GOOD))
def test_a_good_proof_is_accepted(claim, premises, lines):
    report = check_proof(claim, [text for text, _ in lines], premises)
    assert kinds(report) == [kind for _, kind in lines], report
    assert report.accepted
    assert all(verdict.accepted for verdict in report.verdicts)
    assert report.message == "The proof is accepted."


@pytest.mark.parametrize(("claim", "premises", "lines", "words"), cases(BAD))
def test_a_bad_proof_hears_why(claim, premises, lines, words):
    report = check_proof(claim, [text for text, _ in lines], premises)
    assert kinds(report) == [kind for _, kind in lines], report
    assert not report.accepted
    assert words in str(report)
    for verdict in report.verdicts:
        assert (verdict.counterexample is not None) == (verdict.kind == FALSE)


@pytest.mark.parametrize(
    "name",
    [
        "data processing",
        "equality in data processing",
        "chain rule of information",
        "chain rule of entropy",
        "an equation from two inequalities",
        "a premise turned round, scaled or halved",
    ],
)
def test_a_proof_without_detours_falls_with_each_of_its_lines(name):
    claim, premises, lines = GOOD[name]
    for i in range(len(lines)):
        rest = [text for j, (text, _) in enumerate(lines) if j != i]
        assert not check_proof(claim, rest, premises).accepted


def test_every_false_line_comes_with_a_distribution_that_breaks_it():
    for claim, premises, lines, _ in BAD.values():
        for verdict in check_proof(claim, [text for text, _ in lines], premises).verdicts:
            if verdict.kind != FALSE:
                continue
            found = verdict.counterexample
            relations = parse_premises(verdict.line)
            value = {"=": lambda v: v == 0, "<=": lambda v: v <= 0, ">=": lambda v: v >= 0}
            assert not all(value[line.kind](found.value(line.form)) for line in relations)
            for premise in parse_premises(premises):
                assert value[premise.kind](found.value(premise.form))
            assert str(found) in verdict.message


def test_an_empty_proof_is_none():
    for nothing in ([], "", " \n\n"):
        report = check_proof(DPI, nothing, CHAIN)
        assert not report.accepted
        assert report.verdicts == ()
        assert "no lines" in str(report)


def test_a_text_holds_one_line_of_the_proof_in_each_of_its_lines():
    text = f"""
        I(X;Z|Y) = 0
        I(X;Y|Z) >= 0

        {DPI}
    """
    assert check_proof(DPI, text, CHAIN) == check_proof(DPI, ["I(X;Z|Y) = 0", "I(X;Y|Z) >= 0", DPI], CHAIN)


def test_the_combination_is_shown():
    report = check_proof(DPI, ["I(X;Z|Y) = 0", "2 I(X;Y|Z) >= 0", DPI], CHAIN)
    assert report.verdicts[-1].message.endswith("- line 1 + 1/2 line 2")


def test_both_directions_are_shown():
    claim, premises, lines = GOOD["an equation from two inequalities"]
    message = check_proof(claim, [text for text, _ in lines], premises).verdicts[-1].message
    assert message.endswith("line 1, and the other way round line 2 - line 3")


def test_a_report_prints_its_lines():
    lines = str(check_proof(DPI, ["I(X;Z|Y) = 0", "I(X;Z) = 0", DPI], CHAIN)).splitlines()
    assert lines[0] == "The proof is not accepted: see lines 2, 3."
    assert lines[1:3] == ["  1. I(X;Z|Y) = 0", "        (b) a premise: X -> Y -> Z"]
    assert lines[4].startswith("        NO: The premises hold and the line does not.")


@pytest.mark.parametrize(("claim", "given"), [("I(X;", []), (DPI, ["X -> "]), ("I(X;Y)", [])])
def test_the_claim_and_the_premises_must_parse(claim, given):
    with pytest.raises(ExpressionError):
        check_proof(claim, [claim], given)


def test_premises_are_checked():
    with pytest.raises(ValueError, match="contradict each other unless X is constant"):
        check_proof("I(X;Y) >= 0", [], ["H(X) <= -I(X;Y)"])


TEXT = st.text("HIXYZ()|;,=<>+-0123456789 ", max_size=25)


@given(st.lists(TEXT, max_size=4))
def test_no_text_raises_or_proves(lines):
    assert not check_proof("I(X;Y) + I(X;Z) <= 2 H(X)", lines).accepted
