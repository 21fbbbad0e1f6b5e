"""Joint tables: expressions against explicit sums, laws, channels, batches, gradients, rounding, messages."""

import itertools
import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ibcourse.information import (
    ExpressionError,
    Joint,
    atoms,
    conditional_entropy,
    entropy,
    entropy_distance,
    kl_divergence,
    mutual_information,
    total_correlation,
)

LN2 = math.log(2)
TINY = 1e-14
XOR = np.array([[[0.25, 0], [0, 0.25]], [[0, 0.25], [0.25, 0]]])
COPIES = np.zeros((2, 2, 2))
COPIES[0, 0, 0] = COPIES[1, 1, 1] = 0.5
BSC = np.array([[0.9, 0.1], [0.1, 0.9]])
CELL = st.sampled_from([0.0, 1e-300]) | st.floats(1e-9, 1.0)


def normalised(weights, axes=None):
    return weights / weights.sum(axis=axes, keepdims=True)


def tables(shape):
    return arrays(np.float64, shape, elements=CELL).filter(np.any).map(normalised)


def channels(n, m):
    return st.lists(tables(m), min_size=n, max_size=n).map(np.array)


def random_table(*shape, seed=0, empty=0.0):
    generator = np.random.default_rng(seed)
    weights = generator.exponential(size=shape)
    weights[generator.random(shape) < empty] = 0
    return normalised(weights)


def random_channel(*shape, seed=0):
    return normalised(np.random.default_rng(seed).exponential(size=shape), -1)


PXY = tables((2, 3)).map(lambda table: Joint(table, "X Y"))
PXYZ = tables((2, 3, 2)).map(lambda table: Joint(table, "X Y Z"))
PABCDE = tables((2, 1, 2, 3, 2)).map(lambda table: Joint(table, "A B C D E"))
CHAIN = st.tuples(tables(3), channels(3, 2), channels(2, 3), channels(3, 2)).map(
    lambda t: Joint(t[0], "W").extend("X|W", t[1]).extend("Y|X", t[2]).extend("Z|Y", t[3])
)


# ------------------------------------------------------------------------------ the definitions, as loops


def loops(p, names, a, b, given_):
    """Return E ln p(a,b|c) / (p(a|c) p(b|c)) for b, else −E ln p(a|c), by sums over cells."""

    def marginal(cell, kept):
        return math.fsum(
            p[other]
            for other in np.ndindex(p.shape)
            if all(other[names.index(v)] == cell[names.index(v)] for v in kept)
        )

    total = []
    for cell in np.ndindex(p.shape):
        if p[cell] > 0:
            m = {s: marginal(cell, s) for s in (a + given_, b + given_, a + b + given_, given_)}
            ratio = m[a + b + given_] * m[given_] / (m[a + given_] * (m[b + given_] if b else m[given_]))
            total.append(p[cell] * math.log(ratio if b else m[a + given_] / m[given_]))
    return math.fsum(total) if b else -math.fsum(total)


@pytest.mark.source("S1.D.H1", "S1.D.H2", "S1.D.I1", "S1.D.I2", "S3.MI2", "S3.CMI1", "S3.CE1", "S3.Def1.1")
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("text", "a", "b", "given_"),
    [
        ("H(X)", "X", "", ""),
        ("H(W,Y)", "WY", "", ""),
        ("H(Y|Z)", "Y", "", "Z"),
        ("H(W,X|Z,Y)", "WX", "", "YZ"),
        ("I(X;Y)", "X", "Y", ""),
        ("I(X;Y|Z)", "X", "Y", "Z"),
        ("I(Z,W;X|Y)", "ZW", "X", "Y"),
        ("I(X;Z|W,Y)", "X", "Z", "WY"),
    ],
)
def test_against_loops(text, a, b, given_, seed):
    p = random_table(2, 3, 2, 2, seed=seed, empty=0.3)
    expected = loops(p, "WXYZ", a, b, given_)
    assert Joint(p, "W X Y Z")(text) == pytest.approx(expected, rel=1e-12, abs=1e-15)


