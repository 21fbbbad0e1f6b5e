"""
problem: wild-entropy
cell: boxes
what: The sign is the wrong way round.
loses: [visible-boxes, hidden-boxes]
"""


def boxes(sign, count, step):
    """The first boxes of a density whose boxes all contribute at least step nats, with this sign."""
    p = 0.5 ** np.arange(1, count + 1)
    return {"p": p, "log_width": np.log(p) - sign * step / p, "tail": p[-1]}
