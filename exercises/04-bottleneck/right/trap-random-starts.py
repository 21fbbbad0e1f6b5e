"""
problem: trap
what: Many random starts; the best and the worst that moved from the constant.
"""


def two_fixed_points(p_xy, beta):
    encoders = np.random.default_rng(0).dirichlet([0.2, 0.2], (60, 4))
    for _ in range(200):
        encoders = ib_step(p_xy, encoders, beta)
    still = np.abs(ib_step(p_xy, encoders, beta) - encoders).max(axis=(1, 2)) < 1e-10
    told = encoder_information(p_xy, encoders).i_xt > 0.15
    encoders = encoders[still & told]
    order = np.argsort(lagrangian(p_xy, encoders, beta))
    return {"stuck": encoders[order[-1]], "better": encoders[order[0]]}
