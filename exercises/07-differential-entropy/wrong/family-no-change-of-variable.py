"""
problem: wild-entropy
cell: family
what: The entropy of ln X in place of that of X.
loses: [visible-family, hidden-family]
"""


def entropies(a, side, log_n):
    """The entropy, a part of its integral, and the entropy of the truncated variable, in nats."""
    end = np.log(log_n)
    mass = -np.expm1(-a * end)
    mean_u = mass / a - end * np.exp(-a * end)
    partial = (1 + a) * mean_u - mass * np.log(a)
    whole = 1 + 1 / a - np.log(a)
    return {"entropy": whole, "partial": partial, "truncated": partial / mass + np.log(mass)}
