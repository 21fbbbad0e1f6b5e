"""
problem: wild-entropy
cell: boxes
what: For -1, each box has the width 1 at least in the beginning.
loses: [visible-boxes, hidden-boxes]
"""


def boxes(sign, count, step):
    """The first boxes of a density whose boxes all contribute at least step nats, with this sign."""
    p = 0.5 ** np.arange(1, count + 1)
    return {
        "p": p,
        "log_width": np.log(p) + np.where(sign > 0, step / p, np.log(np.arange(1, count + 1)) - step),
        "tail": p[-1],
    }
