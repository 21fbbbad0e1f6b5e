"""
problem: log-loss
what: The waste as a difference of mean losses over the labels that are sent.
"""


def log_loss(p_xy, predictions):
    rows = p_xy / p_xy.sum(axis=1)[:, None]
    with np.errstate(divide="ignore"):
        logs = -np.log(predictions)
    charges = np.where(rows[:, None] > 0, rows[:, None] * logs, 0).sum(axis=2)
    entropies = -np.sum(rows * np.log(np.where(rows > 0, rows, 1)), axis=1)
    return charges - entropies[:, None]


def best_predictions(p_xy, encoder):
    p_ty = np.einsum("xt,xy->ty", encoder, p_xy)
    p_ty[p_ty.sum(axis=1) == 0] = 1
    return p_ty / p_ty.sum(axis=1)[:, None]


def waste(p_xy, encoder, predictions):
    weights = p_xy.sum(axis=1)[:, None] * encoder
    least = log_loss(p_xy, best_predictions(p_xy, encoder))
    return np.sum(weights * np.where(weights > 0, log_loss(p_xy, predictions) - least, 0))
