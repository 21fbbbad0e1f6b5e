"""The prover: true claims with exact sums, false ones with distributions evaluated here, and unknown ones."""

import itertools
import math
import operator
import random
from collections import Counter
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import assume, given, reject
from hypothesis import strategies as st

from ibcourse.information.counterexamples import Counterexample, find_counterexample
from ibcourse.information.expressions import (
    ExpressionError,
    Form,
    parse_expression,
    parse_premises,
    parse_relation,
    quantity,
)
from ibcourse.information.proofs import check_proof
from ibcourse.information.prover import Proof, prove
from ibcourse.information.shannon import (
    combination,
    constants,
    elementals,
    measures,
    polymatroid,
    to_form,
    to_vector,
)

CHAIN = "X -> Y -> Z"
LONG = "W -> X -> Y -> Z"
BOTTLENECK = "Y -> X -> T"
ZHANG_YEUNG = "2 I(C;D) <= I(A;B) + I(A;C,D) + 3 I(C;D|A) + I(C;D|B)"
COPY = ["H(R) = H(A)", "H(R,C) = H(A,C)", "H(R,D) = H(A,D)", "H(R,C,D) = H(A,C,D)", "I(R;A,B|C,D) = 0"]
NUISANCE = "I(z;η) <= I(z;x) - I(x;y)"
PAIRWISE = ["I(y;η) = 0", "η -> x -> z", "y -> x -> z", "I(z;y) = I(x;y)"]
POSTERIOR = ["H(w|x) = 0", "H(w|z) = 0", "I(y;x,z|w) = 0"]

