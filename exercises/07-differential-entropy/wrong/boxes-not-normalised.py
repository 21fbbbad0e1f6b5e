"""
problem: wild-entropy
cell: boxes
what: Probabilities 1/n^2, whose sum is not 1.
loses: [visible-boxes, hidden-boxes]
"""


def boxes(sign, count, step):
    """The first boxes of a density whose boxes all contribute at least step nats, with this sign."""
    p = 1 / np.arange(1, count + 1) ** 2.0
    return {"p": p, "log_width": np.log(p) + sign * step / p, "tail": 0.0}
