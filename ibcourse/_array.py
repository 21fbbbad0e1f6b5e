"""Arrays: namespaces, the logarithm at zero, and validation.

The lowest room of the package.  Its functions take NumPy arrays, torch tensors on any device, or nested
lists, which are read as NumPy arrays.  Nothing here imports torch: a tensor can only come from a caller who
did.
"""

import math
from decimal import Decimal
from numbers import Integral, Real
from typing import Any, TypeAlias

import numpy as np
from array_api_compat import array_namespace, is_torch_array

Array: TypeAlias = Any  # a NumPy array or a torch tensor
ArrayLike: TypeAlias = Any  # the same, or nested lists of numbers


def namespace(*values: ArrayLike) -> Any:
    """Return the array namespace of the values: that of torch if any is a tensor, else ``numpy``.

    NumPy 2 follows the array API standard itself, so that only torch needs the compatibility layer.

    >>> namespace([1, 2], np.ones(2)).__name__
    'numpy'
    """
    tensors = [value for value in values if is_torch_array(value)]
    return array_namespace(*tensors) if tensors else np


def as_arrays(**values: ArrayLike) -> tuple[Any, ...]:
    """Return the namespace of the values, then the values as its floating-point arrays.

    Parameters
    ----------
    **values : array_like
        The arguments of the calling function, by the names that its error messages shall use.

    Returns
    -------
    xp : module
        ``numpy``, or the array namespace of torch if any value is a tensor.
    *arrays : array
        The values in float64, or in float32 on a device that has no float64 (mps).  If any is a tensor, all
        are, on the device of the first; gradients flow through.

    Raises
    ------
    ValueError
        If a value is not a rectangular table of real numbers.

    Examples
    --------
    >>> xp, p = as_arrays(p=[1, 0])
    >>> p
    array([1., 0.])
    """
    xp = namespace(*values.values())
    if xp is np:
        return np, *(_as_numpy(name, value) for name, value in values.items())
    device = next(value.device for value in values.values() if is_torch_array(value))
    dtype = xp.float32 if device.type == "mps" else xp.float64
    tensors = (_as_tensor(name, value, xp) for name, value in values.items())
    return xp, *(xp.astype(tensor, dtype, copy=False, device=device) for tensor in tensors)


def to_numpy(array: Array) -> np.ndarray:
    """Return the numbers of an array as NumPy's: a tensor leaves its device and its gradient.

    >>> to_numpy(np.ones(2))
    array([1., 1.])
    """
    return array.detach().cpu().numpy() if is_torch_array(array) else array


def _as_tensor(name: str, value: ArrayLike, xp: Any) -> Array:
    if not is_torch_array(value):
        return xp.asarray(_as_numpy(name, value).copy())  # torch takes neither read-only nor reversed arrays
    if value.is_complex():
        raise ValueError(f"{name} holds {value.dtype}; expected real numbers.")
    return value


def _as_numpy(name: str, value: ArrayLike) -> np.ndarray:
    if isinstance(value, np.ma.MaskedArray):
        raise ValueError(
            f"{name} is a masked array; expected a plain one. Fill the masked cells, such as by "
            f"{name}.filled(0), and divide by the sum."
        )
    if _holds_tensors(value):
        raise ValueError(f"{name} is a list that holds tensors; join them first: torch.stack({name}).")
    try:
        array = np.asarray(value)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"{name} is not a table of numbers with rows of equal length; NumPy says: {error}"
        ) from error
    odd = [x for x in array.flat if not isinstance(x, Real | Decimal)] if array.dtype == object else []
    if odd or array.dtype.kind not in "biufO":
        kind = type(odd[0]).__name__ if odd else "text" if array.dtype.kind in "SUT" else array.dtype
        raise ValueError(f"{name} holds {kind}; expected real numbers.")
    return array.astype(np.float64, copy=False)  # fractions and decimals too, which NumPy has as objects


def _holds_tensors(value: ArrayLike) -> bool:
    return isinstance(value, list | tuple) and any(is_torch_array(x) or _holds_tensors(x) for x in value)


