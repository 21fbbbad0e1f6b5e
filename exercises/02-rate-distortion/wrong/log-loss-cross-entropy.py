"""
problem: log-loss
what: The cross-entropy in place of the divergence.
loses: [visible-loss, hidden-loss]
"""


def log_loss(p_xy, predictions):
    p = p_xy / p_xy.sum(axis=1, keepdims=True)
    with np.errstate(all="ignore"):
        return -np.where(p[:, None] > 0, p[:, None] * np.log(predictions), 0).sum(axis=2)


def best_predictions(p_xy, encoder):
    p_ty = encoder.T @ p_xy
    p_t = p_ty.sum(axis=1, keepdims=True)
    return np.where(p_t > 0, p_ty / np.where(p_t > 0, p_t, 1), 1 / p_xy.shape[1])


def waste(p_xy, encoder, predictions):
    weights = p_xy.sum(axis=1)[:, None] * encoder
    best = np.where(best_predictions(p_xy, encoder) > 0, best_predictions(p_xy, encoder), 1e-300)
    return np.sum(weights * (log_loss(p_xy, predictions) - log_loss(p_xy, best)))
