"""
problem: two-factors
what: A row of zeros divides by zero.
loses: [visible-factors, hidden-factors]
"""


def factors(likelihood, labels):
    h = likelihood.sum(axis=1)
    profile = likelihood / h[:, None]
    g = np.array([profile[labels == t].mean(axis=0) for t in range(max(labels) + 1)])
    if np.abs(h[:, None] * g[labels] - likelihood).max() > 1e-9:
        return None
    return {"h": h, "g": g}


def infer(g, t, prior):
    return prior * g[t] / (prior @ g[t])