@given(PXYZ)
def test_agreement_with_the_functions_of_tables(p):
    p_xy = p.marginal("X Y")
    close = {"rtol": 1e-12, "atol": 1e-15}
    np.testing.assert_allclose(p("H(X,Y,Z)"), entropy(p.table.reshape(-1)), **close)
    np.testing.assert_allclose(p("I(X;Y)"), mutual_information(p_xy), **close)
    np.testing.assert_allclose(p("H(Y|X)"), conditional_entropy(p_xy), **close)
    np.testing.assert_allclose(p("I(Y;Z,X)"), mutual_information(p.marginal("Y X Z").reshape(3, -1)), **close)
    for text, value in atoms(p).items():
        np.testing.assert_allclose(p(text), value, rtol=0, atol=TINY)


@given(PXYZ)
def test_an_expression_is_linear(p):
    expected = 0.5 * p("I(X;Y|Z)") - 2 * p("H(X)") + p("I(X;Y;Z)") / 3
    assert p("0.5 I(X;Y|Z) - 2 (H(X) - 1/6 I(X;Y;Z))") == pytest.approx(expected, abs=TINY)
    assert p("I(X;Y;Z)") == pytest.approx(p("I(X;Y)") - p("I(X;Y|Z)"), abs=TINY)
    assert p("-3 I(X;Y)") == -3 * p("I(X;Y)")
    assert str(p("H(X) - H(X)")) == str(p("0")) == "0.0"


# ------------------------------------------------------------------------------------------------- the laws


@pytest.mark.source("S1.D.Idiag", "S1.R2")
@given(PABCDE)
def test_single_quantities_are_never_negative(p):
    for text in ("H(A|B,C,D,E)", "H(A,C|E)", "I(A;C)", "I(A,C;D|B,E)", "H(D) - H(D|E)", "H(A,C) - H(C)"):
        assert p(text) >= 0
        assert p(f"{text} >= 0")


@pytest.mark.source("S3.Chain", "S1.Q5", "E1.1", "S1.Eq19", "S1.Eq20", "S1.Eq21", "S1.Eq22")
@given(PXYZ)
def test_relations_that_always_hold(p):
    for text in (
        "I(X;Y,Z) = I(X;Z) + I(X;Y|Z)",
        "H(X|Y) = H(X|Y,Z) + I(X;Z|Y)",
        "H(Z|Y) + H(Y) = H(Y|Z) + H(Z)",
        "H(Y|Z) + H(Z|Y) = 2 (H(Y|Z) + 0.5 H(Z)) - H(Y)",
        "H(X|Y) <= H(X)",
        "H(X,Y,Z) <= H(X) + H(Y) + H(Z)",
        "I(X;Y) <= H(X)",
        "I(X;Y;Z) <= I(Y;Z)",
        "I(X;Y;Z) >= -I(Y;Z|X)",
        "2 H(X,Y,Z) <= H(X,Y) + H(X,Z) + H(Y,Z)",
    ):
        assert p(text), text


@pytest.mark.source("S3.Ex5", "S1.A.1", "S1.A.3", "S1.A.4", "S1.A.5", "S1.A.6", "S1.3.2")
@pytest.mark.source("S1.Q1", "S1.Q2", "S1.Q3", "S1.Q4", "S1.Eq2", "S1.Eq3", "S1.Eq11", "S1.Eq12")
@given(CHAIN)
def test_a_chain_of_channels_is_a_markov_chain(p):
    assert p("W -> X -> Y -> Z")
    assert p("Z -> Y -> X -> W")
    assert p("I(W;Z) <= I(W;Y)")
    assert p("I(W;Z) <= I(X;Y)")
    # The label W, the input X and the representation Z: six atoms, none negative, and what they make up.
    assert p("I(W;X;Z) = I(W;Z)")
    assert p("I(X;W) = I(X;W|Z) + I(W;Z)")
    assert p("I(X;Z) = I(X;Z|W) + I(W;Z)")
    assert p("H(W|Z) = I(X;W|Z) + H(W|X)")
    assert p("H(Z|W) = I(X;Z|W) + H(Z|X)")
    assert p("H(W) = H(W|X) + I(W;Z) + I(X;W|Z)")
    assert p("H(Z) = H(Z|X) + I(W;Z) + I(X;Z|W)")
    # Data processing is an equality if and only if Y loses nothing about W that X tells.
    assert p("I(W;X) - I(W;Y) = I(W;X|Y)")


