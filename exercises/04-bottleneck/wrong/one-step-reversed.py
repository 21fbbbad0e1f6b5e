"""
problem: one-step
what: The divergence the other way round.
loses: [visible-step, visible-care, hidden-encoder, hidden-normaliser]
"""


def bottleneck_step(p_xy, encoder, beta):
    p_x = p_xy.sum(axis=1)
    p_t = p_x @ encoder
    says_x = p_xy / p_x[:, None]
    says_t = encoder.T @ p_xy / p_t[:, None]
    cost = np.sum(says_t * np.log(says_t / says_x[:, None]), axis=2)
    weights = p_t * np.exp(-beta * cost)
    z = weights.sum(axis=1)
    return {"encoder": weights / z[:, None], "log_z": np.log(z)}
