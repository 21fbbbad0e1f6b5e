"""
problem: wild-entropy
cell: family
what: Powers of the limit, with a series near a = 1.
"""


def entropies(a, side, log_n):
    """The entropy, a part of its integral, and the entropy of the truncated variable, in nats."""
    sign = 1 if side == "large" else -1
    end = np.log(log_n)
    mass = -np.expm1(-a * end)
    gap = (1 - a) * end
    if abs(gap) < 1e-4:
        mean_log = a * end * (1 + gap / 2 + gap**2 / 6)
    else:
        mean_log = a * (log_n ** (1 - a) - 1) / (1 - a)
    mean_u = mass / a - end * np.exp(-a * end)
    partial = sign * mean_log + (1 + a) * mean_u - mass * np.log(a)
    whole = 1 + 1 / a - np.log(a)
    if a > 1:
        whole += sign * (1 + 1 / (a - 1))
    else:
        whole = sign * np.inf
    return {"entropy": whole, "partial": partial, "truncated": partial / mass + np.log(mass)}
