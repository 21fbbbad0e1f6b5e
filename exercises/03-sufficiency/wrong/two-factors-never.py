"""
problem: two-factors
what: A t with nothing but rows of zeros divides by zero.
loses: [visible-factors, hidden-factors]
"""


def factors(likelihood, labels):
    row = likelihood.sum(axis=1)
    g = np.array([likelihood[labels == t].sum(axis=0) for t in range(max(labels) + 1)])
    h = row / g.sum(axis=1)[labels]
    if np.any(np.abs(h[:, None] * g[labels] - likelihood) > 1e-9):
        return None
    return {"h": h, "g": g}


def infer(g, t, prior):
    return prior * g[t] / (prior @ g[t])