TRUE = {
    "entropy is not negative": ("H(X) >= 0", []),
    "conditional entropy is not negative": ("H(X|Y) >= 0", []),
    "information is not negative": ("I(X;Y) >= 0", []),
    "conditional information is not negative": ("I(X;Y|Z) >= 0", []),
    "conditioning lowers entropy": ("H(X|Y) <= H(X)", []),
    "more conditioning lowers it more": ("H(X|Y,Z) <= H(X|Y)", []),
    "subadditivity": ("H(X,Y) <= H(X) + H(Y)", []),
    "subadditivity of four": ("H(W,X,Y,Z) <= H(W) + H(X) + H(Y) + H(Z)", []),
    "monotonicity": ("H(X) <= H(X,Y)", []),
    "submodularity": ("H(X,Y,Z) + H(Y) <= H(X,Y) + H(Y,Z)", []),
    "chain rule of entropy": ("H(X,Y) = H(X) + H(Y|X)", []),
    "chain rule of entropy, three": ("H(X,Y,Z) = H(X) + H(Y|X) + H(Z|X,Y)", []),
    "chain rule of information": ("I(X;Y,Z) = I(X;Y) + I(X;Z|Y)", []),
    "information by entropies": ("I(X;Y) = H(X) + H(Y) - H(X,Y)", []),
    "information of a variable with itself": ("I(X;X) = H(X)", []),
    "information is at most entropy": ("I(X;Y) <= H(X)", []),
    "interaction is symmetric": ("I(X;Y) - I(X;Y|Z) = I(Y;Z) - I(Y;Z|X)", []),
    "interaction, its name": ("I(X;Y;Z) = I(X;Y) - I(X;Y|Z)", []),
    "interaction is at most information": ("I(X;Y;Z) <= I(X;Y)", []),
    "interaction is at least minus information": ("I(X;Y;Z) >= -I(X;Y|Z)", []),
    "entropy distance is a distance": ("H(X|Z) + H(Z|X) <= H(X|Y) + H(Y|X) + H(Y|Z) + H(Z|Y)", []),
    "one half of it": ("H(X|Z) <= H(X|Y) + H(Y|Z)", []),
    "Han, three": ("2 H(X,Y,Z) <= H(X,Y) + H(Y,Z) + H(Z,X)", []),
    "Han, four": ("3 H(A,B,C,D) <= H(A,B,C) + H(A,B,D) + H(A,C,D) + H(B,C,D)", []),
    "Han's mean of conditional entropies": (
        "H(A|B,C) + H(B|A,C) + H(C|A,B) <= H(A,B,C)",
        [],
    ),
    "Shearer": (
        "2 H(A,B,C,D) <= H(A,B) + H(B,C) + H(C,D) + H(D,A)",
        [],
    ),
    "Six variables, windows of three": (
        "3 H(A,B,C,D,E,F) <= H(A,B,C) + H(B,C,D) + H(C,D,E) + H(D,E,F) + H(E,F,A) + H(F,A,B)",
        [],
    ),
    "Bonferroni": ("H(X,Y,Z) >= H(X) + H(Y) + H(Z) - I(X;Y) - I(Y;Z) - I(X;Z)", ["I(X;Y;Z) >= 0"]),
    "Data processing": ("I(X;Z) <= I(X;Y)", [CHAIN]),
    "Data processing, the other end": ("I(X;Z) <= I(Y;Z)", [CHAIN]),
    "Data processing, conditionally": ("I(X;Y|Z) <= I(X;Y)", [CHAIN]),
    "Data processing in entropies": ("H(X|Z) >= H(X|Y)", [CHAIN]),
    "A chain runs backwards": ("I(Z;X|Y) = 0", ["Z -> Y -> X"]),
    "A function of data": ("I(X;Z) <= I(X;Y)", ["H(Z|Y) = 0"]),
    "A function has less entropy": ("H(Z) <= H(Y)", ["H(Z|Y) = 0"]),
    "Functions compose": ("H(Z|X) = 0", ["H(Y|X) = 0", "H(Z|Y) = 0"]),
    "Four in a chain": ("I(W;Z) <= I(X;Y)", [LONG]),
    "Part of a chain": ("I(W;Z|X) = 0", [LONG]),
    "Four in a chain, both ends": ("I(X;Z) + I(W;Y) <= I(X;Y) + I(W;Z)", [LONG]),
    "A chain of six": ("I(A;F) <= I(C;D)", ["A -> B -> C -> D -> E -> F"]),
    "A chain of eight": ("I(A;H) <= I(C;F)", ["A -> B -> C -> D -> E -> F -> G -> H"]),
    "Equality in data processing": ("I(X;Y|Z) = 0", [CHAIN, "I(X;Y) = I(X;Z)"]),
    "Equality, the way back": ("I(X;Y) = I(X;Z)", [CHAIN, "I(X;Y|Z) = 0"]),
    "Independence, decomposition": ("I(X;Y) = 0", ["I(X;Y,Z) = 0"]),
    "Independence, weak union": ("I(X;Y|Z) = 0", ["I(X;Y,Z) = 0"]),
    "Independence, contraction": ("I(X;Y,Z) = 0", ["I(X;Y) = 0", "I(X;Z|Y) = 0"]),
    "Independence adds entropies": ("H(X,Y) = H(X) + H(Y)", ["I(X;Y) = 0"]),
    "Conditioning raises it for independent causes": ("I(X;Y) <= I(X;Y|Z)", ["I(X;Y) = 0"]),
    "Independent inputs": ("I(X;Z) + I(Y;Z) <= I(X,Y;Z)", ["I(X;Y) = 0"]),
    "Memoryless channel": (
        "I(A,B;C,D) <= I(A;C) + I(B;D)",
        ["I(B,D;C|A) = 0", "I(A,C;D|B) = 0"],
    ),
    "One-time pad needs a key": ("H(K) >= H(M)", ["I(M;C) = 0", "H(M|C,K) = 0"]),
    "Two shares of a secret": ("H(S) <= H(A)", ["I(S;B) = 0", "H(S|A,B) = 0"]),
    "Double Markov": ("I(X;Y) = 0", ["I(X;Y|Z) = 0", "I(X;Z) = 0"]),
    "A constant": ("H(X) = 0", ["I(X;Y) = 0", "H(X|Y) = 0"]),
    "Fano's root": ("H(X|Z) <= H(E) + H(X|E,Z)", ["H(E|X,Z) = 0"]),
    "Bottleneck: at most I(X;Y)": ("I(T;Y) <= I(X;Y)", [BOTTLENECK]),
    "Bottleneck: at most the rate": ("I(T;Y) <= I(X;T)", [BOTTLENECK]),
    "Bottleneck: what is lost": ("I(X;Y|T) = I(X;Y) - I(T;Y)", [BOTTLENECK]),
    "Bottleneck: what is carried in vain": ("I(X;T|Y) = I(X;T) - I(T;Y)", [BOTTLENECK]),
    "Bottleneck: decoder uncertainty": ("H(Y|T) = H(Y|X) + I(X;Y|T)", [BOTTLENECK]),
    "Deterministic encoder": ("I(X;T) = H(T)", ["H(T|X) = 0"]),
    "Sufficiency as a chain": ("I(X;Y|T) = 0", [BOTTLENECK, "I(T;Y) = I(X;Y)"]),
    "Sufficiency as an information": ("I(T;Y) = I(X;Y)", ["H(T|X) = 0", "Y -> T -> X"]),
    "A minimal sufficient statistic has the least rate": (
        "I(X;M) <= I(X;S)",
        [
            "H(M|S) = 0",
            "H(S|X) = 0",
        ],
    ),
    "Sufficient, and invariant to a nuisance": (
        "I(z;η) <= I(z;x) - I(x;y)",
        ["I(y;η) = 0", "y,η -> x -> z", "I(z;y) = I(x;y)"],
    ),
    "The same with the posterior": (NUISANCE, [*PAIRWISE, *POSTERIOR]),
    "Zhang-Yeung with a copy": (ZHANG_YEUNG, COPY),
    "Ingleton if A and B share a function": (
        "I(A;B) <= I(A;B|C) + I(A;B|D) + I(C;D)",
        ["H(W|A) = 0", "H(W|B) = 0", "I(A;B|W) = 0"],
    ),
    "Inequalities as premises": ("H(X) <= 3 H(Z)", ["H(X) <= H(Y)", "H(Y) <= 3 H(Z)"]),
    "Fractions": ("1/2 H(X) + 0.5 H(Y) <= H(X,Y)", []),
}