def test_relations_that_fail():
    p = Joint(XOR, "X Y Z")
    assert not p("I(X;Y|Z) <= I(X;Y)")
    assert not p("I(X;Y;Z) >= 0")
    assert not p("X -> Z -> Y")
    assert not p("H(X) = 0")
    assert not Joint(COPIES, "X Y Z")("H(X|Y) = H(X|Y,Z) + I(X;Z)")
    # A chain of four is more than its two steps of three.
    q = Joint(BSC / 2, "W X").extend("Y|X", BSC).extend("Z|W,Y", np.full((2, 2, 2), 0.5))
    assert q("W -> X -> Y -> Z")
    r = Joint(BSC / 2, "W X").extend("Y|X", BSC).extend("Z|X,Y", [[[1, 0], [0, 1]], [[0, 1], [1, 0]]])
    assert r("I(W;Y,Z|X) = 0")
    assert r("W -> X -> Y")
    assert not r("W -> X -> Y -> Z")


def test_relations_hold_up_to_the_tolerance():
    p = Joint([[0.5, 0], [0, 0.5]], "X Y")
    assert p.tolerance == 1e-8
    for slack, holds in [(0.5e-8, True), (2e-8, False)]:
        factor = f"{1 - slack / LN2:.12f}"
        assert p(f"H(X) <= {factor} H(X)") == holds
        assert p(f"{factor} H(X) >= H(X)") == holds
        assert p(f"H(X) = {factor} H(X)") == p(f"{factor} H(X) = H(X)") == holds
    assert p("H(X) >= 0.5 H(X)")


# ------------------------------------------------------------------------- marginals, conditionals, channels


def test_marginal():
    table = random_table(2, 3, 4)
    p = Joint(table, ["X", "Y", "Z"])
    np.testing.assert_allclose(p.marginal("Z X"), table.sum(1).T)
    np.testing.assert_allclose(p.marginal(["Y"]), table.sum((0, 2)))
    np.testing.assert_array_equal(p.marginal("X, Y, Z"), table)
    assert p.shape == (2, 3, 4)
    assert repr(p) == '<Joint "X Y Z" of shape (2, 3, 4)>'


def test_conditional():
    table = random_table(2, 3, 4, empty=0.3)
    table[1] = 0
    table = normalised(table)
    p = Joint(table, "X Y Z")
    given_zx = p.conditional("Y | Z, X")
    assert given_zx.shape == (4, 2, 3)
    for z, x in itertools.product(range(4), range(2)):
        mass = table[x, :, z].sum()
        expected = table[x, :, z] / mass if mass else np.full(3, 1 / 3)
        np.testing.assert_allclose(given_zx[z, x], expected, rtol=1e-14)
    pair = p.conditional("Z,Y | X")
    np.testing.assert_allclose(pair[0], table[0].T / table[0].sum(), rtol=1e-14)
    np.testing.assert_allclose(pair[1], np.full((4, 3), 1 / 12), rtol=1e-14)


