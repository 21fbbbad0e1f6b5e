"""
problem: log-loss
what: Zeros are not taken care of.
loses: [visible-loss, visible-predictions, hidden-loss, hidden-predictions]
"""


def log_loss(p_xy, predictions):
    p = (p_xy / p_xy.sum(axis=1, keepdims=True))[:, None]
    return (p * np.log(p / predictions)).sum(axis=2)


def best_predictions(p_xy, encoder):
    p_ty = encoder.T @ p_xy
    return p_ty / p_ty.sum(axis=1, keepdims=True)


def waste(p_xy, encoder, predictions):
    best = best_predictions(p_xy, encoder)
    return (encoder.T @ p_xy.sum(axis=1)) @ (best * np.log(best / predictions)).sum(axis=1)