FALSE = {
    "Conditioning lowers information": ("I(X;Y|Z) <= I(X;Y)", []),
    "Conditioning raises information": ("I(X;Y|Z) >= I(X;Y)", []),
    "Interaction is not negative": ("I(X;Y;Z) >= 0", []),
    "Interaction is not positive": ("I(X;Y;Z) <= 0", []),
    "Pairwise independent is independent": ("I(X;Y,Z) = 0", ["I(X;Y) = 0", "I(X;Z) = 0"]),
    "Pairwise independent, all three": (
        "H(X,Y,Z) = H(X) + H(Y) + H(Z)",
        ["I(X;Y) = 0", "I(X;Z) = 0", "I(Y;Z) = 0"],
    ),
    "Conditional entropy is symmetric": ("H(X|Y) = H(Y|X)", []),
    "Entropy adds up": ("H(X,Y) = H(X) + H(Y)", []),
    "Entropy never adds up": ("H(X,Y) <= H(X)", []),
    "All entropies are equal": ("H(X) = H(Y)", []),
    "Information is transitive": ("I(X;Z) >= I(X;Y) + I(Y;Z)", []),
    "Information is superadditive": ("I(X;Z) + I(Y;Z) <= I(X,Y;Z)", []),
    "Information is subadditive": ("I(X,Y;Z) <= I(X;Z) + I(Y;Z)", []),
    "Dependence is transitive": ("I(X;Y) + I(Y;Z) <= H(Y)", []),
    "Data processing, reversed": ("I(X;Z) >= I(X;Y)", [CHAIN]),
    "A chain makes the ends independent": ("I(X;Z) = 0", [CHAIN]),
    "A chain in another order": ("I(X;Y|Z) = 0", [CHAIN]),
    "Data processing without the chain": ("I(X;Z) <= I(X;Y)", []),
    "Data processing loses nothing": ("I(X;Z) = I(X;Y)", [CHAIN]),
    "Pairwise chains join": ("I(W,X;Z|Y) = 0", ["W -> Y -> Z", CHAIN]),
    "A long chain, the wrong inequality": ("I(W;Z) >= I(X;Y)", [LONG]),
    "A chain of six, the wrong order": ("I(C;D) <= I(A;F)", ["A -> B -> C -> D -> E -> F"]),
    "A chain of eight, ends independent": ("I(A;H) = 0", ["A -> B -> C -> D -> E -> F -> G -> H"]),
    "A function has as much entropy": ("H(Z) = H(Y)", ["H(Z|Y) = 0"]),
    "A function can be inverted": ("H(Y|Z) = 0", ["H(Z|Y) = 0"]),
    "A short key suffices": ("H(K) <= 1/2 H(M)", ["I(M;C) = 0", "H(M|C,K) = 0"]),
    "Each share tells something": ("H(S) <= I(S;A) + I(S;B)", ["H(S|A,B) = 0"]),
    "Intersection": ("I(X;Y,Z) = 0", ["I(X;Y|Z) = 0", "I(X;Z|Y) = 0"]),
    "Composition": ("I(X;Y,Z) <= I(X;Y) + I(X;Z)", []),
    "Han, too strong": ("3 H(X,Y,Z) <= H(X,Y) + H(Y,Z) + H(Z,X)", []),
    "Ingleton": ("I(A;B) <= I(A;B|C) + I(A;B|D) + I(C;D)", []),
    "Ingleton, ten times weaker": ("I(A;B) <= 10 I(A;B|C) + 10 I(A;B|D) + 10 I(C;D)", []),
    "Any two of four determine the rest": (
        "H(A,B) <= H(A)",
        ["H(C|A,B) = 0", "H(D|A,B) = 0", "H(A|C,D) = 0", "H(B|C,D) = 0", "H(B,D|A,C) = 0", "I(A;B) = I(C;D)"],
    ),
    "Four in general position": (
        "H(A,B) <= 1.9 H(A)",
        ["H(C,D|A,B) = 0", "H(B,D|A,C) = 0", "H(B,C|A,D) = 0", "H(A,D|B,C) = 0", "H(A,C|B,D) = 0"],
    ),
    "Bottleneck: the rate is what is predicted": ("I(X;T) = I(T;Y)", [BOTTLENECK]),
    "Bottleneck: all is predicted": ("I(T;Y) = I(X;Y)", [BOTTLENECK]),
    "Bottleneck: no more than half is lost": ("I(X;Y|T) <= 1/2 I(X;Y)", [BOTTLENECK]),
    "The rate of a noisy encoder is its entropy": ("I(X;T) = H(T)", [BOTTLENECK]),
    "Sufficient is minimal": ("I(X;T) = I(X;Y)", ["H(T|X) = 0", "I(T;Y) = I(X;Y)"]),
    "Equal entropies, equal variables": ("H(X|Y) = 0", ["H(X) = H(Y)"]),
    "Nuisance without the second chain": (NUISANCE, [PAIRWISE[0], PAIRWISE[1], PAIRWISE[3]]),
    "Nuisance for every nuisance": (
        "I(z;η) = I(z;x) - I(x;y)",
        ["I(y;η) = 0", "y,η -> x -> z", "I(z;y) = I(x;y)"],
    ),
    "An inequality as premise": ("H(X) <= H(Y)", ["H(X) >= 2 H(Y)"]),
    "Several copies are needed": (
        "H(X) + H(Y) <= 3 H(Z)",
        ["H(X) = 3 H(Y)", "3 H(Z) = H(X) + H(Y) - I(X;Z)"],
    ),
    "An unconnected premise": ("H(X) <= I(X;Y)", ["H(V|U) = 0"]),
}

