"""Samples as the estimators take them, one row a sample."""

import numpy as np

from ibcourse._array import ArrayLike, as_arrays, check_finite, to_numpy


def as_sample(more_than: int = 0, **given: ArrayLike) -> np.ndarray:
    """Return the one named sample as float64 of shape (n, d); raise ValueError if that cannot be.

    >>> as_sample(x=[1, 2]).shape
    (2, 1)
    """
    ((name, value),) = given.items()
    _, array = as_arrays(**{name: value})
    array = to_numpy(array).astype(np.float64, copy=False)
    if array.ndim not in (1, 2) or array.size == 0:
        raise ValueError(f"{name} has shape {array.shape}; expected (n,) or (n, d): a row a sample.")
    check_finite(**{name: array})
    if len(array) <= more_than:
        raise ValueError(f"{name} has {len(array)} samples; expected more than k = {more_than}.")
    return array.reshape(len(array), -1)


def as_samples(more_than: int = 0, **given: ArrayLike) -> list[np.ndarray]:
    """Return the named samples by `as_sample`; raise ValueError if they are not equally many.

    >>> x, y = as_samples(x=[1, 2], y=[[1, 2], [3, 4]])
    """
    samples = [as_sample(more_than, **{name: value}) for name, value in given.items()]
    if len({len(sample) for sample in samples}) > 1:
        numbers = " and ".join(str(len(sample)) for sample in samples)
        raise ValueError(f"{' and '.join(given)} have {numbers} samples; expected as many of each, in pairs.")
    return samples
