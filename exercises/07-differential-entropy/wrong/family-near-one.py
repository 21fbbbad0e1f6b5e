"""
problem: wild-entropy
cell: family
what: An a near 1 is taken for 1.
loses: [visible-family, hidden-family]
"""


def entropies(a, side, log_n):
    """The entropy, a part of its integral, and the entropy of the truncated variable, in nats."""
    sign = 1 if side == "large" else -1
    end = np.log(log_n)
    mass = -np.expm1(-a * end)
    mean_log = end if np.isclose(a, 1) else a * (log_n ** (1 - a) - 1) / (1 - a)
    mean_u = mass / a - end * np.exp(-a * end)
    partial = sign * mean_log + (1 + a) * mean_u - mass * np.log(a)
    whole = sign * (a / (a - 1) if a > 1 else np.inf) + (1 + a) / a - np.log(a)
    return {"entropy": whole, "partial": partial, "truncated": partial / mass + np.log(mass)}