UNKNOWN = {
    "Zhang-Yeung": (ZHANG_YEUNG, []),
    "Nuisance from the pairwise chains": (NUISANCE, PAIRWISE),
    "Zhang-Yeung in another form": (
        "I(A;B) <= 2 I(A;B|C) + I(A;C|B) + I(B;C|A) + I(A;B|D) + I(C;D)",
        [],
    ),
}


def table(claims):
    return [pytest.param(claim, premises, id=name) for name, (claim, premises) in claims.items()]


def entropies(found: Counterexample):
    """Joint entropies by brute force, from the probabilities alone."""

    def entropy(names):
        kept = [i for i, name in enumerate(found.variables) if name in names]
        marginal = Counter()
        for outcome, probability in found.probabilities.items():
            marginal[tuple(outcome[i] for i in kept)] += probability
        return -sum(float(p) * math.log(p) for p in marginal.values())

    return lambda form: sum(float(c) * entropy(names) for names, c in form.terms.items())


def holds(relation, value):
    return {"=": abs(value) < 1e-12, "<=": value < 1e-12, ">=": value > -1e-12}[relation.kind]


def assert_breaks(found, claim, premises):
    assert sum(found.probabilities.values()) == 1
    assert min(found.probabilities.values()) > 0
    value = entropies(found)
    for premise in parse_premises(premises):
        assert holds(premise, value(premise.form)), premise
    relation = parse_relation(claim)
    broken = value(relation.form)
    assert not holds(relation, broken)
    assert abs(broken) > 1e-6


