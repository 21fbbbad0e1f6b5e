"""Entropies and divergences: closed forms, loops, laws, gradients, rounding and messages."""

import itertools
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import scipy.special
import scipy.stats
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

import ibcourse
from ibcourse.information import (
    atoms,
    bits,
    conditional_entropy,
    cross_entropy,
    entropy,
    information_content,
    kl_divergence,
    mutual_information,
)
from ibcourse.information.measures import _kl_divergence

LN2 = math.log(2)
TINY = 1e-14  # a dozen roundings of numbers near one
XOR = np.array([[[0.25, 0], [0, 0.25]], [[0, 0.25], [0.25, 0]]])
CELL = st.sampled_from([0.0, 1e-300]) | st.floats(1e-9, 1.0)


def normalised(weights, axes=None):
    return weights / weights.sum(axis=axes, keepdims=True)


def tables(shape):
    """Distributions of a shape: with empty cells, and with cells of 1e-300."""
    return arrays(np.float64, shape, elements=CELL).filter(np.any).map(normalised)


def channels(n, m):
    """n distributions over m symbols, as rows."""
    return st.lists(tables(m), min_size=n, max_size=n).map(np.array)


JOINT = array_shapes(min_dims=2, max_dims=2, max_side=4).flatmap(tables)
DISTRIBUTION = st.integers(1, 6).flatmap(tables)
PAIR = st.integers(1, 6).flatmap(lambda n: st.tuples(tables(n), tables(n)))
MARKOV = st.tuples(tables((3, 2)), channels(2, 3)).map(lambda t: np.einsum("yx,xz->yxz", *t))


def binary_entropy(p):
    return -p * math.log(p) - (1 - p) * math.log(1 - p)


def random_table(*shape, seed=0):
    return normalised(np.random.default_rng(seed).exponential(size=shape))


# ------------------------------------------------------------------------------------------ closed forms


@pytest.mark.source("S1.D.h")
def test_information_content():
    np.testing.assert_allclose(information_content([1 / 8, 1 / math.e]), [3 * LN2, 1.0], rtol=1e-15)
    assert information_content(0) == math.inf
    assert str(information_content(1)) == "0.0"  # and not −0
    assert information_content(0.2 * 0.3) == pytest.approx(
        information_content(0.2) + information_content(0.3), rel=1e-14
    )


@pytest.mark.source("S1.D.H1", "S3.Def1.1")
@pytest.mark.parametrize("p", [0.01, 0.3, 0.5])
def test_binary_entropy(p):
    assert entropy([p, 1 - p]) == pytest.approx(binary_entropy(p), rel=1e-14, abs=0)


@pytest.mark.parametrize("n", [1, 2, 7, 1000])
def test_entropy_of_certain_and_of_equally_probable_symbols(n):
    assert entropy(np.full(n, 1 / n)) == pytest.approx(math.log(n), rel=1e-14)
    assert str(entropy(np.eye(n)[0])) == "0.0"


@pytest.mark.source("S1.D.KL")
def test_divergence_of_bernoulli_distributions():
    p, q = 0.3, 0.6
    expected = p * math.log(p / q) + (1 - p) * math.log((1 - p) / (1 - q))
    assert kl_divergence([p, 1 - p], [q, 1 - q]) == pytest.approx(expected, rel=1e-14, abs=0)


@pytest.mark.parametrize("flip", [0.0, 0.1, 0.5])
def test_binary_symmetric_channel(flip):
    joint = np.array([[1 - flip, flip], [flip, 1 - flip]]) / 2
    noise = binary_entropy(flip) if flip else 0.0
    assert conditional_entropy(joint) == pytest.approx(noise, rel=1e-14, abs=0)
    assert mutual_information(joint) == pytest.approx(LN2 - noise, rel=1e-14, abs=1e-16)


