r"""The bottleneck as maximum likelihood of a mixture, which is a convex problem.

The mixture
-----------

Write :math:`W_{xy} = p(y|x)` and :math:`h_x = H(Y|X = x)`.  For atoms :math:`q_t`, distributions over Y, with
weights :math:`w_t`, let

.. math::

    K_{xt} = e^{-\beta D(W_x \| q_t)} = e^{\beta (h_x + \sum_y W_{xy} \ln q_{ty})}, \qquad
    s_x = \sum_t w_t K_{xt}, \qquad F(w, q) = -\sum_x p_x \ln s_x .

Put the best encoder :math:`r_{xt} = w_t K_{xt} / s_x` into :math:`G(r, w, q)` of `ibcourse.bottleneck.step`
(γ = 1): what is left is :math:`F` up to the constant :math:`\beta I(X;Y)` that :math:`G` takes off.  Since an
encoder's own :math:`w` and :math:`q` are the best ones for it,

.. math:: L(r) \le F(w, q) - \beta\, I(X;Y),

with equality at a fixed point.  The least :math:`F` is thus the bottleneck's optimum :math:`L^* + \beta
I(X;Y)`.  As a function of the mixing measure :math:`\sum_t w_t \delta_{q_t}`, the mixture :math:`s` is linear
and :math:`F` convex.

One step
--------

A step of the fixed-point iteration is a step of the EM algorithm for this mixture.  With
:math:`u_{ty} = w_t q_{ty}`, the joint distribution of T and Y, it reads

.. math:: u'_{ty} = \sum_x p_x r_{xt} W_{xy},

and because :math:`\ln (w_t K_{xt}) = (1 - \beta) \ln w_t + \beta \sum_y W_{xy} \ln u_{ty} + \beta h_x`, two
products of matrices do all of it.  The code keeps :math:`c = \ln [w; u]`, of shape (1 + Y, T).

References
----------
- B. G. Lindsay, The geometry of mixture likelihoods: a general theory, Annals of Statistics 11 (1983).
- A. P. Dempster, N. M. Laird and D. B. Rubin, Maximum likelihood from incomplete data via the EM algorithm,
  Journal of the Royal Statistical Society B 39 (1977).
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ibcourse._array import Array, namespace, to_numpy, xlogy

TINY = 1e-300  # stands for 0 where a logarithm is taken
LOWEST = -350.0  # ln K is raised to this: products with denormal numbers are slow
SMALL = 1e-60  # a smaller sum of K is computed anew, with the largest K as unit
UNUSED = 1e-80  # an atom of less weight only fills up a table; more than e^LOWEST / SMALL


class Problem:
    """A joint distribution without what does not matter: no empty rows or columns, no row twice.

    Rows with the same p(y|x) are one row: an optimal encoder can treat them alike (the map from a merged row
    back to its rows keeps I(X;T) and I(T;Y)).

    Attributes
    ----------
    p_x, p_y_x, p_y : array, shapes (n,), (n, m), (m,)
        The distribution that is left.
    h : array, shape (n,)
        H(Y|X = x).
    i_xy : float
        I(X;Y).
    row : list of int, length X
        The row that stands for each input, −1 for an input of probability zero.
    """

    def __init__(self, p_xy: Array):
        self.xp = xp = namespace(p_xy)
        # For NumPy arrays np.maximum and the identity are what xp.clip and to_numpy come to, but quicker.
        self.at_least = np.maximum if xp is np else lambda array, low: xp.clip(array, low, None)
        self.raise_to = (
            (lambda z, low: np.maximum(z, low, out=z)) if xp is np else lambda z, low: z.clamp_(low)
        )
        self.host = (lambda array: array) if xp is np else to_numpy
        host = to_numpy(p_xy)
        p_x, p_y = host.sum(axis=1), host.sum(axis=0)
        rows, columns = np.flatnonzero(p_x > 0), np.flatnonzero(p_y > 0)
        conditional = host[np.ix_(rows, columns)] / p_x[rows, None]
        conditional[conditional < 1e-100] = 0
        conditional /= conditional.sum(axis=1, keepdims=True)
        _, first, group = np.unique(conditional.round(13), axis=0, return_index=True, return_inverse=True)
        mass = np.bincount(group, p_x[rows])
        if len(first) < len(rows):
            conditional = np.stack([np.bincount(group, c * p_x[rows]) for c in conditional.T], axis=1)
            conditional /= conditional.sum(axis=1, keepdims=True)
        else:
            mass, group = p_x[rows], np.arange(len(rows))
        row = np.full(len(p_x), -1)
        row[rows] = group
        self.row: list[int] = row.tolist()
        self.n, self.m = conditional.shape

        def give(array: np.ndarray) -> Array:
            return xp.asarray(array, dtype=p_xy.dtype, device=p_xy.device)

        self.p_x, self.p_y_x, self.p_y = (
            give(mass / mass.sum()),
            give(conditional),
            give(p_y[columns] / p_y.sum()),
        )
        self.give = give
        self.h = 0.0 - xp.sum(xlogy(self.p_y_x, self.p_y_x), axis=1)
        self.log_p_x = xp.log(self.p_x)
        self.log_p_y = xp.log(self.p_y)
        weighted = xp.matrix_transpose(self.p_x[:, None] * self.p_y_x)
        # [1, p(y|x), H(Y|x)]: its product with [(1 − β) ln w; β ln u; β] is ln(w K).
        self.rows = xp.concat([xp.ones_like(self.h[:, None]), self.p_y_x, self.h[:, None]], axis=1)
        # joint[:, x] = p(x) [1; p(y|x)]: its product with r is the new [w; u].
        self.joint = xp.concat([self.p_x[None, :], weighted])
        self.i_xy = -float(xp.sum(self.p_y * self.log_p_y)) - float(self.p_x @ self.h)

    def expand(self, encoder: Array) -> Array:
        """Return the encoder of all inputs from that of the rows that are left, shape (n, T)."""
        if self.row == list(range(self.n)):
            return encoder
        # An input of probability zero goes to the clusters as the others do on average.
        average = self.p_x @ encoder
        return self.xp.concat([encoder, average[None, :] / self.xp.sum(average)])[self.row, :]


class State(NamedTuple):
    """Atoms at several β, and what one step makes of them."""

    c: Array  # ln [w; u], shape (1 + m, B, T)
    image: Array  # [w'; u'], shape (1 + m, B, T)
    log_s: Array  # shape (n, B)
    f: np.ndarray  # F − β I(X;Y), shape (B,): at least the Lagrangian of the encoder

    def at(self, places: Sequence[int] | np.ndarray) -> "State":
        """Return the state at some of the β."""
        chosen = list(places)
        return State(self.c[:, chosen], self.image[:, chosen], self.log_s[:, chosen], self.f[chosen])

    def one(self, b: int) -> "State":
        """Return the state at one β, without the columns that only fill up its table."""
        used = np.flatnonzero(to_numpy(self.c[0, b]) > np.log(UNUSED)).tolist()
        return State(
            self.c[:, [b]][..., used], self.image[:, [b]][..., used], self.log_s[:, [b]], self.f[[b]]
        )


class Levels:
    """The mixture problem at one or several β.

    Arrays of atoms have the shape (1 + m, B, T), so that one product of matrices serves all β.
    """

    def __init__(self, problem: Problem, beta: np.ndarray):
        xp = problem.xp
        self.problem, self.beta = problem, beta
        b = problem.give(beta)
        self.scale = xp.concat([(1 - b)[None, :], xp.broadcast_to(b, (problem.m, len(beta)))])[..., None]
        self.beta_h = (problem.h[:, None] * b)[..., None]

    def at(self, places: Sequence[int] | np.ndarray) -> "Levels":
        """Return the problem at some of the β."""
        return Levels(self.problem, self.beta[list(places)])

    def log_terms(self, c: Array) -> Array:
        """Return ln(w K), shape (n, B, T)."""
        xp, problem = self.problem.xp, self.problem
        last = self.scale[-1:] * xp.ones_like(c[:1])
        factor = xp.reshape(xp.concat([c * self.scale, last]), (problem.m + 2, -1))
        return xp.reshape(problem.rows @ factor, (problem.n, *c.shape[1:]))

    def state(self, c: Array) -> State:
        """Evaluate F and a step at the atoms c."""
        xp, problem = self.problem.xp, self.problem
        z = self.log_terms(c)
        xp.exp(problem.raise_to(z, LOWEST), out=z)
        s = self._sum(z)
        shift = None
        if float(xp.min(s)) < SMALL:
            z = self.log_terms(c)
            shift = xp.max(z, axis=2)
            z -= shift[..., None]
            xp.exp(problem.raise_to(z, LOWEST), out=z)
            s = self._sum(z)
        log_s = xp.log(s) if shift is None else xp.log(s) + shift
        f = -problem.host(problem.p_x @ log_s) - self.beta * problem.i_xy
        if len(self.beta) == 1:
            image = ((problem.joint / s[:, 0]) @ z[:, 0])[:, None]
        else:
            z /= s[..., None]
            image = xp.reshape(problem.joint @ xp.reshape(z, (problem.n, -1)), c.shape)
        return State(c, image, log_s, f)

    def _sum(self, z: Array) -> Array:
        """Return the sum over the last axis; as a product of matrices it is quicker."""
        xp = self.problem.xp
        return xp.reshape(xp.reshape(z, (-1, z.shape[2])) @ xp.ones_like(z[0, 0]), z.shape[:2])

    def encoder(self, state: State) -> Array:
        """Return r, shape (n, B, T)."""
        z = self.log_terms(state.c)
        z -= state.log_s[..., None]
        return self.problem.xp.exp(z, out=z)

    def information(self, state: State) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return I(X;T), I(T;Y) and H(T) of the encoders, shape (B,), from the state alone."""
        xp, problem = self.problem.xp, self.problem
        w, u = state.image[0], state.image[1:]
        log_w = xp.log(problem.at_least(w, TINY))
        log_q = state.c[1:] - state.c[0]
        f = state.f + self.beta * problem.i_xy
        fit = float(problem.p_x @ problem.h) + to_numpy(xp.sum(u * log_q, axis=(0, 2)))
        i_xt = to_numpy(xp.sum(w * (state.c[0] - log_w), axis=1)) + self.beta * fit + f
        i_ty = to_numpy(
            xp.sum(
                u * (xp.log(problem.at_least(u, TINY)) - log_w - problem.log_p_y[:, None, None]), axis=(0, 2)
            )
        )
        return i_xt, i_ty, -to_numpy(xp.sum(w * log_w, axis=1))


def log_joint(problem: Problem, u: Array) -> Array:
    """Return c = ln [w; u] of weights u, shape (m, B, T), divided by their sums."""
    return from_log_u(problem, problem.xp.log(problem.at_least(u, TINY)))


def from_log_u(problem: Problem, log_u: Array) -> Array:
    """Return c = ln [w; u] of ln u, shape (m, B, T), less what makes the sums of w one."""
    xp = problem.xp
    w = xp.sum(xp.exp(log_u), axis=0)
    return xp.concat([xp.log(w)[None], log_u]) - xp.log(xp.sum(w, axis=1))[:, None]
