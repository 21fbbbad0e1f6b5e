r"""Entropy and information of symbols, from counts.

The *plug-in* estimate takes the frequencies :math:`\hat p_s = n_s / n` for the probabilities.  Its entropy is
too low by about :math:`(m - 1) / 2n` for m symbols.  Its information, a sum of three entropies with signs, is
too high by about :math:`(m_x - 1)(m_y - 1) / 2n` if all pairs can occur, and so independent variables seem to
inform about each other; if Y = X it is too low.

References
----------
- G. A. Miller, Note on the bias of information estimates, in Information Theory in Psychology (1955).
- P. Grassberger, Entropy estimates from insufficient samplings, arXiv:physics/0307138 (2003).
- A. Chao and T.-J. Shen, Nonparametric estimation of Shannon's index of diversity when there are unseen
  species in sample, Environmental and Ecological Statistics 10 (2003).
- L. Paninski, Estimation of entropy and mutual information, Neural Computation 15 (2003).
"""

import math
from collections.abc import Callable

import numpy as np
from scipy.special import digamma, xlog1py, xlogy

from ibcourse._array import ArrayLike, as_arrays, check_positive, check_whole, holds_whole_numbers, to_numpy
from ibcourse.estimators.result import Estimate
from ibcourse.estimators.sample import as_samples

FEW = 10  # samples a symbol seen; with fewer the bias is above some 0.05 nats


def entropy_discrete(counts: ArrayLike, method: str = "plug-in") -> Estimate:
    r"""Estimate an entropy from how often each symbol was seen.

    .. math::

        \text{plug-in:}\quad & \hat H = -\textstyle\sum_s \hat p_s \ln \hat p_s \\
        \text{Miller–Madow:}\quad & \hat H + (m - 1) / 2n \\
        \text{jackknife:}\quad & n \hat H - (n - 1)\, \overline{\hat H_{\text{without one sample}}} \\
        \text{Grassberger:}\quad & \ln n - \textstyle\sum_s \hat p_s\, G(n_s), \quad
            G(n) = \psi(n) + \tfrac{(-1)^n}{2} \left[ \psi(\tfrac{n+1}{2}) - \psi(\tfrac n2) \right] \\
        \text{Chao–Shen:}\quad & -\textstyle\sum_s \frac{\tilde p_s \ln \tilde p_s}{1 - (1 - \tilde p_s)^n},
            \quad \tilde p_s = (1 - f_1 / n)\, \hat p_s

    with m the number of symbols seen, and :math:`f_1` that of symbols seen once.

    Parameters
    ----------
    counts : array_like of whole numbers, any shape
        How often each symbol was seen, n in all.
    method : {"plug-in", "miller-madow", "jackknife", "grassberger", "chao-shen"}
        The estimator.

    Returns
    -------
    Estimate
        Nats.  The error is that of the plug-in estimate.

    Raises
    ------
    ValueError
        If a count is no whole number from 0, if all are 0 or their sum is not below 2**63, or for an unknown
        method.

    Notes
    -----
    No estimator is unbiased for all distributions (Paninski 2003).  Chao and Shen's also counts symbols that
    were never seen; if all were seen once, one of them is taken as seen twice.
    Source: Miller (1955); Grassberger (2003); Chao and Shen (2003).  Lesson: 07 Differential entropy.

    Examples
    --------
    Ten throws of a die:

    >>> for method in ("plug-in", "miller-madow", "grassberger", "chao-shen"):
    ...     print(method, round(entropy_discrete([3, 0, 2, 1, 3, 1], method).value, 4))
    plug-in 1.5048
    miller-madow 1.7048
    grassberger 1.9729
    chao-shen 1.8019
    """
    counts = _as_counts(counts).reshape(-1)
    return Estimate(
        _method(method)(counts[counts > 0]),
        _error(counts, -np.log(np.maximum(counts, 1) / counts.sum())),
        ASSUMES,
        _few(counts, OF_ENTROPY),
    )


def information_discrete(counts: ArrayLike, method: str = "plug-in") -> Estimate:
    r"""Estimate a mutual information from how often each pair of symbols was seen.

    .. math:: I(X;Y) = H(X) + H(Y) - H(X,Y), \quad \text{each by } \texttt{entropy\_discrete}

    Parameters
    ----------
    counts : array_like of whole numbers, shape (X, Y)
        The table of counts.
    method : str
        As for `entropy_discrete`.

    Returns
    -------
    Estimate
        Nats.  The error is that of the plug-in estimate, to first order.

    Raises
    ------
    ValueError
        If counts is no table of whole numbers from 0, if all are 0, or for an unknown method.

    Notes
    -----
    Compare with `shuffled_information`: what the same estimate gives where there is no information.
    Source: Miller (1955); Paninski (2003).  Lesson: 07 Differential entropy.

    Examples
    --------
    >>> table = [[10, 2], [3, 9]]
    >>> print(round(information_discrete(table).value, 4))
    0.1832
    >>> print(round(shuffled_information(table).mean(), 4))
    0.0187
    """
    counts = _as_counts(counts)
    if counts.ndim != 2:
        raise ValueError(f"counts has shape {counts.shape}; expected (X, Y): a table of pairs.")
    h = _method(method)
    x, y = counts.sum(axis=1), counts.sum(axis=0)
    value = h(x[x > 0]) + h(y[y > 0]) - h(counts[counts > 0])
    with np.errstate(divide="ignore", invalid="ignore"):
        # as floats: the products may be larger than an integer of NumPy can be
        independent = np.outer(x.astype(float), y)
        ratio = np.where(counts > 0, np.log(counts * float(counts.sum()) / independent), 0.0)
    return Estimate(value, _error(counts, ratio), ASSUMES, _few(counts, OF_INFORMATION))