def test_bits():
    assert bits(LN2) == 1.0
    np.testing.assert_allclose(bits([0.0, 3 * LN2, math.inf]), [0.0, 3.0, math.inf])
    assert bits(torch.tensor(LN2, dtype=torch.float64)).item() == 1.0


# -------------------------------------------------------------------------------- the definitions, as loops


@pytest.mark.source("S1.D.H1", "S1.D.H2", "S1.D.I1", "S1.D.CE", "S1.D.KL", "S3.Def1.1", "S3.CE1", "S3.CE2")
@pytest.mark.parametrize("seed", range(5))
def test_against_loops(seed):
    p, q = random_table(3, 4, seed=seed), random_table(3, 4, seed=seed + 100)
    cells = list(itertools.product(range(3), range(4)))
    p_x = [math.fsum(p[x]) for x in range(3)]
    p_y = [math.fsum(p[:, y]) for y in range(4)]
    q_x = [math.fsum(q[x]) for x in range(3)]

    def mean(value):
        return pytest.approx(math.fsum(p[x, y] * value(x, y) for x, y in cells), rel=1e-13)

    flat_p, flat_q = p.reshape(-1), q.reshape(-1)
    assert entropy(flat_p) == mean(lambda x, y: -math.log(p[x, y]))
    assert cross_entropy(flat_p, flat_q) == mean(lambda x, y: -math.log(q[x, y]))
    assert kl_divergence(flat_p, flat_q) == mean(lambda x, y: math.log(p[x, y] / q[x, y]))
    assert conditional_entropy(p) == mean(lambda x, y: -math.log(p[x, y] / p_x[x]))
    assert conditional_entropy(p.T) == mean(lambda x, y: -math.log(p[x, y] / p_y[y]))
    assert mutual_information(p) == mean(lambda x, y: math.log(p[x, y] / (p_x[x] * p_y[y])))
    # The conditional versions are means over the rows, the batch.
    p_y_x, q_y_x = normalised(p, 1), normalised(q, 1)
    assert p_x @ cross_entropy(p_y_x, q_y_x) == mean(lambda x, y: -math.log(q[x, y] / q_x[x]))
    assert p_x @ kl_divergence(p_y_x, q_y_x) == mean(
        lambda x, y: math.log(p[x, y] / p_x[x] / (q[x, y] / q_x[x]))
    )


