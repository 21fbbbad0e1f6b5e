"""
problem: log-loss
what: The divergence with the prediction first.
loses: [visible-loss, visible-predictions, hidden-loss, hidden-predictions]
"""


def log_loss(p_xy, predictions):
    p = (p_xy / p_xy.sum(axis=1, keepdims=True))[:, None]
    r = np.asarray(predictions)[None]
    with np.errstate(all="ignore"):
        return np.where(r > 0, r * np.log(r / p), 0).sum(axis=2)


def best_predictions(p_xy, encoder):
    p_ty = encoder.T @ p_xy
    p_t = p_ty.sum(axis=1, keepdims=True)
    return np.where(p_t > 0, p_ty / np.where(p_t > 0, p_t, 1), 1 / p_xy.shape[1])


def waste(p_xy, encoder, predictions):
    best = best_predictions(p_xy, encoder)
    p_t = encoder.T @ p_xy.sum(axis=1)
    return p_t @ (predictions * np.log(predictions / best)).sum(axis=1)