@given(PXYZ)
def test_any_distribution_is_made_of_its_conditionals(p):
    again = Joint(p.marginal("X"), "X").extend("Y|X", p.conditional("Y|X"))
    again = again.extend("Z|Y,X", p.conditional("Z|Y,X"))
    np.testing.assert_allclose(again.table, p.table, rtol=1e-12, atol=1e-300)
    assert again.variables == p.variables
    product = Joint(p.marginal("X"), "X").extend("Y Z", p.marginal("Y Z"))
    np.testing.assert_allclose(product.table, np.einsum("x,yz->xyz", p.marginal("X"), p.marginal("Y Z")))
    assert product("I(X;Y,Z) = 0")


def test_extend_sets_the_axes_of_the_channel():
    table, channel = random_table(2, 3, 4), random_channel(4, 2, 5, 3)
    channel = channel / channel.sum((-2, -1), keepdims=True)
    p = Joint(table, "X Y Z").extend("V,W | Z,X", channel)
    assert p.variables == ("X", "Y", "Z", "V", "W")
    np.testing.assert_allclose(p.table, np.einsum("xyz,zxvw->xyzvw", table, channel))


def test_extend_broadcasts_batches():
    tables_ = normalised(random_table(5, 2, 3), (1, 2))
    one, many = random_channel(3, 4), random_channel(5, 3, 4)
    expected = np.einsum("bxy,byz->bxyz", tables_, many)
    np.testing.assert_allclose(Joint(tables_, "X Y").extend("Z|Y", many).table, expected)
    expected = np.einsum("bxy,yz->bxyz", tables_, one)
    np.testing.assert_allclose(Joint(tables_, "X Y").extend("Z|Y", one).table, expected)
    expected = np.einsum("xy,byz->bxyz", tables_[0], many)
    np.testing.assert_allclose(Joint(tables_[0], "X Y").extend("Z|Y", many).table, expected)


# ---------------------------------------------------------------------- total correlation, entropy distance


@pytest.mark.source("S3.Ex1", "E3.24")
@given(st.tuples(tables((2, 3, 2)), tables(2), tables(3), tables(2)))
def test_the_marginals_are_the_nearest_product(given_):
    p, *q = given_
    marginals = [p.sum((1, 2)), p.sum((0, 2)), p.sum((0, 1))]

    def divergence(factors):
        return kl_divergence(p.reshape(-1), np.einsum("x,y,z->xyz", *factors).reshape(-1))

    tc = total_correlation(p)
    assert tc >= 0
    support = np.einsum("x,y,z->xyz", *q)[p > 0]
    if (np.einsum("x,y,z->xyz", *marginals)[p > 0] > 0).all() and (support > 1e-290).all():  # no underflow
        assert divergence(marginals) == pytest.approx(tc, rel=1e-12, abs=TINY)
        rest = sum(kl_divergence(a, b) for a, b in zip(marginals, q, strict=True))
        assert divergence(q) == pytest.approx(tc + rest, rel=1e-12, abs=TINY)
    joint = Joint(p, "X Y Z")
    assert tc == pytest.approx(joint("H(X) + H(Y) + H(Z) - H(X,Y,Z)"), abs=TINY)


@pytest.mark.source("E3.24")
def test_the_reversed_projection_has_other_minimisers():
    p = np.array([[0.48, 0.02], [0.02, 0.48]])

    def reversed_divergence(a, b):
        return kl_divergence(np.outer([a, 1 - a], [b, 1 - b]).reshape(-1), p.reshape(-1))

    assert reversed_divergence(0.5, 0.5) == pytest.approx(0.9367, abs=5e-5)
    grid = np.linspace(0.001, 0.999, 999)
    smallest, a, b = min((reversed_divergence(a, b), a, b) for a in grid[::9] for b in grid[::9])
    assert smallest < 0.64
    assert reversed_divergence(1 - a, 1 - b) == pytest.approx(smallest)  # and it is not the only one
    assert abs(a - 0.5) > 0.4


