"""
problem: wild-entropy
cell: boxes
what: Half of the probability is in no box.
loses: [visible-boxes, hidden-boxes]
"""


def boxes(sign, count, step):
    """The first boxes of a density whose boxes all contribute at least step nats, with this sign."""
    p = 0.5 ** np.arange(2, count + 2)
    return {"p": p, "log_width": np.log(p) + sign * step / p, "tail": 0.5 + p[-1]}
