"""
problem: two-factors
what: The factor g is first made a distribution of t.
loses: [visible-infer, hidden-infer]
"""


def factors(likelihood, labels):
    h = likelihood.sum(axis=1)
    members = np.eye(max(labels) + 1)[labels]
    total = members.T @ h
    g = members.T @ likelihood / np.where(total > 0, total, 1)[:, None]
    return {"h": h, "g": g} if np.allclose(h[:, None] * g[labels], likelihood, rtol=0, atol=1e-9) else None


def infer(g, t, prior):
    total = g.sum(axis=0)
    weights = prior * g[t] / np.where(total > 0, total, 1)
    return weights / weights.sum()
