"""
problem: trap
what: Two random starts, each with a few steps.
loses: [visible, hidden]
"""


def two_fixed_points(p_xy, beta):
    pair = np.random.default_rng(3).dirichlet([1, 1], (2, 4))
    for _ in range(3):
        pair = ib_step(p_xy, pair, beta)
    order = np.argsort(lagrangian(p_xy, pair, beta))
    return {"stuck": pair[order[1]], "better": pair[order[0]]}
