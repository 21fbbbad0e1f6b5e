"""
problem: one-step
what: One pair of input and cluster after the other.
"""


def bottleneck_step(p_xy, encoder, beta):
    n, k = encoder.shape
    p_x = p_xy.sum(axis=1)
    joint = [sum(p_xy[x] * encoder[x, t] for x in range(n)) for t in range(k)]
    new, log_z = np.zeros((n, k)), np.zeros(n)
    for x in range(n):
        seen = np.flatnonzero(p_xy[x])
        exponents = {}
        for t in range(k):
            p_t = joint[t].sum()
            if p_t > 0 and (beta == 0 or all(joint[t][seen] > 0)):
                a = p_xy[x, seen] / p_x[x]
                cost = a @ np.log(a / (joint[t][seen] / p_t)) if beta else 0
                exponents[t] = np.log(p_t) - beta * cost
        largest = max(exponents.values())
        log_z[x] = largest + np.log(sum(np.exp(e - largest) for e in exponents.values()))
        for t, e in exponents.items():
            new[x, t] = np.exp(e - log_z[x])
    return {"encoder": new.tolist(), "log_z": log_z.tolist()}