def assert_adds_up(proof: Proof):
    """The sums are exact, use only true lines, and give both directions of an equation."""
    relation = proof.claim
    sign = -1 if relation.kind == "<=" else 1
    wanted = [sign * relation.form, -relation.form]
    assert len(proof.sums) in ((1, 2) if relation.kind == "=" else (1,))
    given = {line for text in proof.given for line in parse_premises(text)}
    for terms, form in zip(proof.sums, wanted, strict=False):
        added = Form()
        for weight, line, premise in terms:
            assert isinstance(weight, Fraction)
            added += weight * (-line.form if line.kind == "<=" else line.form)
            if premise:
                assert line in given
            else:
                measure = line.form.as_quantity()
                assert line.kind == ">="
                assert measure.coefficient > 0
            assert weight > 0 or line.kind == "="
            assert line.kind == "=" or relation.kind != "=" or len(proof.sums) == 2
        assert added == form


def test_there_are_enough_claims():
    assert len(TRUE) >= 60
    assert len(FALSE) >= 40


@pytest.mark.parametrize(("claim", "premises"), table(TRUE))
def test_a_true_claim_is_proven_by_an_exact_sum(claim, premises):
    proof = prove(claim, premises)
    assert proof.holds is True
    assert_adds_up(proof)


@pytest.mark.parametrize(("claim", "premises"), table(TRUE))
def test_the_lines_of_a_proof_are_accepted(claim, premises):
    proof = prove(claim, premises)
    report = check_proof(claim, proof.lines, premises)
    # These are one line themselves, or identities, and have no proof of other lines that `prove` would show.
    bare = {"H(X) >= 0", "H(X|Y) >= 0", "I(X;Y) >= 0", "I(X;Y|Z) >= 0", "I(Z;X|Y) = 0"}
    assert report.accepted == (bool(proof.claim.form) and claim not in bare), report


@pytest.mark.parametrize(("claim", "premises"), table(FALSE))
def test_a_false_claim_is_refuted_by_a_distribution(claim, premises):
    proof = prove(claim, premises)
    assert proof.holds is False
    assert_breaks(proof.counterexample, claim, premises)
    assert len(proof.counterexample.probabilities) <= 32
    assert max(p.denominator for p in proof.counterexample.probabilities.values()) <= 32


@pytest.mark.parametrize(("claim", "premises"), table(UNKNOWN))
def test_a_true_claim_that_is_not_shannons_is_unknown(claim, premises):
    proof = prove(claim, premises)
    assert proof.holds is None
    assert proof.counterexample is None
    assert proof.sums == ()

    def value(form):
        return sum(c * proof.polymatroid[names] for names, c in form.terms.items())

    assert value(proof.claim.form) > 0
    assert all(value(premise.form) == 0 for premise in parse_premises(premises))
    names = proof.claim.form.variables
    assert all(value(to_form(measure.vector, names)) >= 0 for measure in measures(len(names)))
    assert "Unknown" in str(proof)
    assert f"H({','.join(names)})=" in str(proof)


@pytest.mark.source("E3.13")
def test_the_nuisance_inequality_needs_the_posterior():
    assert prove(NUISANCE, PAIRWISE).holds is None
    assert prove(NUISANCE, [*PAIRWISE, *POSTERIOR]).holds is True
    assert prove(NUISANCE, ["I(y;η) = 0", "y,η -> x -> z", "I(z;y) = I(x;y)"]).holds is True


@pytest.mark.parametrize("i", range(len(POSTERIOR)))
def test_the_posterior_needs_each_of_its_properties(i):
    proof = prove(NUISANCE, [*PAIRWISE, *POSTERIOR[:i], *POSTERIOR[i + 1 :]])
    assert proof.holds is None


# Random claims

NAMES = ("A", "B", "C", "D")
MEASURES = [to_form(measure.vector, NAMES) for measure in measures(4)]
WEIGHTS = st.fractions(0, 5, max_denominator=6)
SUMS = st.lists(st.tuples(WEIGHTS, st.sampled_from(MEASURES)), min_size=1, max_size=5)


@given(SUMS)
def test_every_combination_of_measures_is_proven(terms):
    form = sum((weight * measure for weight, measure in terms), Form())
    proof = prove(f"{form} >= 0")
    assert proof.holds is True
    assert_adds_up(proof)


@given(SUMS, st.sampled_from(MEASURES), st.sampled_from(MEASURES), st.fractions(-3, 3, max_denominator=4))
def test_every_combination_with_premises_is_proven(terms, equation, inequality, weight):
    form = sum((w * measure for w, measure in terms), weight * equation + 2 * (inequality - equation))
    proof = prove(f"{form} >= 0", [f"{equation} = 0", f"{inequality} >= {equation}"])
    assert proof.holds is True
    assert_adds_up(proof)


