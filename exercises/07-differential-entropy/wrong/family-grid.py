"""
problem: wild-entropy
cell: family
what: A grid in x, which ends where numbers end.
loses: [visible-family, hidden-family]
"""


def entropies(a, side, log_n):
    """The entropy, a part of its integral, and the entropy of the truncated variable, in nats."""
    sign = 1 if side == "large" else -1
    end = np.log(log_n)
    x = np.exp(sign * np.exp(np.linspace(0, end, 10001)))
    p = a / (x * np.abs(np.log(x)) ** (1 + a))
    partial = abs(np.trapezoid(-p * np.log(p), x))
    mass = abs(np.trapezoid(p, x))
    whole = sign * (a / (a - 1) if a > 1 else np.inf) + (1 + a) / a - np.log(a)
    return {"entropy": whole, "partial": partial, "truncated": partial / mass + np.log(mass)}