def as_distributions(axes: int = 1, **values: ArrayLike) -> tuple[Any, ...]:
    """Return the namespace of the values, then the values as checked, floating-point distributions.

    Parameters
    ----------
    axes : int
        How many last axes one distribution has: 1 for p(x) and for the rows of p(y|x), 2 for p(x, y).
        The axes before them are a batch.
    **values : array_like, shape (..., n_1, ..., n_axes)
        The distributions, by the names that error messages shall use.

    Returns
    -------
    xp : module
        The namespace.
    *arrays : array
        The distributions, converted by `as_arrays`.

    Raises
    ------
    ValueError
        If a value is not a distribution (see `check_distribution`), or if two values do not fit each other.

    Examples
    --------
    >>> xp, p, q = as_distributions(p=[0.5, 0.5], q=[1, 0])
    """
    xp, *arrays = as_arrays(**values)
    for (name, value), array in zip(values.items(), arrays, strict=True):
        check_distribution(array, name, axes, tolerance(value))
    check_shapes(axes, **dict(zip(values, arrays, strict=True)))
    return xp, *arrays


def tolerance(value: ArrayLike) -> float:
    """Return how far from one the sum of the given probabilities may be.

    It is 1e-8, or more where the floating-point type of the value rounds more coarsely.

    >>> tolerance([0.5, 0.5])
    1e-08
    >>> round(tolerance(np.ones(1, dtype=np.float32)), 8)
    1.91e-06
    """
    xp = namespace(value)
    dtype = getattr(value, "dtype", np.float64)
    return max(1e-8, 16 * float(xp.finfo(dtype).eps)) if xp.isdtype(dtype, "real floating") else 1e-8


def check_probabilities(p: Array, name: str = "p", tolerance: float = 0.0) -> None:
    """Raise ValueError unless every cell is a number from 0 to 1, or above 1 by no more than the tolerance.

    >>> check_probabilities(np.array([0.5, 1.2]), "p")
    Traceback (most recent call last):
    ValueError: p[1] is 1.2; a probability is at most 1.
    """
    _check_cells(p, name)
    if (above := _first(p > 1 + tolerance)) is not None:
        raise ValueError(f"{_cell(name, above)} is {p[above].item():.10g}; a probability is at most 1.")


def check_distribution(p: Array, name: str = "p", axes: int = 1, tolerance: float = 1e-8) -> None:
    """Raise ValueError unless the last axes of an array hold probability distributions.

    Parameters
    ----------
    p : array, shape (..., n_1, ..., n_axes)
        The array; axes before the last ones are a batch.
    name : str
        What the error message calls it.
    axes : int
        How many last axes one distribution has.
    tolerance : float
        How far from one a sum may be.

    Raises
    ------
    ValueError
        For too few axes, an empty alphabet, a cell that is negative or not finite, a sum that is not one.

    Examples
    --------
    >>> check_distribution(np.array([0.5, 0.4]))
    Traceback (most recent call last):
    ValueError: p sums to 0.9, which is 0.1 too little (tolerance 1e-08). Divide it by its sum.
    """
    shape = tuple(p.shape)
    if len(shape) < axes:
        raise ValueError(
            f"{name} has shape {shape}; expected at least {axes} {'axis' if axes == 1 else 'axes'}, "
            f"one for each variable."
        )
    if 0 in shape[-axes:]:
        raise ValueError(f"{name} has shape {shape}: an alphabet is empty; expected at least one symbol.")
    _check_cells(p, name)
    xp = namespace(p)
    total = xp.sum(p, axis=tuple(range(-axes, 0)))
    wrong = _first(xp.abs(total - 1) > tolerance)
    if wrong is None:
        return
    value = total[wrong].item()
    advice = " Divide it by its sum."
    if axes > 1:
        advice = " Divide a table of counts by its sum; multiply row x of a conditional table p(y|x) by p(x)."
    elif wrong:
        advice = (
            " Divide it by its sum; or, if the whole table is one distribution, flatten it: "
            f"{name}.reshape(-1)."
        )
    raise ValueError(
        f"{_cell(name, wrong)} sums to {value:.10g}, which is {abs(value - 1):.3g} "
        f"too {'much' if value > 1 else 'little'} (tolerance {tolerance:.3g}).{advice}"
    )


def check_shapes(axes: int = 1, **arrays: Array) -> None:
    """Raise ValueError unless the last axes agree and the axes before them broadcast.

    >>> check_shapes(p=np.ones(3), q=np.ones(4))
    Traceback (most recent call last):
    ValueError: p and q have shapes (3,) and (4,); expected the same alphabet on the last axis of each.
    """
    shapes = [tuple(array.shape) for array in arrays.values()]
    given = f"{' and '.join(arrays)} have shapes {' and '.join(map(str, shapes))}"
    if len({shape[-axes:] for shape in shapes}) > 1:
        where = "axis" if axes == 1 else f"{axes} axes"
        raise ValueError(f"{given}; expected the same alphabet on the last {where} of each.")
    try:
        np.broadcast_shapes(*shapes)
    except ValueError:
        raise ValueError(f"{given}; expected batch axes that are equal, or 1, or absent.") from None


