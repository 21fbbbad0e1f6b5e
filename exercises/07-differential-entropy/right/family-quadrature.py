"""
problem: wild-entropy
cell: family
what: Gauss-Legendre panels over ln |ln x|.
"""


def entropies(a, side, log_n):
    """The entropy, a part of its integral, and the entropy of the truncated variable, in nats."""
    sign = 1 if side == "large" else -1
    end = np.log(log_n)
    nodes, weights = np.polynomial.legendre.leggauss(30)
    partial = mass = 0
    for left in np.arange(60) * end / 60:
        u = left + (1 + nodes) * end / 120
        p_u = a * np.exp(-a * u) * weights * end / 120
        mass += p_u.sum()
        partial += p_u @ (sign * np.exp(u) + (1 + a) * u - np.log(a))
    whole = sign * (a / (a - 1) if a > 1 else np.inf) + (1 + a) / a - np.log(a)
    return {"entropy": whole, "partial": partial, "truncated": partial / mass + np.log(mass)}
