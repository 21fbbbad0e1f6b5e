"""
problem: log-loss
what: The waste as mean loss minus the information that is lost.
"""


def log_loss(p_xy, predictions):
    table = []
    for row in p_xy / p_xy.sum(axis=1, keepdims=True):
        seen = row > 0
        with np.errstate(divide="ignore"):
            table.append([np.sum(row[seen] * np.log(row[seen] / r[seen])) for r in predictions])
    return np.array(table)


def best_predictions(p_xy, encoder):
    found = np.full((encoder.shape[1], p_xy.shape[1]), 1 / p_xy.shape[1])
    for t, weights in enumerate(encoder.T):
        if weights.any():
            found[t] = weights @ p_xy / (weights @ p_xy).sum()
    return found


def waste(p_xy, encoder, predictions):
    mean = np.sum(p_xy.sum(axis=1)[:, None] * encoder * log_loss(p_xy, predictions))
    return mean - (mutual_information(p_xy) - mutual_information(encoder.T @ p_xy))
