"""
problem: two-factors
what: Rows may be merged whenever their zeros agree, as if the factor might depend on y.
loses: [visible-factors, hidden-refused]
"""


def factors(likelihood, labels):
    for t in set(labels):
        rows = likelihood[labels == t]
        rows = rows[rows.sum(axis=1) > 0]
        if np.any((rows > 0) != (rows[:1] > 0)):
            return None
    h = likelihood.sum(axis=1)
    members = np.eye(max(labels) + 1)[labels]
    total = members.T @ h
    return {"h": h, "g": members.T @ likelihood / np.where(total > 0, total, 1)[:, None]}


def infer(g, t, prior):
    return prior * g[t] / (prior @ g[t])
