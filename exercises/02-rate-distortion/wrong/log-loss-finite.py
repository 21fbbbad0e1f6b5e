"""
problem: log-loss
what: A small number is added to avoid infinity, and bits in the first.
loses: [visible-loss, hidden-loss]
"""


def log_loss(p_xy, predictions):
    p = (p_xy / p_xy.sum(axis=1, keepdims=True))[:, None]
    return np.sum(p * np.log((p + 1e-12) / (predictions + 1e-12)), axis=2)


def best_predictions(p_xy, encoder):
    p_ty = encoder.T @ p_xy
    p_t = p_ty.sum(axis=1, keepdims=True)
    return np.where(p_t > 0, p_ty / np.where(p_t > 0, p_t, 1), 1 / p_xy.shape[1])


def waste(p_xy, encoder, predictions):
    best = best_predictions(p_xy, encoder)
    best = np.where(best > 0, best, 1e-300)
    return (encoder.T @ p_xy.sum(axis=1)) @ (best * np.log(best / predictions)).sum(axis=1)