def shuffled_information(
    counts: ArrayLike, repeats: int = 100, *, method: str = "plug-in", seed: int = 0
) -> np.ndarray:
    """Return the estimates of a mutual information after the pairs were shuffled.

    Shuffling y against x keeps both distributions and destroys the dependence: what is left is bias and
    chance.  The mean is the bias of an estimate near zero, and a quantile a test of independence.

    Parameters
    ----------
    counts : array_like of whole numbers, shape (X, Y)
        The table of counts.
    repeats : int
        How many shuffles.
    method : str
        As for `entropy_discrete`.
    seed : int
        Of the shuffles.

    Returns
    -------
    ndarray, shape (repeats,)
        Nats.

    Raises
    ------
    ValueError
        As `information_discrete`, or if repeats or seed is no whole number from 0.

    Notes
    -----
    The mean is a bias only of an information near zero; it is no correction of a large one.
    Lesson: 07 Differential entropy.

    Examples
    --------
    >>> table = [[10, 2], [3, 9]]
    >>> baseline = shuffled_information(table, 200)
    >>> bool((baseline >= information_discrete(table).value).mean() < 0.05)
    True
    """
    check_whole(repeats=repeats, seed=seed)
    counts = _as_counts(counts)
    information_discrete(counts, method)  # checks the rest
    x, y = (np.repeat(np.arange(len(z)), z) for z in (counts.sum(axis=1), counts.sum(axis=0)))
    generator, values = np.random.default_rng(seed), np.empty(repeats)
    for i in range(repeats):
        cells = x * counts.shape[1] + generator.permutation(y)
        table = np.bincount(cells, minlength=counts.size).reshape(counts.shape)
        values[i] = information_discrete(table, method).value
    return values