def check_finite(**arrays: Array) -> None:
    """Raise ValueError unless all numbers of the named arrays are finite.

    >>> check_finite(cov=np.array([[1.0, np.inf]]))
    Traceback (most recent call last):
    ValueError: cov[0, 1] is inf; expected a finite number.
    """
    for name, array in arrays.items():
        if (bad := _first(~namespace(array).isfinite(array))) is not None:
            raise ValueError(f"{_cell(name, bad)} is {array[bad].item()}; expected a finite number.")


def xlogy(x: Array, y: Array) -> Array:
    """Return x ln y, with 0 ln 0 = 0.

    Parameters
    ----------
    x, y : array
        Non-negative arrays whose shapes broadcast.

    Returns
    -------
    array
        x ln y; −inf where y = 0 < x.

    Notes
    -----
    Where x and y are both zero the derivative is taken as 0.  (That of x ln x is −∞ there; one such cell
    would otherwise turn the whole gradient into nan.)  Where only x is zero the derivative ln y is kept.

    Examples
    --------
    >>> xlogy(np.array([0.0, 1.0]), np.array([0.0, 1.0]))
    array([0., 0.])
    """
    xp = namespace(x, y)
    with np.errstate(divide="ignore"):  # x ln 0 = −inf is an answer, not an accident
        return x * xp.log(xp.where((x == 0) & (y == 0), 1.0, y))


def _check_cells(p: Array, name: str) -> None:
    xp = namespace(p)
    if (bad := _first(~xp.isfinite(p))) is not None:
        raise ValueError(
            f"{_cell(name, bad)} is {p[bad].item()}; expected a finite number. "
            "Look for a division by zero before this call, such as an empty row divided by its sum."
        )
    if (bad := _first(p < 0)) is not None:
        raise ValueError(
            f"{_cell(name, bad)} is {p[bad].item():g}; a probability cannot be negative. "
            "If it is a rounding error, set it to 0 and divide by the sum."
        )


def _first(mask: Array) -> tuple[int, ...] | None:
    """Return the index of the first true cell, or None."""
    xp = namespace(mask)
    try:
        none = not xp.any(mask)
    except RuntimeError as error:
        raise ValueError(
            "The numbers cannot be read, so they cannot be checked. A tensor on the device meta has none; "
            "inside torch.func.vmap none can be looked at: give the whole batch in one call, on the axes "
            f"before the last. Torch says: {error}"
        ) from error
    if none:
        return None
    return tuple(int(indices[0]) for indices in xp.nonzero(mask)) if mask.ndim else ()


def _cell(name: str, index: tuple[int, ...]) -> str:
    return f"{name}[{', '.join(map(str, index))}]" if index else name


def holds_whole_numbers(value: ArrayLike) -> bool:
    """Return whether an array is of integers or truth values.

    >>> holds_whole_numbers([1, 2]), holds_whole_numbers([1.0, 2.0])
    (True, False)
    """
    xp = namespace(value)
    return xp.isdtype(xp.asarray(value).dtype, ("bool", "integral"))


def check_whole(least: int = 0, **values: int) -> None:
    """Raise ValueError unless each named value is a whole number, and not below the least.

    >>> check_whole(seed=-1)
    Traceback (most recent call last):
    ValueError: seed is -1; expected a whole number, at least 0.
    """
    for name, value in values.items():
        if not isinstance(value, Integral) or isinstance(value, bool) or value < least:
            raise ValueError(f"{name} is {value!r}; expected a whole number, at least {least}.")


def check_positive(**values: float) -> None:
    """Raise ValueError unless each named value is a finite, positive number.

    >>> check_positive(scale=0)
    Traceback (most recent call last):
    ValueError: scale is 0; expected a positive number.
    """
    for name, value in values.items():
        if not (isinstance(value, Real) and 0 < value < math.inf):
            raise ValueError(f"{name} is {value!r}; expected a positive number.")


def as_number(**given: Any) -> float:
    """Return the one named value as a float; raise ValueError unless it is a finite number.

    >>> as_number(shift="-5")
    Traceback (most recent call last):
    ValueError: shift is '-5'; expected a finite number.
    """
    ((name, value),) = given.items()
    try:
        number = math.nan if isinstance(value, str | bytes) else float(value)
    except (TypeError, ValueError, RuntimeError):  # the last from a tensor with axes
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(f"{name} is {value!r}; expected a finite number.")
    return number
