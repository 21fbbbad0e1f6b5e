"""
problem: confusion
cell: batches
what: The median of the batches in place of the mean.
loses: [visible-batches, hidden-batches]
"""


def shortfall(codes, labels, batches):
    """H(Y|Z) of all images minus the mean H(Y|Z) of the batches."""

    def uncertainty(rows):
        p_zy = codes[rows].T @ np.eye(labels.max() + 1)[labels[rows]] / len(rows)
        p_z = p_zy.sum(axis=1, keepdims=True)
        return -np.sum(p_zy * np.log(np.where(p_zy > 0, p_zy, 1) / np.where(p_zy > 0, p_z, 1)))

    return uncertainty(np.arange(len(labels))) - np.median([uncertainty(rows) for rows in batches])


def blind(codes, labels, size):
    """Batches whose own H(Y|Z) is on average less than half of that of all images, shape (B, size)."""
    return np.argsort(labels).reshape(-1, size)
