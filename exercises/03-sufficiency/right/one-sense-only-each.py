"""
problem: one-sense-only
cell: thrifty
what: The class of the last x is split in unequal parts.
"""


def thrifty(p_xy):
    posterior = p_xy / p_xy.sum(axis=1, keepdims=True)
    kinds = []
    labels = []
    for row in posterior:
        near = [k for k, other in enumerate(kinds) if np.abs(other - row).max() < 1e-9]
        if not near:
            kinds.append(row)
        labels.append(near[0] if near else len(kinds) - 1)
    weights = [sum(p_xy[x].sum() for x in range(len(labels)) if labels[x] == k) for k in range(len(kinds))]
    chosen = max(range(len(kinds)), key=weights.__getitem__)
    record = []
    for k in labels:
        row = [0.0] * (len(kinds) + 1)
        row[k] = 0.7 if k == chosen else 1.0
        row[-1] = 0.3 if k == chosen else 0.0
        record.append(row)
    return record
