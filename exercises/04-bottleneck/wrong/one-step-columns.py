"""
problem: one-step
what: Normalised over x.
loses: [visible-step, visible-care, hidden-encoder]
"""


def bottleneck_step(p_xy, encoder, beta):
    """The next encoder, shape (X, T), and the logarithms of its normalisers, shape (X,)."""
    p_x = p_xy.sum(axis=1)
    p_t = p_x @ encoder
    p_y_given_x = p_xy / p_x[:, None]
    p_y_given_t = encoder.T @ p_xy / np.where(p_t > 0, p_t, 1)[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        log_ratio = np.log(p_y_given_x[:, None]) - np.log(p_y_given_t)
        terms = np.where(p_y_given_x[:, None] > 0, p_y_given_x[:, None] * log_ratio, 0)
        cost = beta * terms.sum(axis=2) if beta else np.zeros_like(encoder)
        bracket = np.where(p_t > 0, np.log(p_t) - cost, -np.inf)
    top = bracket.max(axis=1, keepdims=True)
    log_z = top[:, 0] + np.log(np.exp(bracket - top).sum(axis=1))
    return {"encoder": np.exp(bracket) / np.exp(bracket).sum(axis=0), "log_z": log_z}