@pytest.mark.source("S1.R1", "S3.MI2")
def test_total_correlation_is_not_interaction_information():
    assert total_correlation(XOR) == pytest.approx(LN2)
    assert Joint(XOR, "X Y Z")("I(X;Y;Z)") == pytest.approx(-LN2)
    assert total_correlation(COPIES) == pytest.approx(2 * LN2)
    assert Joint(COPIES, "X Y Z")("I(X;Y;Z)") == pytest.approx(LN2)
    two = random_table(3, 4)
    assert total_correlation(two) == pytest.approx(mutual_information(two), rel=1e-12)
    assert total_correlation([0.3, 0.7]) == 0


@pytest.mark.source("S1.Eq19", "E1.15")
@given(PXYZ)
def test_entropy_distance_is_a_metric(p):
    def distance(names):
        return entropy_distance(p.marginal(names))

    assert distance("X Y") >= 0
    assert distance("Y X") == pytest.approx(distance("X Y"), abs=TINY)
    assert distance("X Z") <= distance("X Y") + distance("Y Z") + TINY
    assert distance("X Y") == pytest.approx(p("H(X,Y) - I(X;Y)"), abs=TINY)


@pytest.mark.source("S1.Eq19")
def test_entropy_distance_is_zero_for_bijections_only():
    relabelled = np.diag([0.2, 0.3, 0.5])[:, [2, 0, 1]]
    assert entropy_distance(relabelled) == 0
    merged = np.array([[0.2, 0], [0.3, 0], [0, 0.5]])  # Y is a function of X, not conversely
    assert entropy_distance(merged) == pytest.approx(0.5 * entropy([0.4, 0.6]))


# ---------------------------------------------------------------------------------- batches, torch, gradients

TEXTS = ("H(X,Z|Y)", "I(X;Y|Z)", "I(X;Y)", "I(X;Y;Z)", "I(X;Y) - 2 I(Y;Z)", "0")


def test_a_batch_is_many_single_calls():
    batch = normalised(random_table(5, 2, 2, 3, 2, empty=0.2), (-3, -2, -1))
    batch[1, 0] = 0
    batch[1, 0, 0, 0, 0] = batch[1, 0, 1, 1, 1] = 0.5  # copies of one bit
    p = Joint(batch, "X Y Z")
    singles = [Joint(batch[i], "X Y Z") for i in np.ndindex(5, 2)]
    for text in (*TEXTS, "I(X;Y|Z) <= I(X;Y)", "X -> Y -> Z"):
        result = p(text)
        assert result.shape == (5, 2)
        np.testing.assert_allclose(result.reshape(-1), [single(text) for single in singles], atol=TINY)
    assert p("I(X;Y|Z) <= I(X;Y)").dtype == bool
    assert 0 < p("I(X;Y|Z) <= I(X;Y)").sum() < 10
    for name, value in atoms(p).items():
        np.testing.assert_allclose(value.reshape(-1), [atoms(single)[name] for single in singles], atol=TINY)
    expected = [total_correlation(single) for single in singles]
    np.testing.assert_allclose(total_correlation(p).reshape(-1), expected, rtol=1e-12)
    assert p.marginal("Z X").shape == (5, 2, 2, 2)
    assert p.conditional("Y|Z,X").shape == (5, 2, 2, 2, 3)
    expected = [entropy_distance(single.marginal("X Y")) for single in singles]
    np.testing.assert_allclose(entropy_distance(p.marginal("X Y")).reshape(-1), expected, rtol=1e-12)


