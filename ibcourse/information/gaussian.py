r"""Gaussian variables: closed forms from a covariance matrix.

For a Gaussian vector of d coordinates with covariance :math:`\Sigma`, the differential entropy is

.. math:: h(X) = \tfrac12 \ln \det(2 \pi e\, \Sigma),

and all other quantities of jointly Gaussian variables follow from it by the same linear forms as for discrete
variables.  `Gaussian` evaluates them.  Informations and divergences keep their meaning; entropies do not: a
differential entropy may be negative, changes with the unit of measurement, and what a variable tells about
itself, or about a function of it, is infinite.  Covariance matrices must therefore be positive definite.

All functions work on one Cholesky factor of the covariance.  If its coordinates are ordered as (given, x, y),

.. math:: L = \begin{pmatrix} \cdot & & \\ \cdot & A & \\ \cdot & B & C \end{pmatrix}, \qquad
    h(x | \mathrm{given}) = \tfrac12 \ln \det(2 \pi e\, A A^\top), \qquad
    I(x; y | \mathrm{given}) = \tfrac12 \ln \det(1 + C^{-1} B B^\top C^{-\top}),

and the last is a sum of :math:`\tfrac12 \ln(1 + s^2)` over the singular values s of :math:`C^{-1} B`, so that
it cannot come out negative.  Arrays may be NumPy arrays or torch tensors, with a batch on the first axes.

References
----------
- T. M. Cover and J. A. Thomas, Elements of Information Theory, 2nd ed. (2006), chapter 8.
"""

import math
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np

from ibcourse._array import Array, ArrayLike, _cell, _first, as_arrays, check_finite, namespace, tolerance
from ibcourse.information.expressions import Evaluator, as_names, split_names

Coordinates: TypeAlias = int | slice | Sequence[int]

LN_2_PI_E = math.log(2 * math.pi * math.e)


def gaussian_entropy(cov: ArrayLike) -> Array:
    r"""Return the differential entropy of a Gaussian vector.

    .. math:: h(X) = \tfrac12 \ln \det(2 \pi e\, \Sigma)

    Parameters
    ----------
    cov : array_like, shape (..., d, d)
        Covariance matrices.

    Returns
    -------
    array, shape (...)
        Nats; any real number.

    Raises
    ------
    ValueError
        If cov is not a symmetric, positive definite matrix.

    Notes
    -----
    The largest differential entropy of all vectors with this covariance.
    Source: Cover and Thomas (2006), theorems 8.4.1 and 8.6.5.  Lesson: 01 Information.

    Examples
    --------
    >>> print(round(gaussian_entropy([[1, 0.6], [0.6, 2]]), 6))
    3.085225
    """
    cov = _as_covariance(cov)
    return _entropy_of_factor(namespace(cov).linalg.cholesky(cov))


