"""
problem: wild-entropy
cell: boxes
what: Probabilities 1/(n(n+1)), with an exact tail.
"""


def boxes(sign, count, step):
    """The first boxes of a density whose boxes all contribute at least step nats, with this sign."""
    n = np.arange(1.0, count + 1)
    p = 1 / (n * (n + 1))
    return {"p": p, "log_width": np.log(p) + sign * step / p, "tail": 1 / (count + 1)}
