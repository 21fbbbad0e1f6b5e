"""
problem: one-round
what: Everything symbol by symbol.
"""


def ba_round(p_x, d, s, q):
    n, m = d.shape
    rows, f = [], 0.0
    c = np.zeros(m)
    for i in range(n):
        weights = [q[j] * np.exp(-s * d[i, j]) for j in range(m)]
        u = sum(weights)
        rows.append([w / u for w in weights])
        f -= p_x[i] * np.log(u)
        c += [p_x[i] * np.exp(-s * d[i, j]) / u for j in range(m)]
    correction = sum(q[j] * c[j] * np.log(c[j]) for j in range(m))
    return {"channel": np.array(rows), "output": q * c, "cost": f - correction, "lower": f - np.log(max(c))}