def gaussian_kl(mean_p: ArrayLike, cov_p: ArrayLike, mean_q: ArrayLike, cov_q: ArrayLike) -> Array:
    r"""Return the Kullback–Leibler divergence of one Gaussian from another.

    .. math::

        D(p \| q) = \tfrac12 \left[ \operatorname{tr}(\Sigma_q^{-1} \Sigma_p) - d
        - \ln \frac{\det \Sigma_p}{\det \Sigma_q}
        + (\mu_p - \mu_q)^\top \Sigma_q^{-1} (\mu_p - \mu_q) \right]

    Parameters
    ----------
    mean_p, mean_q : array_like, shape (..., d)
        Means.
    cov_p, cov_q : array_like, shape (..., d, d)
        Covariance matrices.  All batch axes broadcast.

    Returns
    -------
    array, shape (...)
        Nats, never negative; 0 where p = q.

    Raises
    ------
    ValueError
        If a covariance is not a symmetric, positive definite matrix, or the shapes do not fit.

    Notes
    -----
    With the singular values s of :math:`L_q^{-1} L_p`, Cholesky factors, the first three terms are
    :math:`\sum (s^2 - 1 - \ln s^2)`, none of them negative.
    Source: Kullback and Leibler (1951).  Lesson: 01 Information.

    Examples
    --------
    >>> print(round(gaussian_kl([1], [[1]], [0], [[1]]), 6))
    0.5
    """
    cov_p, cov_q = _as_covariance(cov_p, "cov_p"), _as_covariance(cov_q, "cov_q")
    xp, mean_p, cov_p, mean_q, cov_q = as_arrays(mean_p=mean_p, cov_p=cov_p, mean_q=mean_q, cov_q=cov_q)
    shapes = {
        "mean_p": mean_p.shape,
        "cov_p": cov_p.shape[:-1],
        "mean_q": mean_q.shape,
        "cov_q": cov_q.shape[:-1],
    }
    try:
        if len({shape[-1] for shape in shapes.values()}) > 1:
            raise ValueError
        np.broadcast_shapes(*shapes.values())
    except (ValueError, IndexError):
        given = ", ".join(f"{name} {tuple(shape)}" for name, shape in shapes.items())
        raise ValueError(
            f"means and rows of covariances have shapes {given}; expected (..., d) with one d, and batch "
            "axes that are equal, or 1, or absent."
        ) from None
    check_finite(mean_p=mean_p, mean_q=mean_q)
    factor_q = xp.linalg.cholesky(cov_q)
    ratio = xp.linalg.svdvals(_solve(factor_q, xp.linalg.cholesky(cov_p)))
    excess = (ratio - 1) * (ratio + 1)  # s² − 1, exact near 1
    shift = _solve(factor_q, (mean_p - mean_q)[..., None])[..., 0]
    return (xp.sum(excess - 2 * xp.log(ratio), axis=-1) + xp.sum(shift**2, axis=-1)) / 2


def gaussian_mutual_information(
    cov: ArrayLike, x: Coordinates, y: Coordinates, given: Coordinates = ()
) -> Array:
    r"""Return the (conditional) mutual information of jointly Gaussian vectors.

    .. math::

        I(X; Y | Z) = \tfrac12 \ln \frac{\det \Sigma_{XZ} \det \Sigma_{YZ}}{\det \Sigma_{XYZ} \det \Sigma_Z}

    Parameters
    ----------
    cov : array_like, shape (..., d, d)
        Covariance matrices of all coordinates.
    x, y, given : int, slice or sequence of int
        The coordinates of X, of Y and of the condition Z.

    Returns
    -------
    array, shape (...)
        Nats, never negative; 0 if X and Y are independent given Z.

    Raises
    ------
    ValueError
        If cov is not a symmetric, positive definite matrix, or the coordinates are not distinct ones of it.

    Notes
    -----
    For two coordinates with correlation ρ it is :math:`-\frac12 \ln(1 - \rho^2)`.
    Source: Cover and Thomas (2006), example 8.5.1.  Lesson: 01 Information.

    Examples
    --------
    >>> print(round(gaussian_mutual_information([[1, 0.8], [0.8, 1]], 0, 1), 6))
    0.510826
    """
    cov = _as_covariance(cov)
    groups = {"x": x, "y": y, "given": given}
    chosen = {name: _coordinates(value, cov.shape[-1], name) for name, value in groups.items()}
    listed = [place for places in chosen.values() for place in places]
    if len(set(listed)) < len(listed) or not chosen["x"] or not chosen["y"]:
        raise ValueError(
            f"the coordinates are x = {chosen['x']}, y = {chosen['y']}, given = {chosen['given']}; expected "
            "at least one in x and in y, and none twice: what a continuous variable tells about itself is "
            "infinite."
        )
    return _information(cov, chosen["x"], chosen["y"], chosen["given"])