def binned(
    x: ArrayLike,
    y: ArrayLike,
    *,
    width: float | None = None,
    bins: int | None = None,
    method: str = "plug-in",
) -> Estimate:
    r"""Estimate a mutual information after each coordinate was cut into bins.

    .. math:: I(\lfloor X / w \rfloor;\ \lfloor Y / w \rfloor)

    Parameters
    ----------
    x, y : array_like, shape (n,) or (n, d)
        Pairs of samples.  An array of whole numbers is taken as symbols, and not cut.
    width : float, optional
        The width w of all bins.
    bins : int, optional
        Instead, into how many bins of equal width the range of each coordinate is cut.
    method : str
        As for `entropy_discrete`.

    Returns
    -------
    Estimate
        Nats.

    Raises
    ------
    ValueError
        If the samples do not fit each other, or not exactly one of width and bins is given: a positive
        number, a whole one from 1.

    Notes
    -----
    With many samples it is the information of the binned variables, which is at most that of the variables.
    With few samples a cell it is far too high: at the end each sample has its own cell, and the value is ln n
    whatever the data are.  If one variable is a function of the other, the information is infinite, and the
    value says only how fine the bins are.
    Source: Shwartz-Ziv and Tishby, arXiv:1703.00810 (2017); Saxe et al., ICLR (2018).
    Lesson: 07 Differential entropy.

    Examples
    --------
    Finer bins, more "information", of a network that has not changed:

    >>> x = np.linspace(-2, 2, 1000)
    >>> for width in (0.5, 0.05, 0.005):
    ...     print(round(binned(np.arange(1000), np.tanh(x), width=width).value, 2))
    1.28
    3.48
    5.65
    """
    if (width is None) == (bins is None):
        raise ValueError(f"width is {width} and bins is {bins}; expected one of them.")
    if width is not None:
        check_positive(width=width)
    if bins is not None:
        check_whole(1, bins=bins)
    symbols = []
    for value, sample in zip((x, y), as_samples(x=x, y=y), strict=True):
        cells = sample if holds_whole_numbers(value) else _cut(sample, width, bins)
        symbols.append(np.unique(cells, axis=0, return_inverse=True)[1].reshape(-1))
    n, (a, b) = len(symbols[0]), symbols
    joint, c = np.unique(a * (b.max() + 1) + b, return_inverse=True)
    n_x, n_y, n_xy = np.bincount(a), np.bincount(b), np.bincount(c)
    h = _method(method)
    h_x, h_y, h_xy = (h(counts) for counts in (n_x, n_y, n_xy))
    ratio = np.log(n_xy * n / (n_x[joint // (b.max() + 1)] * n_y[joint % (b.max() + 1)]))
    warning = _few(n_xy, OF_INFORMATION)
    if len(n_xy) in (len(n_x), len(n_y)) and len(n_xy) > 1:
        warning += (
            " Each cell of one variable falls into one cell of the other: if it is a function of the other, "
            "the information is infinite, and the value says how fine the bins are, and how many samples."
        )
    cut = f"bins of width {width:g}" if width else f"{bins} bins a coordinate"
    assumes = f"Independent samples; the information of the variables cut into {cut}."
    return Estimate(h_x + h_y - h_xy, _error(n_xy, ratio), assumes, warning.strip())


ASSUMES = "Independent samples of symbols."
OF_ENTROPY = "The plug-in entropy is too low by about {:.2g} nats or more; a correction removes a part."
OF_INFORMATION = (
    "The plug-in information is too high unless the dependence is strong: compare it with that of shuffled "
    "pairs. A correction removes a part of the bias."
)


def _cut(sample: np.ndarray, width: float | None, bins: int | None) -> np.ndarray:
    if width is not None:
        return np.floor(sample / width)
    low, high = sample.min(axis=0), sample.max(axis=0)
    span = np.where(high > low, high - low, 1.0)
    return np.minimum(np.floor((sample - low) / span * bins), bins - 1)  # type: ignore[operator]


def _as_counts(counts: ArrayLike) -> np.ndarray:
    _, array = as_arrays(counts=counts)
    array = to_numpy(array)
    if not (np.isfinite(array) & (array >= 0) & (array == np.floor(array))).all():
        raise ValueError(
            "counts holds other numbers than 0, 1, 2, …; expected how often each symbol was seen."
        )
    if not array.sum() > 0:
        raise ValueError("counts sums to 0; expected at least one sample.")
    if array.sum() >= 2**63:
        raise ValueError(f"counts sums to {array.sum():.3g}; expected less than 2**63, the largest integer.")
    return array.astype(np.int64)


def _method(name: str) -> Callable[[np.ndarray], float]:
    if name not in METHODS:
        raise ValueError(f"method is {name!r}; expected one of {', '.join(METHODS)}.")
    return METHODS[name]


def _plug_in(counts: np.ndarray) -> float:
    n = counts.sum()
    return float(math.log(n) - xlogy(counts, counts).sum() / n)


def _miller_madow(counts: np.ndarray) -> float:
    return _plug_in(counts) + (len(counts) - 1) / (2 * int(counts.sum()))


def _jackknife(counts: np.ndarray) -> float:
    n = counts.sum()
    # Without one sample of symbol s, only its own term of Σ n ln n changes.  What cancels is left out: the
    # difference of two entropies near each other, times n, would be wrong in all digits for large n.
    left = xlog1py(counts - 1, -1 / counts)  # (n_s − 1) ln (1 − 1/n_s)
    return float(_plug_in(counts) + counts @ left / n - xlog1py(n - 1, -1 / n))


def _grassberger(counts: np.ndarray) -> float:
    n = counts.sum()
    sign = np.where(counts % 2, -0.5, 0.5)
    g = digamma(counts) + sign * (digamma((counts + 1) / 2) - digamma(counts / 2))
    return float(math.log(n) - counts @ g / n)


def _chao_shen(counts: np.ndarray) -> float:
    n = int(counts.sum())
    once = int((counts == 1).sum())
    if n == 1:
        return 0.0
    p = (1 - min(once, n - 1) / n) * counts / n
    seen = -np.expm1(n * np.log1p(-p)) if once or len(counts) > 1 else np.ones(1)
    return float(-np.sum(xlogy(p, p) / seen))


METHODS: dict[str, Callable[[np.ndarray], float]] = {
    "plug-in": _plug_in,
    "miller-madow": _miller_madow,
    "jackknife": _jackknife,
    "grassberger": _grassberger,
    "chao-shen": _chao_shen,
}


def _error(counts: np.ndarray, terms: np.ndarray) -> float:
    """Return the standard error of the mean of terms, each of which was counted so often."""
    n = counts.sum()
    mean = np.sum(counts * terms) / n
    return float(np.sqrt(np.sum(counts * (terms - mean) ** 2) / n / n))


def _few(counts: np.ndarray, bias: str) -> str:
    n, seen = int(counts.sum()), int((counts > 0).sum())
    if n >= FEW * seen:
        return ""
    return f"There are {n} samples in {seen} cells: too few. " + bias.format((seen - 1) / (2 * n))
