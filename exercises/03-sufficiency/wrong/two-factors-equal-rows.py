"""
problem: two-factors
what: Only equal likelihoods are thought to be mergeable.
loses: [visible-factors, hidden-factors, hidden-refused]
"""


def factors(likelihood, labels):
    for t in set(labels):
        rows = likelihood[labels == t]
        if np.abs(rows - rows[0]).max() > 1e-9:
            return None
    g = np.array([likelihood[labels == t][0] for t in range(max(labels) + 1)])
    return {"h": np.ones(len(likelihood)), "g": g}


def infer(g, t, prior):
    return prior * g[t] / (prior @ g[t])
