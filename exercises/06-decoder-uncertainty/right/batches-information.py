"""
problem: confusion
cell: batches
what: The shortfall is what the batch and the label share given the code; batches are built label by label.
"""


def shortfall(codes, labels, batches):
    """H(Y|Z) of all images minus the mean H(Y|Z) of the batches."""
    tables = np.array([codes[rows].T @ np.eye(labels.max() + 1)[labels[rows]] for rows in batches])
    tables /= len(labels)

    def entropy(p):
        return -np.sum(p[p > 0] * np.log(p[p > 0]))

    whole = tables.sum(axis=0)
    h = entropy(whole) - entropy(whole.sum(axis=1))
    return h - entropy(tables) + entropy(tables.sum(axis=2))


def blind(codes, labels, size):
    """Batches whose own H(Y|Z) is on average less than half of that of all images, shape (B, size)."""
    pools = [list(np.flatnonzero(labels == y)) for y in np.unique(labels)]
    batches, rest = [], []
    for pool in pools:
        while len(pool) >= size:
            batches.append([pool.pop() for _ in range(size)])
        rest += pool
    return np.array(batches + [rest[i : i + size] for i in range(0, len(rest), size)])