@given(st.sampled_from(MEASURES), SUMS)
def test_every_answer_comes_with_its_evidence(left, terms):
    right = sum((weight * measure for weight, measure in terms), Form())
    claim = f"{left} <= {right}"
    proof = prove(claim)
    if proof.holds:
        assert_adds_up(proof)
    elif proof.holds is False:
        assert_breaks(proof.counterexample, claim, [])
    else:
        assert proof.polymatroid is not None


@given(st.lists(st.sampled_from(MEASURES), min_size=1, max_size=3), st.sampled_from(MEASURES))
def test_refutations_obey_independence_premises(zeros, measure):
    premises = [f"{zero} = 0" for zero in zeros]
    claim = f"{measure} = 0"
    try:
        proof = prove(claim, premises)
    except ValueError:  # a constant
        reject()
    assume(proof.holds is not None)
    if proof.holds:
        assert_adds_up(proof)
    else:
        assert_breaks(proof.counterexample, claim, premises)


def test_proofs_agree_with_two_thousand_distributions():
    rng = np.random.default_rng(3)
    tables = rng.dirichlet(np.full(16, 0.2), size=2000).reshape(-1, 2, 2, 2, 2)

    def entropy(names):
        gone = tuple(i + 1 for i, name in enumerate(NAMES) if name not in names)
        p = tables.sum(axis=gone).reshape(len(tables), -1)
        return -np.where(p > 0, p * np.log(np.where(p > 0, p, 1)), 0).sum(axis=1)

    values = {
        names: entropy(names)
        for size in range(1, 5)
        for names in map(frozenset, itertools.combinations(NAMES, size))
    }
    draw = random.Random(1)
    answers = Counter()
    for _ in range(60):
        form = sum((draw.randint(-2, 3) * draw.choice(MEASURES) for _ in range(3)), Form())
        proof = prove(f"{form} >= 0")
        answers[proof.holds] += 1
        if proof.holds:
            value = sum((float(c) * values[key] for key, c in form.terms.items()), np.zeros(len(tables)))
            assert value.min() > -1e-12
    assert answers[True] >= 10
    assert answers[False] >= 10


# What is shown


def test_a_proof_prints_its_sum():
    assert str(prove("I(X;Z) <= I(X;Y)", [CHAIN])).splitlines() == [
        "True: I(X;Z) <= I(X;Y)",
        "given X -> Y -> Z",
        "",
        "right - left =",
        "      I(X;Y|Z)  >= 0",
        "    - I(X;Z|Y)  = 0, given X -> Y -> Z",
    ]


def test_an_equation_prints_one_sum_or_two():
    one = str(prove("I(X;Z) = I(X;Y)", [CHAIN, "I(X;Y|Z) = 0"]))
    two = str(prove("I(X;Y) = 0", ["I(X;Y,Z) = 0"]))
    assert one.count("left - right") == 1
    assert "right - left" not in one
    assert "left - right" in two
    assert "right - left" in two


def test_a_refutation_prints_both_sides_and_the_distribution():
    text = str(prove("H(X) = H(Y)"))
    assert "False: H(X) = H(Y)" in text
    assert "left side is 0 nats,\nthe right side 0.6931 nats" in text
    assert text.splitlines()[-3:] == ["  X   Y  probability", "  0   0  1/2", "  0   1  1/2"]


def test_an_identity_says_so():
    proof = prove("H(X,Y) = H(X) + H(Y|X)")
    assert "Both sides are the same sum" in str(proof)
    assert proof.lines == ("H(X,Y) = H(X) + H(Y|X)",)
    assert_adds_up(proof)


def test_proofs_are_short():
    proof = prove("H(A,B,C,D,E) <= H(A) + H(B) + H(C) + H(D) + H(E)")
    assert sum(map(len, proof.sums)) == 4


def test_the_table_of_a_counterexample_is_its_distribution():
    found = prove("I(X;Y|Z) <= I(X;Y)").counterexample
    assert found.table.shape == tuple(max(values) + 1 for values in zip(*found.probabilities, strict=True))
    assert found.table.sum() == pytest.approx(1)
    assert all(found.table[outcome] == float(p) for outcome, p in found.probabilities.items())


def test_variables_that_no_premise_connects_are_constant():
    found = prove("H(X) <= I(X;Y)", ["H(V|U) = 0"]).counterexample
    assert found.variables == ("U", "V", "X", "Y")
    assert found.value(parse_expression("H(U,V)")) == 0


