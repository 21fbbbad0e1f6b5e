r"""The bottleneck of jointly Gaussian vectors, in closed form.

For jointly Gaussian X and Y an optimal T is a noisy linear projection of X (Chechik et al. 2005; that nothing
else is better follows from the conditional entropy-power inequality, Globerson and Tishby 2004).  Let
:math:`\rho_1 \ge \rho_2 \ge \dots` be the canonical correlations of X and Y: in whitened coordinates they are
the singular values of the cross-covariance,

.. math:: L_X^{-1}\, \Sigma_{XY}\, L_Y^{-\top} = U \operatorname{diag}(\rho)\, V^\top, \qquad
    \Sigma_X = L_X L_X^\top, \quad \Sigma_Y = L_Y L_Y^\top .

The pairs of whitened coordinates are independent of each other, and the bottleneck treats each by itself:

.. math:: T_i = \alpha_i\, u_i^\top L_X^{-1} X + \xi_i, \quad \xi_i \sim N(0, 1), \qquad
    \alpha_i^2 = \max\!\left(0, \frac{\beta \rho_i^2 - 1}{1 - \rho_i^2}\right).

A coordinate enters at its critical :math:`\beta_i = 1/\rho_i^2`.  Chechik et al. write
:math:`\lambda_i = 1 - \rho_i^2` for the eigenvalues of :math:`\Sigma_{X|Y} \Sigma_X^{-1}`, so that
:math:`\beta_i = 1/(1 - \lambda_i)`.  The informations are

.. math:: I(X;T) = \tfrac12 \sum_i \ln(1 + \alpha_i^2), \qquad
    I(T;Y) = \tfrac12 \sum_i \ln\!\left(1 + \frac{\max(0, \rho_i^2 - 1/\beta)}{1 - \rho_i^2}\right),

and the curve of I(T;Y) against I(X;T) has the slope :math:`1/\beta`.

References
----------
- G. Chechik, A. Globerson, N. Tishby and Y. Weiss, Information bottleneck for Gaussian variables, Journal of
  Machine Learning Research 6 (2005).
- A. Globerson and N. Tishby, On the optimality of the Gaussian information bottleneck curve, Hebrew
  University technical report (2004).
- W. Bialek, I. Nemenman and N. Tishby, Predictability, complexity, and learning, Neural Computation 13
  (2001).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ibcourse._array import Array, ArrayLike, as_arrays
from ibcourse.information.gaussian import _as_covariance


@dataclass(frozen=True, eq=False)
class GaussianIB:
    """The Gaussian bottleneck at given prices.

    Attributes
    ----------
    correlations : array, shape (K,)
        The canonical correlations of X and Y, decreasing; K is the smaller dimension.
    critical_betas : array, shape (K,)
        Where each coordinate enters: 1/ρ², infinite for ρ = 0.  The first is the onset.
    beta : array, shape (B,)
        The prices.
    i_xt, i_ty : array, shape (B,)
        I(X;T) and I(T;Y), in nats.
    projection : array, shape (B, K, X)
        T = projection @ X + noise of unit covariance.  Coordinates that have not entered have rows of zeros.
        Each row is determined up to its sign.
    """

    correlations: Array
    critical_betas: Array
    beta: Array
    i_xt: Array
    i_ty: Array
    projection: Array

    @property
    def lagrangian(self) -> Array:
        """I(X;T) − β I(T;Y), in nats, shape (B,)."""
        return self.i_xt - self.beta * self.i_ty


def gaussian_ib(cov_x: ArrayLike, cov_y: ArrayLike, cov_xy: ArrayLike, betas: ArrayLike) -> GaussianIB:
    r"""Return the bottleneck of jointly Gaussian vectors.

    .. math:: \min_T\; I(X;T) - \beta\, I(T;Y)

    Parameters
    ----------
    cov_x, cov_y : array_like, shapes (X, X) and (Y, Y)
        Covariance matrices; a variance for a scalar.
    cov_xy : array_like, shape (X, Y)
        The covariances of X with Y; a number if both are scalars.
    betas : array_like, shape (B,)
        Prices of relevance, not negative; or one.

    Returns
    -------
    GaussianIB
        The informations in nats, the critical β and the projections.

    Raises
    ------
    ValueError
        If the shapes do not fit, the three blocks are no positive definite covariance, or some β is negative
        or not finite.

    See Also
    --------
    gaussian_ib_at_rate : The same for given I(X;T).

    Notes
    -----
    Source: Chechik, Globerson, Tishby and Weiss (2005), theorem 3.1 and section 5.  Lesson: 04 Bottleneck.

    Examples
    --------
    >>> g = gaussian_ib(1, 1, 0.8, [1, 2, 4])
    >>> print(g.critical_betas)
    [1.5625]
    >>> print(g.i_xt.round(4), g.i_ty.round(4))
    [0.     0.2877 0.837 ] [0.     0.1643 0.367 ]
    """
    xp, correlations, directions, beta = _canonical(cov_x, cov_y, cov_xy, betas=betas)
    return _at(xp, correlations, directions, beta)


def gaussian_ib_at_rate(
    cov_x: ArrayLike, cov_y: ArrayLike, cov_xy: ArrayLike, rates: ArrayLike
) -> GaussianIB:
    r"""Return the bottleneck of jointly Gaussian vectors with given I(X;T).

    With n coordinates in use the rate fixes the price, and the right n is the one with the least,

    .. math::

        \beta(R) = 1 + \min_n \exp \frac{1}{n}
            \left[ 2 R - \sum_{i \le n} \ln \frac{\rho_i^2}{1 - \rho_i^2} \right] .

    Parameters
    ----------
    cov_x, cov_y : array_like, shapes (X, X) and (Y, Y)
        Covariance matrices; a variance for a scalar.
    cov_xy : array_like, shape (X, Y)
        The covariances of X with Y; a number if both are scalars.
    rates : array_like, shape (B,)
        I(X;T) in nats, not negative; or one.

    Returns
    -------
    GaussianIB
        Points of the curve: ``i_ty`` against ``i_xt``, with the inverse slope ``beta``.

    Raises
    ------
    ValueError
        If the shapes do not fit, the three blocks are no positive definite covariance, X and Y are
        independent, or some rate is negative or not finite.

    Notes
    -----
    For scalars the curve is :math:`I(T;Y) = -\frac12 \ln(1 - \rho^2 (1 - e^{-2R}))`.
    Source: Chechik, Globerson, Tishby and Weiss (2005), section 5.  Lesson: 04 Bottleneck.

    Examples
    --------
    >>> g = gaussian_ib_at_rate(1, 1, 0.8, [0, 0.5, 1])
    >>> print(g.i_ty.round(6), g.beta.round(4))
    [0.       0.259225 0.40303 ] [1.5625 2.529  5.1563]
    """
    xp, correlations, directions, rates = _canonical(cov_x, cov_y, cov_xy, rates=rates)
    used = correlations[correlations > 0]
    if not used.shape[0]:
        raise ValueError("X and Y are independent: no rate buys information about Y, and the curve is flat.")
    odds = xp.cumulative_sum(xp.log(used**2 / _residual(used)))
    n = xp.arange(1, used.shape[0] + 1, dtype=used.dtype, device=used.device)
    candidates = (2 * rates[:, None] - odds) / n
    return _at(xp, correlations, directions, 1 + xp.exp(xp.min(candidates, axis=-1)))


def ar1_covariances(
    coefficient: float, past: int = 1, future: int = 1, noise: float = 0.0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    r"""Return the covariances of past and future of a first-order autoregressive process.

    .. math:: S_{t+1} = a\, S_t + \sqrt{1 - a^2}\, W_t, \qquad X_t = S_t + \sqrt{\nu}\, V_t

    with independent standard Gaussian :math:`W_t, V_t`, in the stationary state, where :math:`S_t` has
    variance 1.  X is :math:`(X_{1-p}, \dots, X_0)` and Y is :math:`(X_1, \dots, X_f)`, in the order of time.

    Parameters
    ----------
    coefficient : float
        a, between −1 and 1.
    past, future : int
        The lengths p and f.
    noise : float
        The variance ν of the error of observation.

    Returns
    -------
    tuple of numpy.ndarray, shapes (p, p), (f, f) and (p, f)
        ``cov_x``, ``cov_y``, ``cov_xy``, the arguments of `gaussian_ib`.

    Raises
    ------
    ValueError
        If a is not between −1 and 1, a length is less than 1, or the noise is negative or not finite.

    Notes
    -----
    Without noise the present is a sufficient statistic of the past for the future, and the predictive
    information is :math:`-\frac12 \ln(1 - a^2)` for all p and f.  With noise the past matters through one
    number too, and its weights are those of the Kalman filter.
    Source: Bialek, Nemenman and Tishby (2001), for predictive information.  Lesson: 04 Bottleneck.

    Examples
    --------
    >>> g = gaussian_ib(*ar1_covariances(0.8, past=3, future=2), betas=4)
    >>> print(g.correlations.round(6))
    [0.8 0. ]
    >>> print(abs(g.projection[0, 0]).round(6))
    [0.       0.       2.081666]
    """
    if not (abs(coefficient) < 1 and past >= 1 and future >= 1 and 0 <= noise < np.inf):
        raise ValueError(
            f"coefficient is {coefficient}, past {past}, future {future} and noise {noise}; expected a "
            "coefficient between -1 and 1, lengths of at least 1, and a finite variance that is not negative."
        )
    time = np.arange(past + future)
    cov = float(coefficient) ** abs(time[:, None] - time) + noise * np.eye(past + future)
    return cov[:past, :past], cov[past:, past:], cov[:past, past:]


def _canonical(
    cov_x: ArrayLike, cov_y: ArrayLike, cov_xy: ArrayLike, **where: ArrayLike
) -> tuple[Any, Array, Array, Array]:
    """Return the canonical correlations, the whitened directions of X, shape (K, X), and the places, (B,)."""
    xp, *blocks, places = as_arrays(cov_x=cov_x, cov_y=cov_y, cov_xy=cov_xy, **where)
    (name,) = where
    if places.ndim > 1 or not xp.all(xp.isfinite(places) & (places >= 0)):
        raise ValueError(f"{name} is {where[name]}; expected finite numbers that are not negative, or one.")
    cov_x, cov_y, cov_xy = (xp.reshape(block, (1, 1)) if block.ndim == 0 else block for block in blocks)
    n, m = cov_x.shape[-1], cov_y.shape[-1]
    shapes = [tuple(block.shape) for block in (cov_x, cov_y, cov_xy)]
    if shapes != [(n, n), (m, m), (n, m)]:
        raise ValueError(
            f"cov_x, cov_y and cov_xy have shapes {', '.join(map(str, shapes))}; expected (X, X), (Y, Y) and "
            "(X, Y)."
        )
    rows = [xp.concat([cov_x, cov_xy], axis=1), xp.concat([xp.matrix_transpose(cov_xy), cov_y], axis=1)]
    cov = _as_covariance(xp.concat(rows), "the joint covariance of (X, Y)")
    factor_x, factor_y = xp.linalg.cholesky(cov[:n, :n]), xp.linalg.cholesky(cov[n:, n:])
    half = xp.linalg.solve(factor_x, cov[:n, n:])
    whitened = xp.matrix_transpose(xp.linalg.solve(factor_y, xp.matrix_transpose(half)))
    u, correlations, _ = xp.linalg.svd(whitened, full_matrices=False)
    directions = xp.linalg.solve(xp.matrix_transpose(factor_x), u)  # the columns are L⁻ᵀ u
    return xp, correlations, xp.matrix_transpose(directions), xp.reshape(places, (-1,))


def _residual(correlations: Array) -> Array:
    return (1 - correlations) * (1 + correlations)


def _at(xp: Any, correlations: Array, directions: Array, beta: Array) -> GaussianIB:
    """Return the solution at prices of shape (B,)."""
    squared = correlations**2
    positive = xp.where(beta > 0, beta, 1.0)[:, None]
    excess = xp.where(beta[:, None] * squared > 1, squared - 1 / positive, 0.0) / _residual(correlations)
    gain = beta[:, None] * excess  # α²
    critical = xp.where(squared > 0, 1 / xp.where(squared > 0, squared, 1.0), xp.inf)
    return GaussianIB(
        correlations,
        critical,
        beta,
        xp.sum(xp.log1p(gain), axis=-1) / 2,
        xp.sum(xp.log1p(excess), axis=-1) / 2,
        xp.sqrt(gain)[..., None] * directions,
    )
