"""
problem: one-step
what: An infinite divergence rules a cluster out at beta = 0, too.
loses: [visible-care]
"""


def bottleneck_step(p_xy, encoder, beta):
    p_x = p_xy.sum(axis=1)
    p_t = p_x @ encoder
    says_x = p_xy / p_x[:, None]
    says_t = encoder.T @ p_xy / np.where(p_t > 0, p_t, 1)[:, None]
    seen = says_x[:, None] > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        cost = np.sum(np.where(seen, says_x[:, None] * np.log(says_x[:, None] / says_t), 0), axis=2)
        cost = np.where(np.isinf(cost), np.inf, beta * cost)
    bracket = np.where(p_t > 0, np.log(np.where(p_t > 0, p_t, 1)) - cost, -np.inf)
    log_z = np.logaddexp.reduce(bracket, axis=1)
    return {"encoder": np.exp(bracket - log_z[:, None]), "log_z": log_z}