# What is refused


@pytest.mark.parametrize(
    ("claim", "premises"),
    [("I(X;Y", []), ("I(X;Y)", []), ("H(X) >= 0", ["X -> Y"]), ("H(X) >= 1", []), ("H(X) < H(Y)", [])],
)
def test_what_does_not_parse_is_refused(claim, premises):
    with pytest.raises(ExpressionError):
        prove(claim, premises)


@pytest.mark.parametrize(
    ("premises", "named", "silent"),
    [
        (["I(X;Y) <= -H(X)", "H(Z) >= H(Y)"], "I(X;Y) <= -H(X)", "H(Z)"),
        (["H(X) <= 0.5 H(X)"], "H(X) <= 0.5 H(X)", "H(Z)"),
        (["I(X;Y) = 0", "H(X|Y) = 0", CHAIN], '"I(X;Y) = 0", "H(X|Y) = 0"', "->"),
        (["H(Y) >= H(X)", "H(X) >= 2 H(Z)", "H(Z) >= H(Y)"], "H(X) >= 2 H(Z)", "I("),
    ],
)
def test_premises_that_leave_only_constants_are_refused(premises, named, silent):
    with pytest.raises(ValueError, match="contradict each other unless") as caught:
        prove("H(Z|X) <= H(Y)", premises)
    assert named in str(caught.value)
    assert silent not in str(caught.value).replace("premise", "")


def test_a_constant_that_is_said_is_allowed():
    assert prove("H(X|Y) = 0", ["H(X) = 0"]).holds is True
    assert prove("H(Y) = 0", ["H(X) = 0"]).holds is False
    assert prove("H(X|Z) = 0", ["H(X,Y) = 0"]).holds is True


def test_too_many_variables_are_refused():
    with pytest.raises(ValueError, match="9 variables, A, B, C, D, E, F, G, H, I;"):
        prove("H(A,B,C,D,E,F,G,H,I) >= 0")


def test_a_single_premise_may_be_a_text():
    assert prove("I(X;Z) <= I(X;Y)", CHAIN) == prove("I(X;Z) <= I(X;Y)", [CHAIN])


# The parts


def test_there_are_as_many_elemental_inequalities_as_yeung_counts():
    for n in range(1, 9):
        assert len(set(elementals(n))) == n + math.comb(n, 2) * 2 ** max(n - 2, 0)


def test_all_measures_are_counted_once():
    for n in range(1, 6):
        entropy_count = 3**n - 2**n
        information_count = (4**n - 2 * 3**n + 2**n) // 2
        forms = {frozenset(measure.vector.items()) for measure in measures(n)}
        assert len(forms) == len(measures(n)) == entropy_count + information_count


@pytest.mark.parametrize("n", [2, 3, 4])
def test_every_measure_is_a_sum_of_elemental_ones(n):
    basis = [measure.vector for measure in elementals(n)]
    for measure in measures(n):
        assert combination(basis, measure.vector, [1.0] * len(basis)) is not None


@pytest.mark.parametrize("n", [2, 3, 4])
def test_no_elemental_inequality_follows_from_the_others(n):
    basis = [measure.vector for measure in elementals(n)]
    for j, vector in enumerate(basis):
        others = [*basis[:j], *basis[j + 1 :]]
        assert combination(others, vector, [1.0] * len(others)) is None


def test_forms_and_vectors_translate():
    form = parse_expression("I(X;Y|Z) - 1/3 H(X)")
    assert to_form(to_vector(form, ["Z", "X", "Y"]), ["Z", "X", "Y"]) == form


def test_weights_are_exact_or_refused():
    third = Fraction(1, 3)
    assert combination([{1: third}], {1: Fraction(1, 7)}, [1.0]) == {0: Fraction(3, 7)}
    # Within the tolerance of the linear program, and wrong.
    almost = {1: Fraction(1), 2: Fraction(1, 10**12)}
    assert combination([{1: Fraction(1)}], almost, [1.0]) is None
    assert combination([{1: Fraction(-1)}], {1: Fraction(1)}, [1.0]) is None
    assert combination([{1: Fraction(-1)}], {1: Fraction(1)}, [1.0], free=[0]) == {0: Fraction(-1)}
    assert combination([], {1: Fraction(1)}, []) is None
    assert combination([], {}, []) == {}


