"""
problem: two-factors
what: A row of each t as g, and h by ratios to it.
"""


def factors(likelihood, labels):
    g = np.zeros((max(labels) + 1, likelihood.shape[1]))
    h = np.zeros(len(labels))
    for t in range(len(g)):
        members = [x for x in range(len(labels)) if labels[x] == t and likelihood[x].any()]
        for x in members:
            first = likelihood[members[0]]
            g[t] = first
            h[x] = likelihood[x].max() / first[likelihood[x].argmax()] if first[likelihood[x].argmax()] else 0
            if np.abs(h[x] * first - likelihood[x]).max() > 1e-9:
                return None
    return {"h": h.tolist(), "g": g.tolist()}


def infer(g, t, prior):
    weights = [a * b for a, b in zip(g[t], prior, strict=True)]
    return [weight / sum(weights) for weight in weights]
