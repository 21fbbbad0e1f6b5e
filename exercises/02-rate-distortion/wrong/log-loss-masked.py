"""
problem: log-loss
what: The divergence with the prediction first, where neither is zero.
loses: [visible-loss, hidden-loss]
"""


def log_loss(p_xy, predictions):
    p = (p_xy / p_xy.sum(axis=1, keepdims=True))[:, None]
    with np.errstate(all="ignore"):
        return np.where((p > 0) & (predictions > 0), predictions * np.log(predictions / p), 0).sum(axis=2)


def best_predictions(p_xy, encoder):
    p_ty = encoder.T @ p_xy
    p_t = p_ty.sum(axis=1, keepdims=True)
    return np.where(p_t > 0, p_ty / np.where(p_t > 0, p_t, 1), 1 / p_xy.shape[1])


def waste(p_xy, encoder, predictions):
    best = best_predictions(p_xy, encoder)
    best = np.where(best > 0, best, 1e-300)
    return (encoder.T @ p_xy.sum(axis=1)) @ (best * np.log(best / predictions)).sum(axis=1)
