"""
problem: two-factors
what: Same best guess is taken for sufficiency.
loses: [visible-factors, hidden-refused]
"""


def factors(likelihood, labels):
    best = likelihood.argmax(axis=1)
    if any(len(set(best[(labels == t) & (likelihood.sum(axis=1) > 0)])) > 1 for t in set(labels)):
        return None
    h = likelihood.sum(axis=1)
    members = np.eye(max(labels) + 1)[labels]
    total = members.T @ h
    return {"h": h, "g": members.T @ likelihood / np.where(total > 0, total, 1)[:, None]}


def infer(g, t, prior):
    return prior * g[t] / (prior @ g[t])
