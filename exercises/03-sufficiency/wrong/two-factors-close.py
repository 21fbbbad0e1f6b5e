"""
problem: two-factors
what: The product is compared with the default tolerances of np.allclose.
loses: [visible-factors, hidden-refused]
"""


def factors(likelihood, labels):
    h = likelihood.sum(axis=1)
    members = np.eye(max(labels) + 1)[labels]
    total = members.T @ h
    g = members.T @ likelihood / np.where(total > 0, total, 1)[:, None]
    return {"h": h, "g": g} if np.allclose(h[:, None] * g[labels], likelihood) else None


def infer(g, t, prior):
    return prior * g[t] / (prior @ g[t])