class Gaussian(Evaluator):
    r"""Jointly Gaussian variables with names, which evaluate expressions.

    Parameters
    ----------
    cov : array_like, shape (..., d, d)
        Covariance matrices.  The axes before the last two are a batch.
    names : str or sequence of str
        The names of the variables, such as ``"X Y Z"``.
    sizes : sequence of int, optional
        How many coordinates each variable has, in their order; one each if not given.

    Attributes
    ----------
    cov : array, shape (..., d, d)
        The covariance, made exactly symmetric.
    variables : tuple of str
        The names.
    tolerance : float
        By how much a relation may fail to hold, in nats: 1e-8 for double precision.

    Raises
    ------
    ValueError
        If cov is not a symmetric, positive definite matrix, or the names do not fit it.
    ExpressionError
        From a call, if the text does not parse, names an unknown variable, or has a variable twice in one
        quantity, such as I(X;X), which is infinite.

    See Also
    --------
    parse_expression : The language.
    Joint : The same for tables.

    Notes
    -----
    ``g(text)`` evaluates a text as `Joint` does, with shape (...) and gradients.  H stands for differential
    entropy.  What holds for discrete variables because entropies are not negative may fail here.
    Source: Cover and Thomas (2006), chapter 8.  Lesson: 01 Information.

    Examples
    --------
    >>> g = Gaussian([[1, 0.8], [0.8, 1]], "X Y")
    >>> print(round(g("I(X;Y)"), 6), round(g("H(X)"), 6))
    0.510826 1.418939
    >>> narrow = Gaussian([[0.01]], "X")
    >>> print(narrow("H(X) >= 0"))
    False
    """

    continuous = True

    def __init__(
        self, cov: ArrayLike, names: str | Sequence[str], sizes: Sequence[int] | None = None
    ) -> None:
        self.variables = as_names(names)
        self.tolerance = tolerance(cov)
        self.cov = _as_covariance(cov)
        sizes = [1] * len(self.variables) if sizes is None else list(sizes)
        d = self.cov.shape[-1]
        if len(sizes) != len(self.variables) or min(sizes) < 1 or sum(sizes) != d:
            raise ValueError(
                f'names is "{" ".join(self.variables)}" and sizes is {sizes}; expected a positive size for '
                f"each name, {d} in all, the size of cov."
            )
        ends = np.cumsum(sizes).tolist()
        self._places = {
            name: list(range(end - size, end))
            for name, size, end in zip(self.variables, sizes, ends, strict=True)
        }

    def __repr__(self) -> str:
        return f'<Gaussian "{" ".join(self.variables)}" with cov of shape {tuple(self.cov.shape)}>'

    def marginal(self, names: str | Sequence[str]) -> Array:
        """Return the covariance of some of the variables.

        Parameters
        ----------
        names : str or sequence of str
            The variables, in the order that the coordinates shall have.

        Returns
        -------
        array, shape (..., k, k)
            Their covariance.

        Raises
        ------
        ValueError
            If a name is unknown or repeated.

        Examples
        --------
        >>> print(Gaussian([[1, 0.8], [0.8, 2]], "X Y").marginal("Y"))
        [[2.]]
        """
        return _block(self.cov, self._coordinates(as_names(names)))

    def conditional(self, names: str) -> Array:
        r"""Return the covariance of some variables when others are known.

        .. math:: \Sigma_{Y|X} = \Sigma_Y - \Sigma_{YX} \Sigma_X^{-1} \Sigma_{XY}

        Parameters
        ----------
        names : str
            Variables, a bar, and the variables that are conditioned on, such as ``"Y | X"``.

        Returns
        -------
        array, shape (..., k, k)
            The conditional covariance, the same for all values of the condition.

        Raises
        ------
        ValueError
            If there is no bar, or a name is unknown or repeated.

        Examples
        --------
        >>> print(Gaussian([[1, 0.8], [0.8, 1]], "X Y").conditional("Y | X").round(6))
        [[0.36]]
        """
        targets, given = split_names(names)
        xp = namespace(self.cov)
        factor = xp.linalg.cholesky(_block(self.cov, self._coordinates(as_names([*given, *targets]))))
        k = len(self._coordinates(targets))
        return factor[..., -k:, -k:] @ xp.matrix_transpose(factor[..., -k:, -k:])

    def _coordinates(self, names: Any) -> list[int]:
        self._check_known(names)
        return [place for name in names for place in self._places[name]]

    def _entropy(self, a: frozenset[str], given: frozenset[str]) -> Array:
        xp = namespace(self.cov)
        k, order = len(self._coordinates(a)), self._coordinates([*given, *a])
        return _entropy_of_factor(xp.linalg.cholesky(_block(self.cov, order))[..., -k:, -k:])

    def _mutual_information(self, a: frozenset[str], b: frozenset[str], given: frozenset[str]) -> Array:
        return _information(self.cov, *(self._coordinates(names) for names in (a, b, given)))


