r"""Newton's method for a few atoms, where the fixed-point iteration creeps.

Near a phase transition :math:`F` is flat in some direction, and the local solver needs hundreds of steps.  In
the variables :math:`\ln u`, the function :math:`F + \sum_{t,y} u_{ty}` needs no constraint: its minimum has
:math:`\sum u = 1`.  With :math:`m_t = w'_t` and :math:`v_{ty} = u'_{ty}` from one step of the iteration, and
:math:`J_{x,ty} = r_{xt} [(1 - \beta) q_{ty} + \beta W_{xy}]`, its gradient and Hessian are

.. math::

    g = u - (1 - \beta)\, m q - \beta v, \qquad
    H = \operatorname{diag}(u - (1 - \beta)\, m q) + J^T \operatorname{diag}(p) J - B,

where B has one block for each atom,

.. math::

    B_t = \beta^2 \sum_x p_x r_{xt} W_x W_x^T + [(1 - \beta)^2 - (1 - \beta)]\, m_t q_t q_t^T
          + \beta (1 - \beta) (q_t v_t^T + v_t q_t^T).

Directions of negative curvature are followed downhill, by the absolute value of their eigenvalues.  A step
that does not lower F is shortened.  Of many atoms, those that the iteration moves most take part.
"""

import numpy as np

from ibcourse.bottleneck.mixture import Levels, State, from_log_u

LARGEST = 60  # variables; of more atoms, those that the iteration moves most
FIXED = 1e-13  # a smaller u stays where it is
STEPS = 5


def newton(level: Levels, state: State) -> State:
    """Return a state of one β after some steps of Newton's method; F is not larger."""
    problem = level.problem
    for _ in range(STEPS):
        step = _step(level, state)
        log_u = problem.host(state.c[1:])
        for _ in range(6):
            new = level.state(from_log_u(problem, problem.give(log_u + np.clip(step, -1.5, 1.5)[:, None])))
            if new.f[0] < state.f[0]:
                break
            step = step / 4
        else:
            return state
        gained, state = state.f[0] - new.f[0], new
        if gained < 1e-15:
            break
    return state


def _step(level: Levels, state: State) -> np.ndarray:
    """Return the step in ln u, shape (m, T); atoms that move little stay where they are."""
    problem, beta = level.problem, float(level.beta[0])
    c, image = problem.host(state.c)[:, 0], problem.host(state.image)[:, 0]
    r = problem.host(level.encoder(state))[:, 0]
    p, w = problem.host(problem.p_x), problem.host(problem.p_y_x)
    moving = np.sum((image[1:] - np.exp(c[1:])) ** 2 / np.exp(c[1:]), axis=0)
    chosen = np.argsort(-moving)[: max(1, LARGEST // problem.m)]
    step = np.zeros_like(c[1:])
    c, image, r = c[:, chosen], image[:, chosen], r[:, chosen]
    u, q = np.exp(c[1:]), np.exp(c[1:] - c[0])
    m, v = image[0], image[1:]
    slope = u - (1 - beta) * m * q - beta * v
    jacobian = (r[:, None, :] * ((1 - beta) * q + beta * w[:, :, None])).reshape(len(p), -1)
    hessian = np.diag((u - (1 - beta) * m * q).ravel()) + jacobian.T @ (p[:, None] * jacobian)
    second = ((p[:, None] * r).T[:, None, :] * w.T) @ w  # shape (T, m, m), as B
    mixed = q.T[:, :, None] * v.T[:, None, :]
    block = (
        beta**2 * second
        + ((1 - beta) ** 2 - (1 - beta)) * m[:, None, None] * q.T[:, :, None] * q.T[:, None, :]
    )
    block += beta * (1 - beta) * (mixed + mixed.transpose(0, 2, 1))
    atoms = np.arange(len(m))
    hessian.reshape(len(q), len(m), len(q), len(m))[:, atoms, :, atoms] -= block
    free = u.ravel() > FIXED
    root = np.sqrt(u.ravel()[free])
    values, vectors = np.linalg.eigh(hessian[np.ix_(free, free)] / np.outer(root, root))
    along = vectors.T @ (slope.ravel()[free] / root)
    flat = np.zeros(u.size)
    flat[free] = -(vectors @ (along / np.maximum(np.abs(values), 1e-9))) / root
    step[:, chosen] = flat.reshape(u.shape)
    return step
