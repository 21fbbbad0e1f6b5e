"""The lowest room: namespaces, precision, the logarithm at zero, and error messages."""

import re
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
import torch

from ibcourse._array import (
    as_arrays,
    as_distributions,
    check_distribution,
    check_probabilities,
    namespace,
    to_numpy,
    tolerance,
    xlogy,
)


def says(message):
    """The whole message, word for word."""
    return f"^{re.escape(message)}$"


@pytest.mark.parametrize(
    "given",
    [
        [0, 1],
        (False, True),
        [Fraction(0), Fraction(1)],
        [Decimal(0), 1],
        np.array([0, 1], dtype=np.int8),
        np.array([0, 1], dtype=np.float16),
    ],
)
def test_lists_and_narrow_types_become_float64_numpy(given):
    xp, p = as_arrays(p=given)
    assert xp is np
    assert p.dtype == np.float64
    np.testing.assert_array_equal(p, [0.0, 1.0])


@pytest.mark.parametrize("dtype", [torch.int64, torch.bool, torch.float32, torch.bfloat16, torch.float64])
def test_tensors_become_float64_tensors(dtype):
    _, p = as_arrays(p=torch.tensor([0, 1]).to(dtype))
    assert p.dtype == torch.float64
    assert p.tolist() == [0.0, 1.0]


def test_lists_and_numpy_arrays_join_a_tensor():
    xp, p, q, r = as_arrays(p=[0, 1], q=torch.tensor([0.5, 0.5]), r=np.array([1, 0]))
    assert xp is namespace(q) is not np
    assert p.dtype == q.dtype == r.dtype == torch.float64


def test_numpy_arrays_that_torch_refuses_join_a_tensor_as_copies():
    backwards, fixed = np.array([0.25, 0.75])[::-1], np.array([0.75, 0.25])
    fixed.setflags(write=False)
    _, _, *copies = as_arrays(t=torch.ones(2), p=backwards, q=fixed)
    for p in copies:
        assert p.tolist() == [0.75, 0.25]
        p[0] = 9.0
    assert backwards[0] == fixed[0] == 0.75


def test_all_go_to_the_device_of_the_first_tensor():
    _, p, q, r = as_arrays(p=[0, 1], q=torch.ones(2, device="meta"), r=torch.ones(2))
    assert p.device == q.device == r.device == torch.device("meta")