def _entropy_of_factor(factor: Array) -> Array:
    xp = namespace(factor)
    return xp.sum(xp.log(xp.linalg.diagonal(factor)) + LN_2_PI_E / 2, axis=-1)


def _information(cov: Array, x: list[int], y: list[int], given: list[int]) -> Array:
    xp = namespace(cov)
    factor = xp.linalg.cholesky(_block(cov, [*given, *x, *y]))
    i, j = len(given), len(given) + len(x)
    s = xp.linalg.svdvals(_solve(factor[..., j:, j:], factor[..., j:, i:j]))
    return xp.sum(xp.log1p(s**2), axis=-1) / 2


def _block(cov: Array, places: list[int]) -> Array:
    return cov[..., [[place] for place in places], places]


def _solve(factor: Array, right: Array) -> Array:
    return namespace(factor).linalg.solve(factor, right)


def _coordinates(value: Coordinates, d: int, name: str) -> list[int]:
    if isinstance(value, slice):
        return list(range(d)[value])
    places = [value] if isinstance(value, int) else list(value)
    if not all(isinstance(place, int | np.integer) and -d <= place < d for place in places):
        raise ValueError(f"{name} is {value!r}; expected coordinates from 0 to {d - 1}.")
    return [place % d for place in places]


def _as_covariance(value: ArrayLike, name: str = "cov") -> Array:
    """Return the matrix in double precision and exactly symmetric, or raise ValueError."""
    xp, cov = as_arrays(**{name: value})
    shape = tuple(cov.shape)
    if len(shape) < 2 or shape[-1] != shape[-2] or not shape[-1]:
        raise ValueError(
            f"{name} has shape {shape}; expected (..., d, d), a row and a column for each coordinate. "
            "The covariance matrix of one variable with variance v is [[v]]."
        )
    check_finite(**{name: cov})
    variances = xp.linalg.diagonal(cov)
    if (bad := _first(variances <= 0)) is not None:
        cell = _cell(name, (*bad, bad[-1]))
        raise ValueError(
            f"{cell} is {variances[bad].item():g}; a variance must be positive. A constant has none: its "
            "differential entropy is -∞. Leave it out."
        )
    scale = xp.sqrt(variances[..., :, None] * variances[..., None, :])
    gap = xp.abs(cov - xp.matrix_transpose(cov)) / scale
    if (bad := _first(gap > tolerance(value))) is not None:
        other = (*bad[:-2], bad[-1], bad[-2])
        raise ValueError(
            f"{_cell(name, bad)} is {cov[bad].item():g} and {_cell(name, other)} is {cov[other].item():g}; "
            "a covariance matrix is symmetric."
        )
    cov = (cov + xp.matrix_transpose(cov)) / 2
    # Correlations do not depend on the units, so a variance of 1e-20 beside one of 1 is no reason to refuse.
    smallest = xp.linalg.eigvalsh(cov / scale)[..., 0]
    rounding = 16 * shape[-1] * _epsilon(value)
    if (bad := _first(smallest <= rounding)) is not None:
        eigenvalue = xp.linalg.eigvalsh(cov)[bad][0].item()
        what = f"{_cell(name, bad)} has the smallest eigenvalue {eigenvalue:.3g}"
        if smallest[bad] < -rounding:
            raise ValueError(
                f"{what}; a covariance matrix has no negative one, so no variables have these covariances. "
                "Check signs, and that all entries come from the same samples."
            )
        raise ValueError(
            f"{what} and is singular: some coordinate is a linear function of others. There is no density, "
            "differential entropies are -∞, and the information between such coordinates is infinite. Leave "
            "out what is redundant, or add independent noise."
        )
    return cov


def _epsilon(value: ArrayLike) -> float:
    """Return the rounding of the numbers as they were given."""
    xp = namespace(value)
    dtype = getattr(value, "dtype", np.float64)
    return float(xp.finfo(dtype if xp.isdtype(dtype, "real floating") else xp.float64).eps)
