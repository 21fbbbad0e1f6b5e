"""What the solvers of the bottleneck return."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ibcourse._array import Array, namespace, to_numpy
from ibcourse.bottleneck.step import decoder, encoder_information

LIGHTEST = 1e-12  # clusters of less weight are left out


@dataclass(frozen=True, eq=False)
class IBCurve:
    r"""Solutions of the bottleneck for a list of β, in the order in which the β were given.

    Attributes
    ----------
    beta : array, shape (B,)
        The β.
    gamma : float
        The γ; 1 is the bottleneck.
    i_xt, i_ty, h_t : array, shape (B,)
        I(X;T), I(T;Y) and H(T) of each encoder, in nats.
    lagrangian : array, shape (B,)
        H(T) − γ H(T|X) − β I(T;Y), in nats.
    bound : array, shape (B,)
        How far each Lagrangian can be above the least one, in nats.  It is numerical: right if the search for
        the maximum of D has found it, which many starts make likely and nothing proves.  `certify` proves
        it for small alphabets.  nan for γ ≠ 1.
    converged : array of bool, shape (B,)
        Whether the iteration came to rest, or the bound fell to the tolerance, before a limit was reached.
        How good the solution is the bound says, not this.
    iterations : array of int, shape (B,)
        Fixed-point steps.
    encoder : tuple of arrays, shapes (X, T_i)
        p(t|x): used clusters only, by decreasing p(t).
    """

    beta: Array
    gamma: float
    i_xt: Array
    i_ty: Array
    h_t: Array
    lagrangian: Array
    bound: Array
    converged: Array
    iterations: Array
    encoder: tuple[Array, ...]


def curve_of(
    p_xy: Array,
    beta: Array,
    gamma: float,
    encoders: Sequence[Array],
    converged: Sequence[bool] | None = None,
    iterations: Sequence[int] | None = None,
) -> IBCurve:
    """Return the curve that encoders make, without a bound."""
    xp = namespace(p_xy)
    device = p_xy.device
    compacted = [_compact(p_xy, xp.asarray(encoder, dtype=p_xy.dtype, device=device)) for encoder in encoders]
    kept = [encoder_information(p_xy, encoder) for encoder in compacted]
    i_xt, i_ty, h_t = (
        xp.stack([xp.asarray(v, device=device) for v in values]) for values in zip(*kept, strict=True)
    )
    constant = xp.asarray([encoder.shape[1] == 1 for encoder in compacted], device=device)
    i_xt, i_ty, h_t = (xp.where(constant, 0.0, values) for values in (i_xt, i_ty, h_t))
    total = len(compacted)
    return IBCurve(
        beta=beta,
        gamma=gamma,
        i_xt=i_xt,
        i_ty=i_ty,
        h_t=h_t,
        lagrangian=(1 - gamma) * h_t + gamma * i_xt - beta * i_ty,
        bound=xp.full_like(beta, xp.nan),
        converged=xp.asarray(converged or [True] * total, device=device),
        iterations=xp.asarray(iterations or [0] * total, device=device),
        encoder=tuple(compacted),
    )


def by_weight(p_t: np.ndarray, encoder: np.ndarray) -> np.ndarray:
    """Return the used clusters by decreasing p(t); of equal ones, that of the first inputs comes first."""
    used = np.flatnonzero(p_t > LIGHTEST)
    position, ones = np.arange(len(encoder), dtype=float), np.ones(len(encoder))
    centre = (position @ encoder)[used] / (ones @ encoder)[used]
    return used[np.lexsort((centre, -p_t[used].round(9)))]


def _compact(p_xy: Array, encoder: Array) -> Array:
    """Return the encoder with used clusters only, by decreasing p(t)."""
    xp = namespace(p_xy)
    order = by_weight(to_numpy(decoder(p_xy, encoder).p_t), to_numpy(encoder))
    rows = encoder[:, order.tolist()]
    return rows / xp.sum(rows, axis=1, keepdims=True)