def test_a_solver_that_errs_proves_nothing(monkeypatch):
    everything = SimpleNamespace(x=np.ones(2))
    monkeypatch.setattr("scipy.optimize.linprog", lambda *args, **options: everything)
    columns = [{1: Fraction(1)}, {2: Fraction(-1)}]
    assert combination(columns, {1: Fraction(2), 2: Fraction(-3)}, [1.0, 1.0]) == {0: 2, 1: 3}
    assert combination(columns, {1: Fraction(2), 2: Fraction(3)}, [1.0, 1.0]) is None


def test_a_premise_that_almost_holds_does_not_count():
    almost = prove("H(X) <= 0.5 H(Y)", ["H(X) = 1.0000000000001 H(Y)"])
    assert almost.holds is None
    assert prove("H(X) <= 0.5 H(Y)", ["H(X) = H(Y)"]).holds is False


def test_a_claim_that_is_almost_true_is_not_proven():
    proof = prove("1000000000000 H(X|Y) <= 999999999999 H(X)")
    assert proof.holds is False
    assert_breaks(proof.counterexample, "H(X|Y) <= 0.9999 H(X)", [])


def test_a_polymatroid_is_found_where_there_is_one():
    h = polymatroid(2, {1: Fraction(1), 2: Fraction(-1)}, [], [])
    assert h[1] < h[2] <= h[3]
    assert polymatroid(2, {1: Fraction(1)}, [], []) is None


def test_constants_are_found():
    assert constants(2, [{1: Fraction(1)}], []) == [0]
    assert constants(2, [{3: Fraction(1), 1: Fraction(-1)}], []) == []


def test_entropies_are_exact():
    found = Counterexample(
        ("X", "Y"), {(0, 0): Fraction(1, 2), (1, 0): Fraction(1, 6), (1, 1): Fraction(1, 3)}
    )
    # H(X) = ln 2, and H(Y) = ln 3 - 2/3 ln 2
    assert found.logarithms(parse_expression("H(X)")) == {2: 1}
    assert found.logarithms(parse_expression("H(Y)")) == {2: Fraction(-2, 3), 3: 1}
    assert found.value(parse_expression("H(X) - H(X)")) == 0
    assert found.value(parse_expression("H(Y)")) == pytest.approx(
        math.log(3) - 2 / 3 * math.log(2), rel=1e-15
    )


def test_a_tiny_difference_of_entropies_has_its_sign():
    """a ln 2 and b ln 3 are about 1e10 and differ by less than floats can tell."""
    found = Counterexample(("X", "Y"), {(i, j): Fraction(1, 6) for i in range(2) for j in range(3)})
    ratio = Fraction(Decimal(3).ln() / Decimal(2).ln()).limit_denominator(10**10)
    a, b = ratio.numerator, ratio.denominator
    exact = float(a * Decimal(2).ln() - b * Decimal(3).ln())
    assert 0 < abs(exact) < 1e-9 < math.ulp(a * math.log(2))
    assert found.value(a * quantity([["X"]]) - b * quantity([["Y"]])) == pytest.approx(exact, rel=1e-6)


def test_a_search_that_finds_nothing_says_so():
    assert find_counterexample(["X"], {1: Fraction(1)}, [], []) is None


@pytest.mark.parametrize(("claim", "premises"), table({**TRUE, **FALSE, **UNKNOWN}))
def test_psitip_agrees(claim, premises):
    """psitip decides Shannon-type claims too; it is a cross-check where it is installed."""
    psitip = pytest.importorskip("psitip")
    proof = prove(claim, premises)
    names = sorted(
        {name for line in (parse_relation(claim), *parse_premises(premises)) for name in line.form.variables}
    )
    variables = dict(zip(names, map(psitip.rv, names), strict=True))

    def value(form):
        entropies = [
            float(c) * psitip.H(reduce(operator.add, (variables[name] for name in sorted(key))))
            for key, c in form.terms.items()
        ]
        return sum(entropies[1:], entropies[0])

    def region(line):
        left = value(line.form)
        return left == 0 if line.kind == "=" else left <= 0 if line.kind == "<=" else left >= 0

    relation = parse_relation(claim)
    if not relation.form:
        pytest.skip("an identity of joint entropies")
    with psitip.PsiOpts(solver="scipy"):
        assumed = reduce(operator.and_, map(region, parse_premises(premises)), psitip.universe())
        assert bool(assumed >> region(relation)) == (proof.holds is True)
