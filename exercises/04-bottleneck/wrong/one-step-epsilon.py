"""
problem: one-step
what: A small number is added in place of the rule for zeros.
loses: [visible-care, hidden-encoder]
"""


def bottleneck_step(p_xy, encoder, beta):
    p_x = p_xy.sum(axis=1)
    p_t = p_x @ encoder
    says_x = p_xy / p_x[:, None]
    says_t = encoder.T @ p_xy / np.where(p_t > 0, p_t, 1)[:, None]
    ratio = (says_x[:, None] + 1e-12) / (says_t + 1e-12)
    cost = np.sum(says_x[:, None] * np.log(ratio), axis=2)
    bracket = np.where(p_t > 0, np.log(np.where(p_t > 0, p_t, 1)) - beta * cost, -np.inf)
    log_z = np.logaddexp.reduce(bracket, axis=1)
    return {"encoder": np.exp(bracket - log_z[:, None]), "log_z": log_z}
