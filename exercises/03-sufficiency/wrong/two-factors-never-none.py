"""
problem: two-factors
what: The best factors are returned without a look at their product.
loses: [visible-factors, hidden-refused]
"""


def factors(likelihood, labels):
    h = likelihood.sum(axis=1)
    members = np.eye(max(labels) + 1)[labels]
    total = members.T @ h
    return {"h": h, "g": members.T @ likelihood / np.where(total > 0, total, 1)[:, None]}


def infer(g, t, prior):
    return prior * g[t] / (prior @ g[t])
