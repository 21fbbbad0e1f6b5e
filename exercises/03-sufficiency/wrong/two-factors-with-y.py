"""
problem: two-factors
what: The factor h depends on y.
loses: [visible-factors, hidden-factors, hidden-refused]
"""


def factors(likelihood, labels):
    members = np.eye(max(labels) + 1)[labels]
    g = members.T @ likelihood
    return {"h": likelihood / np.where(g[labels] > 0, g[labels], 1), "g": g}


def infer(g, t, prior):
    return prior * g[t] / (prior @ g[t])