def test_torch_agrees_with_numpy_and_inputs_stay():
    table, channel = random_table(2, 3, 2, empty=0.2), random_channel(3, 2)
    copy = table.copy()
    p, q = Joint(table, "X Y Z"), Joint(torch.tensor(table), "X Y Z")
    assert isinstance(q.table, torch.Tensor)
    for text in TEXTS:
        assert isinstance(q(text), torch.Tensor)
        np.testing.assert_allclose(q(text).numpy(), p(text), rtol=1e-13, atol=1e-15)
    assert q("H(X) <= H(X,Y)").dtype == torch.bool
    expected = p.extend("T|Y", channel).table
    np.testing.assert_allclose(q.extend("T|Y", channel).table.numpy(), expected)
    np.testing.assert_allclose(p.extend("T|Y", torch.tensor(channel)).table.numpy(), expected)
    np.testing.assert_allclose(q.conditional("Z|X").numpy(), p.conditional("Z|X"))
    np.testing.assert_allclose(total_correlation(torch.tensor(table)).numpy(), total_correlation(table))
    np.testing.assert_array_equal(table, copy)
    assert Joint(table.tolist(), "X Y Z")("I(X;Y)") == p("I(X;Y)")


def test_single_precision():
    table, channel = (torch.tensor(x).float() for x in (random_table(20, 30), random_channel(30, 7)))
    p = Joint(table, "X Y").extend("Z|Y", channel)
    assert p.table.dtype == torch.float64
    assert p.tolerance > Joint(table, "X Y").tolerance > 1e-6
    assert p("X -> Y -> Z")
    assert entropy_distance(table).dtype == total_correlation(table).dtype == torch.float64


def test_scalars_are_numpy_floats():
    p = Joint(XOR, "X Y Z")
    assert all(isinstance(p(text), np.float64) for text in TEXTS)
    assert isinstance(p("H(X) = H(Y)"), np.bool_)
    assert isinstance(p("X -> Y -> Z"), np.bool_)
    assert isinstance(total_correlation(XOR), np.float64)
    assert isinstance(entropy_distance(XOR.sum(2)), np.float64)


@pytest.mark.parametrize("text", TEXTS[:-1])
def test_gradients_agree_with_finite_differences(text):
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(6, dtype=torch.float64, generator=generator).requires_grad_()
    y = torch.randn((3, 2), dtype=torch.float64, generator=generator).requires_grad_()

    def value(x, y):
        p = Joint(x.softmax(0).reshape(2, 3), "X Y").extend("Z|Y", y.softmax(-1))
        return p(text)

    assert torch.autograd.gradcheck(value, (x, y))


def test_gradients_are_finite_at_empty_cells_and_taken_twice():
    table = torch.tensor(XOR, requires_grad=True)
    p = Joint(table, "X Y Z")
    for text in TEXTS[:-1]:
        (gradient,) = torch.autograd.grad(p(text), table)
        assert gradient.isfinite().all()
    p.conditional("Y|X").sum().backward()
    assert table.grad.isfinite().all()


# --------------------------------------------------------------------------------------------------- rounding


def test_information_near_zero_keeps_its_digits():
    """With p(x,y|z) = p(x|z) p(y|z) (1 ± δ), the information is about δ²/2; entropies would give noise."""
    for delta in (1e-4, 1e-7):
        flip = np.array([[1, -1], [-1, 1]])
        layers = np.array([[0.25 * (1 + delta * flip)], [0.25 * (1 - delta * flip)]])[:, 0] / 2
        p = Joint(layers, "Z X Y")
        exact = ((1 + delta) * math.log1p(delta) + (1 - delta) * math.log1p(-delta)) / 2
        assert p("I(X;Y|Z)") == pytest.approx(delta**2 / 2 if delta < 1e-6 else exact, rel=1e-6)
        assert p("H(X|Z) + H(Y|Z) - H(X,Y|Z)") == p("I(X;Y|Z)")


def test_no_rounding_error_is_negative():
    generator = np.random.default_rng(0)
    x, y, z = generator.dirichlet(np.ones(10), size=(3, 500))
    p = Joint(normalised(np.einsum("bx,by,bz->bxyz", x, y, z), (1, 2, 3)), "X Y Z")
    for text in ("I(X;Y|Z)", "I(X;Y)", "I(X,Z;Y)"):
        assert p(text).min() >= 0
        assert p(text).max() < 1e-14
    functions = Joint(np.einsum("bx,xy->bxy", x, np.eye(10)), "X Y")
    assert (functions("H(Y|X)") == 0).all()
    assert total_correlation(p).min() >= 0


