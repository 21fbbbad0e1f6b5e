"""
problem: two-factors
what: h is p(x|t) under a uniform prior, g is p(t|y).
"""


def factors(likelihood, labels):
    t_count = max(labels) + 1
    g = np.array([likelihood[labels == t].sum(axis=0) for t in range(t_count)])
    total = g.sum(axis=1)[labels]
    h = np.divide(likelihood.sum(axis=1), total, out=np.zeros(len(labels)), where=total > 0)
    fits = np.abs(np.outer(h, np.ones(g.shape[1])) * g[labels] - likelihood) < 1e-9
    return {"h": h, "g": g} if fits.all() else None


def infer(g, t, prior):
    joint = np.asarray(g)[t] * prior
    return np.exp(np.log(np.where(joint > 0, joint, 1)) - np.log(joint.sum())) * (joint > 0)