def test_a_device_without_float64_computes_in_float32():
    class FakeMps:
        type = "mps"

    class Tensor(torch.Tensor):
        device = FakeMps()

        def to(self, *args, dtype, **kwargs):
            return dtype

    _, dtype = as_arrays(p=torch.ones(2).as_subclass(Tensor))
    assert dtype == torch.float32


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([[0.5], [0.25, 0.25]], "p is not a table of numbers with rows of equal length; NumPy says: "),
        (["0.5", "0.5"], "p holds text; expected real numbers."),
        (np.array(["a"]), "p holds text; expected real numbers."),
        (None, "p holds NoneType; expected real numbers."),
        ([0.5, None], "p holds NoneType; expected real numbers."),
        ([Fraction(1, 2), "0.5"], "p holds str; expected real numbers."),
        (np.ma.array([0.5, 0.5], mask=[0, 1]), "p is a masked array; expected a plain one. Fill the masked "),
        ([torch.tensor(0.5)] * 2, "p is a list that holds tensors; join them first: torch.stack(p)."),
        (([0.5, torch.tensor(0.5, requires_grad=True)],), "p is a list that holds tensors; join them first"),
        (np.array([1j]), "p holds complex128; expected real numbers."),
        (torch.tensor([1j]), "p holds torch.complex64; expected real numbers."),
    ],
)
def test_what_is_no_table_of_real_numbers(given, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        as_arrays(p=given)


@pytest.mark.parametrize("convert", [np.array, torch.tensor])
@pytest.mark.parametrize(
    ("cells", "axes", "message"),
    [
        (
            [1.2, -0.2],
            1,
            "p[1] is -0.2; a probability cannot be negative. "
            "If it is a rounding error, set it to 0 and divide by the sum.",
        ),
        (
            [[0.5, 0.5], [float("nan"), 1.0]],
            1,
            "p[1, 0] is nan; expected a finite number. "
            "Look for a division by zero before this call, such as an empty row divided by its sum.",
        ),
        (
            [float("inf"), 0.0],
            1,
            "p[0] is inf; expected a finite number. "
            "Look for a division by zero before this call, such as an empty row divided by its sum.",
        ),
        ([0.5, 0.75], 1, "p sums to 1.25, which is 0.25 too much (tolerance 1e-08). Divide it by its sum."),
        (
            [[0.5, 0.5], [0.25, 0.5]],
            1,
            "p[1] sums to 0.75, which is 0.25 too little (tolerance 1e-08). "
            "Divide it by its sum; or, if the whole table is one distribution, flatten it: p.reshape(-1).",
        ),
        (
            [[0.5, 0.5], [0.25, 0.75]],
            2,
            "p sums to 2, which is 1 too much (tolerance 1e-08). "
            "Divide a table of counts by its sum; multiply row x of a conditional table p(y|x) by p(x).",
        ),
        ([], 1, "p has shape (0,): an alphabet is empty; expected at least one symbol."),
        ([[], []], 2, "p has shape (2, 0): an alphabet is empty; expected at least one symbol."),
        (1.0, 1, "p has shape (); expected at least 1 axis, one for each variable."),
        ([1.0], 2, "p has shape (1,); expected at least 2 axes, one for each variable."),
    ],
)
def test_what_is_no_distribution(convert, cells, axes, message):
    with pytest.raises(ValueError, match=says(message)):
        check_distribution(convert(cells), "p", axes)


def test_a_cell_above_one_is_no_probability():
    check_probabilities(np.array([[0.0, 1.0]]))
    with pytest.raises(ValueError, match=says("q[0, 1] is 1.5; a probability is at most 1.")):
        check_probabilities(np.array([[0.5, 1.5]]), "q")
    with pytest.raises(ValueError, match=says("q is 1.5; a probability is at most 1.")):
        check_probabilities(np.array(1.5), "q")


def test_a_probability_above_one_is_shown_with_enough_digits():
    check_probabilities(np.array(1 + 1e-9), tolerance=1e-8)
    with pytest.raises(ValueError, match=says("p is 1.00000002; a probability is at most 1.")):
        check_probabilities(np.array(1 + 2e-8), tolerance=1e-8)


def test_tensors_whose_numbers_cannot_be_read():
    p = torch.full((3, 2), 0.5)
    for call in (lambda: as_distributions(p=p.to("meta")), lambda: torch.func.vmap(check_distribution)(p)):
        with pytest.raises(
            ValueError, match=r"^The numbers cannot be read.*give the whole batch in one call"
        ):
            call()


def test_a_tensor_leaves_its_gradient_to_become_numpy():
    p = torch.ones(2, requires_grad=True)
    np.testing.assert_array_equal(to_numpy(2 * p), [2.0, 2.0])


@pytest.mark.parametrize("requires_grad", [False, True])
def test_messages_about_tensors_that_carry_gradients(requires_grad):
    p = torch.tensor([0.5, 0.25], requires_grad=requires_grad)
    with pytest.raises(ValueError, match=r"^p sums to 0\.75"):
        as_distributions(p=p)


def test_an_empty_batch_is_allowed():
    check_distribution(np.empty((0, 3)))


@pytest.mark.parametrize(
    ("p", "q", "axes", "message"),
    [
        (
            (3,),
            (4,),
            1,
            "p and q have shapes (3,) and (4,); expected the same alphabet on the last axis of each.",
        ),
        (
            (3,),
            (1,),
            1,
            "p and q have shapes (3,) and (1,); expected the same alphabet on the last axis of each.",
        ),
        (
            (2, 3),
            (5, 3),
            1,
            "p and q have shapes (2, 3) and (5, 3); expected batch axes that are equal, or 1, or absent.",
        ),
        (
            (2, 3),
            (3, 2),
            2,
            "p and q have shapes (2, 3) and (3, 2); expected the same alphabet on the last 2 axes of each.",
        ),
    ],
)
def test_shapes_that_do_not_fit(p, q, axes, message):
    def uniform(shape):
        return np.full(shape, 1 / np.prod(shape[-axes:]))

    with pytest.raises(ValueError, match=says(message)):
        as_distributions(axes, p=uniform(p), q=uniform(q))


def test_batch_axes_broadcast():
    as_distributions(p=np.full((4, 1, 3), 1 / 3), q=np.full((5, 3), 1 / 3))


def test_the_tolerance_follows_the_type_that_was_given():
    assert tolerance([1, 0]) == tolerance(np.array([1, 0])) == tolerance(torch.ones(1).double()) == 1e-8
    assert 1e-6 < tolerance(np.ones(1, np.float32)) == tolerance(torch.ones(1)) < 1e-5
    thirds = np.full(3, 1 / 3)
    as_distributions(p=(thirds * (1 + 1e-6)).astype(np.float32))
    with pytest.raises(ValueError, match=r"^p sums to 1\.000001, which is 1e-06 too much"):
        as_distributions(p=thirds * (1 + 1e-6))
    as_distributions(p=thirds * (1 + 1e-9))


def test_xlogy():
    x, y = np.array([0.0, 0.0, 2.0, 1.0]), np.array([0.0, 3.0, 3.0, 0.0])
    np.testing.assert_array_equal(xlogy(x, y), [0.0, 0.0, 2 * np.log(3.0), -np.inf])


def test_the_gradient_of_xlogy_is_ln_y_and_x_over_y_and_zero_in_an_empty_cell():
    x = torch.tensor([0.0, 0.0, 2.0], requires_grad=True)
    y = torch.tensor([0.0, 3.0, 4.0], requires_grad=True)
    xlogy(x, y).sum().backward()
    torch.testing.assert_close(x.grad, torch.log(torch.tensor([1.0, 3.0, 4.0])))
    torch.testing.assert_close(y.grad, torch.tensor([0.0, 0.0, 0.5]))