@given(PAIR)
def test_against_scipy(pair):
    p, q = pair
    np.testing.assert_allclose(entropy(p), scipy.stats.entropy(p), rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(kl_divergence(p, q), scipy.special.rel_entr(p, q).sum(), rtol=1e-12, atol=TINY)


# ------------------------------------------------------------------------------------------------ the laws


@given(DISTRIBUTION)
def test_entropy_lies_between_zero_and_ln_n(p):
    assert 0 <= entropy(p) <= math.log(len(p)) + TINY


@given(PAIR)
def test_divergence_is_zero_only_between_equals(pair):
    p, q = pair
    assert kl_divergence(p, p) == 0
    assert kl_divergence(p, q) >= 0
    if np.abs(p - q).max() > 1e-12:
        assert kl_divergence(p, q) > 0
    # Pinsker's inequality says by how much.
    assert kl_divergence(p, q) >= np.abs(p - q).sum() ** 2 / 2 * (1 - 1e-12)


@pytest.mark.source("S1.D.KL")
@given(PAIR)
def test_cross_entropy_is_entropy_plus_divergence(pair):
    p, q = pair
    np.testing.assert_allclose(cross_entropy(p, q), entropy(p) + kl_divergence(p, q), rtol=1e-13, atol=TINY)


@pytest.mark.source("S1.D.H2")
@given(JOINT)
def test_chain_rule_and_conditioning_lowers_entropy(p_xy):
    joint, h_x, h_y = entropy(p_xy.reshape(-1)), entropy(p_xy.sum(1)), entropy(p_xy.sum(0))
    assert joint == pytest.approx(h_x + conditional_entropy(p_xy), abs=TINY)
    assert -TINY <= conditional_entropy(p_xy) <= h_y + TINY


@pytest.mark.source("S1.D.I1", "S3.MI1", "S3.MI2", "S3.MI3", "S1.Eq13", "S1.Eq14", "S1.Eq17", "S1.Eq18")
@given(JOINT)
def test_five_forms_of_mutual_information(p_xy):
    p_x, p_y = p_xy.sum(1), p_xy.sum(0)
    information = mutual_information(p_xy)
    assert 0 <= information <= min(entropy(p_x), entropy(p_y)) + TINY
    assert mutual_information(p_xy.T) == pytest.approx(information, abs=TINY)
    assert entropy(p_x) - conditional_entropy(p_xy.T) == pytest.approx(information, abs=TINY)
    assert entropy(p_y) - conditional_entropy(p_xy) == pytest.approx(information, abs=TINY)
    assert entropy(p_x) + entropy(p_y) - entropy(p_xy.reshape(-1)) == pytest.approx(information, abs=TINY)
    product = np.outer(p_x, p_y)
    if (product[p_xy > 0] > 0).all():  # it may underflow
        assert kl_divergence(p_xy.reshape(-1), product.reshape(-1)) == pytest.approx(information, abs=TINY)
    rows = p_x > 0
    mean = p_x[rows] @ kl_divergence(p_xy[rows] / p_x[rows, None], p_y)
    assert mean == pytest.approx(information, abs=TINY)


@given(st.tuples(tables(3), tables(4)))
def test_independent_variables_share_nothing(pair):
    assert mutual_information(np.outer(*pair)) <= 1e-16


@pytest.mark.source("S3.Ex5", "S3.Chain")
@given(MARKOV)
def test_chain_rule_of_information_and_data_processing(p_yxz):
    found = atoms(p_yxz, "Y X Z")
    i_xy, i_yz = mutual_information(p_yxz.sum(2)), mutual_information(p_yxz.sum(1))
    i_y_xz = mutual_information(p_yxz.reshape(3, -1))
    assert i_y_xz == pytest.approx(i_yz + found["I(Y;X|Z)"], abs=TINY)
    assert i_y_xz == pytest.approx(i_xy, abs=TINY)
    assert i_yz <= i_xy + TINY


@given(PAIR, st.floats(0, 1))
def test_entropy_is_concave_and_divergence_convex(pair, weight):
    (p, q), uniform = pair, np.full(len(pair[0]), 1 / len(pair[0]))
    mixture = weight * p + (1 - weight) * q
    assert entropy(mixture) >= weight * entropy(p) + (1 - weight) * entropy(q) - TINY
    assert (
        kl_divergence(mixture, uniform)
        <= weight * kl_divergence(p, uniform) + (1 - weight) * kl_divergence(q, uniform) + TINY
    )


# ------------------------------------------------------------------------------------------------- the atoms


@pytest.mark.source("S1.D.Idiag")
@given(st.integers(1, 5).flatmap(lambda n: tables((2,) * n)))
def test_atoms_sum_to_the_joint_entropy(p):
    total = sum(atoms(p, " ".join("ABCDE"[: p.ndim])).values())
    assert total == pytest.approx(entropy(p.reshape(-1)), abs=5 * TINY)  # up to 31 atoms of 32 entropies each


def test_names_and_order_of_the_atoms():
    assert list(atoms([1.0], "A")) == ["H(A)"]
    assert list(atoms([[1.0]], "A B")) == ["H(A|B)", "H(B|A)", "I(A;B)"]
    assert list(atoms(XOR, "Z Y X")) == [
        "H(Z|Y,X)",
        "H(Y|Z,X)",
        "H(X|Z,Y)",
        "I(Z;Y|X)",
        "I(Z;X|Y)",
        "I(Y;X|Z)",
        "I(Z;Y;X)",
    ]
    assert atoms(XOR, ["Z", "Y", "X"]) == atoms(XOR, "Z Y X")
    five = atoms(np.ones((1,) * 5), "A B C D E")
    assert len(five) == 31
    assert {"I(A;C|B,D,E)", "I(A;B;D|C,E)", "I(A;B;C;D;E)"} <= set(five)


@pytest.mark.source("S1.D.Idiag", "S1.D.I2", "S1.A.6", "S3.CMI1", "S3.CMI2", "S3.CMI3", "S3.CMI4")
@given(tables((2, 3, 2)))
def test_atoms_of_three_variables(p):
    """Unions, differences and intersections of the diagram are joint, conditional and mutual quantities."""
    a = atoms(p)
    p_xy, p_xz, p_yz, p_z = p.sum(2), p.sum(1), p.sum(0), p.sum((0, 1))
    h = {"X": p.sum((1, 2)), "Y": p.sum((0, 2)), "Z": p_z, "XY": p_xy, "XZ": p_xz, "YZ": p_yz, "XYZ": p}
    h = {name: entropy(table.reshape(-1)) for name, table in h.items()}
    h_x_z, h_y_z = conditional_entropy(p_xz.T), conditional_entropy(p_yz.T)
    h_x_yz = conditional_entropy(p.reshape(2, -1).T)
    h_xy_z = conditional_entropy(p.reshape(-1, 2).T)
    i_xy_z = sum(p_z[z] * mutual_information(p[..., z] / p_z[z]) for z in range(2) if p_z[z] > 0)

    expected = {
        "I(X;Y|Z)": [i_xy_z, h["XZ"] + h["YZ"] - h["XYZ"] - h["Z"], h_x_z - h_x_yz, h_x_z + h_y_z - h_xy_z],
        "H(X|Y,Z)": [h_x_yz, h["XYZ"] - h["YZ"]],
        "I(X;Y;Z)": [mutual_information(p_xy) - i_xy_z],
    }
    for expression, values in expected.items():
        np.testing.assert_allclose(values, a[expression], atol=TINY)
    for expression in set(a) - {"I(X;Y;Z)"}:
        assert a[expression] >= -TINY


@pytest.mark.source("S1.R2", "S1.R3")
def test_two_halves_of_a_secret():
    """X and Y share nothing, yet the region where they meet is not empty: it holds +ln 2 and −ln 2."""
    a = atoms(XOR)
    assert mutual_information(XOR.sum(2)) == 0
    assert a["I(X;Y|Z)"] == pytest.approx(LN2, rel=1e-14, abs=0)
    assert a["I(X;Y;Z)"] == pytest.approx(-LN2, rel=1e-14, abs=0)


@pytest.mark.source("E1.1", "S1.Q5")
def test_the_nuisance_identity_needs_its_condition():
    """H(X|Y) = H(X|Y,Z) + I(X;Z|Y); with I(X;Z), as printed, it fails for three copies of one fair bit."""
    copies = np.zeros((2, 2, 2))
    copies[0, 0, 0] = copies[1, 1, 1] = 0.5
    a = atoms(copies)
    assert a == pytest.approx({name: LN2 * (name == "I(X;Y;Z)") for name in a})
    nuisance, i_xz = conditional_entropy(copies.sum(2).T), mutual_information(copies.sum(1))
    assert nuisance == 0
    assert a["H(X|Y,Z)"] + i_xz == pytest.approx(LN2)
    assert a["H(X|Y,Z)"] + a["I(X;Z|Y)"] == pytest.approx(nuisance, abs=TINY)


@pytest.mark.source("E1.1", "S1.Q5")
@given(tables((2, 3, 2)))
def test_the_corrected_nuisance_identity(p):
    a = atoms(p)
    assert conditional_entropy(p.sum(2).T) == pytest.approx(a["H(X|Y,Z)"] + a["I(X;Z|Y)"], abs=TINY)


@pytest.mark.source("S1.3.2", "S1.A.1", "S1.A.3", "S1.A.4", "S1.A.5", "S1.Q1", "S1.Q2", "S1.Q3", "S1.Q4")
@pytest.mark.source("S1.Eq2", "S1.Eq3", "S1.Eq11", "S1.Eq12", "S1.Eq15", "S1.Eq16")
@given(MARKOV)
def test_the_diagram_of_a_representation(p_yxz):
    """If Z depends on Y through X alone, then what all three share is I(Y;Z), and six atoms remain."""
    a = atoms(p_yxz, "Y X Z")
    p_yx, p_yz, p_xz = p_yxz.sum(2), p_yxz.sum(1), p_yxz.sum(0)
    i_yz = mutual_information(p_yz)
    assert a["I(Y;Z|X)"] == pytest.approx(0, abs=TINY)
    assert a["I(Y;X;Z)"] == pytest.approx(i_yz, abs=TINY)
    assert a["H(Y|X,Z)"] == pytest.approx(conditional_entropy(p_yx.T), abs=TINY)
    assert min(a.values()) >= -TINY
    assert mutual_information(p_yx) == pytest.approx(a["I(Y;X|Z)"] + i_yz, abs=TINY)
    assert mutual_information(p_xz) == pytest.approx(a["I(X;Z|Y)"] + i_yz, abs=TINY)
    assert conditional_entropy(p_yz.T) == pytest.approx(a["I(Y;X|Z)"] + conditional_entropy(p_yx.T), abs=TINY)
    assert conditional_entropy(p_yz) == pytest.approx(a["I(X;Z|Y)"] + conditional_entropy(p_xz), abs=TINY)
    assert entropy(p_yx.sum(1)) == pytest.approx(conditional_entropy(p_yx.T) + i_yz + a["I(Y;X|Z)"], abs=TINY)
    assert entropy(p_xz.sum(0)) == pytest.approx(conditional_entropy(p_xz) + i_yz + a["I(X;Z|Y)"], abs=TINY)


# --------------------------------------------------------------------------------- batches, torch, gradients

BATCHED = [
    (information_content, [random_table(5, 4)]),
    (entropy, [normalised(random_table(5, 2, 4), -1)]),
    (cross_entropy, [normalised(random_table(5, 1, 4), -1), normalised(random_table(2, 4, seed=1), -1)]),
    (kl_divergence, [normalised(random_table(5, 1, 4), -1), normalised(random_table(2, 4, seed=1), -1)]),
    (conditional_entropy, [normalised(random_table(5, 2, 3, 4), (-2, -1))]),
    (mutual_information, [normalised(random_table(5, 2, 3, 4), (-2, -1))]),
]
IDS = [function.__name__ for function, _ in BATCHED]


@pytest.mark.parametrize(("function", "inputs"), BATCHED[1:], ids=IDS[1:])
def test_a_batch_is_many_single_calls(function, inputs):
    axes = 2 if function in (conditional_entropy, mutual_information) else 1
    batch = np.broadcast_shapes(*(x.shape[:-axes] for x in inputs))
    full = [np.broadcast_to(x, batch + x.shape[-axes:]) for x in inputs]
    expected = [function(*(x[index] for x in full)) for index in np.ndindex(batch)]
    result = function(*inputs)
    assert result.shape == batch == (5, 2)
    np.testing.assert_allclose(result.reshape(-1), expected, rtol=1e-14)


@pytest.mark.parametrize(("function", "inputs"), BATCHED, ids=IDS)
def test_torch_agrees_with_numpy_and_inputs_stay(function, inputs):
    copies = [x.copy() for x in inputs]
    tensors = [torch.tensor(x) for x in inputs]
    expected, result = function(*inputs), function(*tensors)
    assert isinstance(result, torch.Tensor)
    np.testing.assert_allclose(result.numpy(), expected, rtol=1e-14)
    for x, tensor, copy in zip(inputs, tensors, copies, strict=True):
        np.testing.assert_array_equal(x, copy)
        np.testing.assert_array_equal(tensor.numpy(), copy)
    np.testing.assert_array_equal(function(*(x.tolist() for x in inputs)), expected)
    # A float32 tensor is a float64 computation on its rounded cells.
    single = function(*(tensor.float() for tensor in tensors))
    assert single.dtype == torch.float64
    np.testing.assert_allclose(single.numpy(), expected, rtol=1e-4, atol=1e-7)


def test_atoms_in_torch():
    p = torch.tensor(random_table(2, 3, 2), requires_grad=True)
    result = atoms(p)
    assert {name: value.item() for name, value in result.items()} == pytest.approx(atoms(p.detach().numpy()))
    result["I(X;Y;Z)"].backward()
    assert p.grad.isfinite().all()


def test_scalars_are_numpy_floats():
    p = [[0.5, 0.25], [0.25, 0.0]]
    results = [entropy(p[0] + p[1]), conditional_entropy(p), mutual_information(p), information_content(0.5)]
    results += [cross_entropy([0.5, 0.5], [0.5, 0.5]), kl_divergence([0.5, 0.5], [0.5, 0.5])]
    results += [bits(1.0), *atoms(p, "X Y").values()]
    assert all(isinstance(result, np.float64) for result in results)


@pytest.mark.parametrize(
    ("function", "shape", "n"),
    [
        (entropy, (4,), 1),
        (cross_entropy, (4,), 2),
        (kl_divergence, (4,), 2),
        (conditional_entropy, (3, 4), 1),
        (mutual_information, (3, 4), 1),
        (lambda p: atoms(p)["I(X;Y;Z)"], (2, 3, 2), 1),
    ],
)
def test_gradients_agree_with_finite_differences(function, shape, n):
    """The logits move, so that the probabilities stay probabilities."""
    generator = torch.Generator().manual_seed(0)
    logits = [torch.randn(shape, dtype=torch.float64, generator=generator).requires_grad_() for _ in range(n)]

    def value(*logits):
        return function(*(x.reshape(-1).softmax(0).reshape(shape) for x in logits))

    assert torch.autograd.gradcheck(value, logits)


def test_gradients_in_closed_form():
    p = torch.tensor([0.2, 0.3, 0.5], dtype=torch.float64, requires_grad=True)
    q = torch.tensor([0.6, 0.3, 0.1], dtype=torch.float64, requires_grad=True)

    def gradient(value, x):
        return torch.autograd.grad(value, x)[0]

    torch.testing.assert_close(gradient(entropy(p), p), -torch.log(p) - 1)
    torch.testing.assert_close(gradient(cross_entropy(p, q), p), -torch.log(q))
    torch.testing.assert_close(gradient(cross_entropy(p, q), q), -p / q)
    torch.testing.assert_close(gradient(kl_divergence(p, q), p), torch.log(p / q))
    torch.testing.assert_close(gradient(kl_divergence(p, q), q), 1 - p / q)


@pytest.mark.parametrize("small", [0.0, 1e-300])
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_gradients_are_finite_at_empty_cells(small, dtype):
    def leaf(cells):
        return torch.tensor(cells, dtype=dtype, requires_grad=True)

    p, q = leaf([small, 0.5, small, 0.5]), leaf([small, 0.25, 0.25, 0.5])
    joint = leaf([[small, small], [0.5, 0.5]])
    cube = leaf([[[0.5, small], [small, 0.5]], [[small, small], [small, small]]])
    total = entropy(p) + cross_entropy(p, q) + kl_divergence(p, q)
    total = total + conditional_entropy(joint) + mutual_information(joint) + mutual_information(joint.T)
    (total + sum(atoms(cube).values())).backward()
    for x in (p, q, joint, cube):
        assert x.grad.dtype == dtype
        assert x.grad.isfinite().all()


def test_second_derivatives_at_equal_distributions():
    """There a divergence has its minimum, and its curvature is the Fisher information."""
    p = torch.tensor([0.2, 0.3, 0.5], dtype=torch.float64)
    hessian = torch.autograd.functional.hessian
    torch.testing.assert_close(hessian(lambda q: kl_divergence(p, q), p, strict=True), torch.diag(1 / p))
    torch.testing.assert_close(hessian(lambda q: kl_divergence(q, p), p), torch.diag(1 / p))
    fisher = hessian(lambda logits: kl_divergence(p, logits.softmax(0)), torch.log(p))
    torch.testing.assert_close(fisher, torch.diag(p) - torch.outer(p, p))


def test_second_derivatives_at_independent_variables():
    """I = KL(p ‖ p_x p_y), so along δ with zero sums of rows and columns it grows as ½ Σ δ² / p."""
    p = torch.full((2, 2), 0.25, dtype=torch.float64)
    delta = torch.tensor([[1.0, -1.0], [-1.0, 1.0]], dtype=torch.float64)
    curvature = torch.autograd.functional.hessian(
        lambda s: mutual_information(p + s * delta), p.new_zeros(())
    )
    assert curvature.item() == pytest.approx(16)
    # In all directions: the Hessian of H(X) + H(Y) − H(X,Y).
    full = torch.autograd.functional.hessian(
        lambda logits: mutual_information(_softmax(logits)), p.new_zeros(p.shape)
    )
    entropies = torch.autograd.functional.hessian(
        lambda logits: (
            entropy(_softmax(logits).sum(0))
            + entropy(_softmax(logits).sum(1))
            - entropy(_softmax(logits).reshape(-1))
        ),
        p.new_zeros(p.shape),
    )
    torch.testing.assert_close(full, entropies)


def _softmax(logits):
    return logits.reshape(-1).softmax(0).reshape(logits.shape)


def test_the_derivative_at_an_empty_cell_of_p_is_that_of_its_correction():
    p = torch.tensor([0.0, 0.0, 1.0], dtype=torch.float64, requires_grad=True)
    kl_divergence(p, torch.tensor([0.5, 0.0, 0.5])).backward()
    torch.testing.assert_close(p.grad, torch.tensor([-1.0, -1.0, LN2], dtype=torch.float64))


# -------------------------------------------------------------------------------------------------- rounding


def test_a_sum_that_rounds_above_one_has_content_zero():
    assert information_content(1 + 2**-52) == information_content(torch.tensor(1 + 1e-6)) == 0
    np.testing.assert_array_equal(information_content([0.5, 1 + 1e-9]), [LN2, 0.0])


@pytest.mark.parametrize("make", [np.asarray, torch.tensor])
def test_no_term_of_a_divergence_is_negative(make):
    """Each term p (u − ln(1 + u)) alone, since others would hide it."""
    generator = np.random.default_rng(1)
    size = 10.0 ** generator.uniform(-16, -0.4, 300_000)
    p = generator.uniform(0.01, 0.5, size.shape)
    q = p * (1 + size * generator.choice([-1, 1], size.shape))
    assert _kl_divergence(make(p[:, None]), make(q[:, None])).min() >= 0


def test_divergence_of_neighbours_keeps_its_digits():
    """D is about Σ δ²/2p − δ³/3p²; a plain sum of p ln(p/q) is wrong by 1e-17, with either sign."""
    p = random_table(50)
    for size in [1e-3, 1e-6, 1e-9]:
        q = p + size * np.repeat(np.minimum(p[::2], p[1::2]), 2) * np.tile([1.0, -1.0], 25)
        delta = q - p
        expected = math.fsum(delta**2 / (2 * p)) - math.fsum(delta**3 / (3 * p**2))
        assert kl_divergence(p, q) == pytest.approx(expected, rel=1e-5, abs=0)


def test_no_rounding_error_is_negative():
    generator = np.random.default_rng(0)
    p = generator.dirichlet(np.ones(30), size=2000)
    q = normalised(p * (1 + 1e-15 * generator.normal(size=p.shape)), -1)
    assert (kl_divergence(p, q) >= 0).all()
    product = p[:, :, None] * q[::-1, None, :]
    assert mutual_information(product).min() >= 0
    assert mutual_information(product).max() < 1e-15


def test_very_small_cells():
    p = np.array([1.0, 1e-300])
    assert entropy(p) == pytest.approx(300 * math.log(10) * 1e-300, rel=1e-14, abs=0)
    assert kl_divergence(p, p[::-1]) == pytest.approx(300 * math.log(10), rel=1e-14, abs=0)
    assert kl_divergence([1.0, 5e-324], [5e-324, 1.0]) == pytest.approx(-math.log(5e-324), rel=1e-14, abs=0)
    # p(x) p(y) underflows to zero in the last cell of this table, whose variables are equal.
    assert mutual_information([[1.0, 0.0], [0.0, 1e-200]]) == pytest.approx(
        200 * math.log(10) * 1e-200, rel=1e-13
    )


def test_infinite_where_q_is_zero_and_p_is_not():
    for function in (cross_entropy, kl_divergence):
        np.testing.assert_array_equal(function([0.5, 0.5, 0], [1, 0, 0]), math.inf)
        assert function([1, 0, 0], [0.5, 0, 0.5]) == pytest.approx(LN2)
        assert torch.isinf(function(torch.tensor([0.5, 0.5]), torch.tensor([1.0, 0.0])))


# -------------------------------------------------------------------------------------------------- messages


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: information_content(1.5), r"^p is 1\.5; a probability is at most 1\.$"),
        (lambda: information_content([0.5, -1]), r"^p\[1\] is -1; a probability cannot be negative"),
        (lambda: entropy([0.5, 0.4]), r"^p sums to 0\.9, which is 0\.1 too little"),
        (lambda: entropy(0.5), r"^p has shape \(\); expected at least 1 axis"),
        (lambda: cross_entropy([0.5, 0.5], [0.5, 0.6]), r"^q sums to 1\.1, which is 0\.1 too much"),
        (
            lambda: kl_divergence([1.0], [0.5, 0.5]),
            r"^p and q have shapes \(1,\) and \(2,\); expected the same",
        ),
        (lambda: conditional_entropy([0.5, 0.5]), r"^p_xy has shape \(2,\); expected at least 2 axes"),
        (lambda: mutual_information(np.eye(2)), r"^p_xy sums to 2, .* multiply row x of a conditional table"),
        (lambda: atoms(XOR, "X Y"), r'^p has 3 axes, shape \(2, 2, 2\), but names lists 2 variables, "X Y"'),
        (lambda: atoms(XOR, "X Y X"), r'^names is "X Y X"; expected one to five distinct words'),
        (lambda: atoms(XOR, "X,Y Z W"), r'^names is "X,Y Z W"; expected one to five distinct words'),
        (lambda: atoms(np.ones((1,) * 6), "A B C D E F"), r"expected one to five distinct words"),
        (lambda: atoms(XOR, [1, 2, 3]), r'^names is "1 2 3"; expected one to five distinct words'),
        (lambda: atoms(1.0, ""), r'^names is ""; expected one to five distinct words'),
        (lambda: atoms(XOR / 2), r"^p sums to 0\.5, which is 0\.5 too little"),
    ],
)
def test_messages(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize(
    "module",
    [
        "ibcourse.information",
        "ibcourse.rate_distortion",
        "ibcourse.sufficiency",
        "ibcourse.bottleneck",
        "ibcourse.data",
    ],
)
def test_neither_torch_nor_matplotlib_is_imported(module):
    code = f"import {module}, sys; print(sorted(sys.modules.keys() & {{'torch', 'matplotlib'}}))"
    root = Path(ibcourse.__file__).parents[1]
    run = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"