def test_very_small_cells():
    p = Joint([[1.0, 0.0], [0.0, 1e-200]], "X Y")
    assert p("I(X;Y)") == pytest.approx(200 * math.log(10) * 1e-200, rel=1e-12)
    assert total_correlation(p) == p("I(X;Y)")


# --------------------------------------------------------------------------------------------------- messages

P = Joint(random_table(2, 3), "X Y")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Joint([[0.5, 0.5], [0.5, 0.6]], "X Y"), r"^table sums to 2\.1, which is 1\.1 too much"),
        (lambda: Joint([0.5, -0.5, 1], "X"), r"^table\[1\] is -0\.5; a probability cannot be negative"),
        (lambda: Joint([0.5, math.nan], "X"), r"^table\[1\] is nan; expected a finite number"),
        (lambda: Joint([0.5, 0.5], "X Y"), r'^table has 1 axes, shape \(2,\), but there are 2 names, "X Y"'),
        (lambda: Joint(XOR, "X Y"), r'and sums to one as a whole, but only 2 of them have a name, "X Y"'),
        (lambda: Joint(BSC, "X Y"), r"^table sums to 2, .* multiply row x of a conditional table"),
        (lambda: Joint([[1.0]], "X X"), r'^"X X" names X twice'),
        (lambda: Joint([[1.0]], "X 2"), r"'2' is not a word"),
        (lambda: P.marginal("X Z"), r'^unknown variable "Z"; the variables are X, Y\.$'),
        (lambda: P.marginal("X X"), r'^"X X" names X twice'),
        (lambda: P.conditional("Y"), r'^names is "Y"; expected one bar'),
        (lambda: P.conditional("Y | Z"), r'^unknown variable "Z"'),
        (lambda: P.conditional("Y | Y"), r'^"Y Y" names Y twice'),
        (lambda: P.extend("Z | W", BSC), r'^unknown variable "W"'),
        (lambda: P.extend("X | Y", BSC), r'^"X Y X" names X twice'),
        (
            lambda: P.extend("Z | Y", BSC),
            r'^channel has shape \(2, 2\); expected the last axes of "Z \| Y" to be \(3, Z\): Y, Z in this',
        ),
        (lambda: P.extend("Z | X,Y", [0.5, 0.5]), r"^channel has shape \(2,\)"),
        (lambda: P.extend("Z | X", BSC / 2), r"^channel\[0\] sums to 0\.5, which is 0\.5 too little"),
        (
            lambda: Joint(np.stack([P.table] * 2), "X Y").extend("Z|X", np.stack([BSC] * 3)),
            r"^table and channel have batch axes \(2,\) and \(3,\)",
        ),
        (lambda: total_correlation(XOR * 2), r"^p sums to 2, which is 1 too much"),
        (lambda: total_correlation(1.0), r"^p has shape \(\); expected at least 1 axis"),
        (lambda: entropy_distance([0.5, 0.5]), r"^p_xy has shape \(2,\); expected at least 2 axes"),
        (lambda: atoms(Joint(np.ones((1,) * 6), "A B C D E F")), r"expected one to five distinct words"),
    ],
)
def test_messages(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("text", ["I(X;W)", "I(X;W) = H(X) - H(X|W)", "X -> Y -> W", "H(W) - H(W)"])
def test_unknown_variables_in_a_text(text):
    with pytest.raises(ExpressionError, match=r'unknown variable "W": the variables are X, Y\n') as caught:
        P(text)
    assert text[caught.value.position] == "W"


def test_names_of_atoms_are_words_of_the_language():
    assert list(atoms([[0.5, 0.5]], "X₁ θ̂")) == ["H(X₁|θ̂)", "H(θ̂|X₁)", "I(X₁;θ̂)"]
