"""
problem: wild-entropy
cell: boxes
what: Three times what is asked, with a slower geometric law.
"""


def boxes(sign, count, step):
    """The first boxes of a density whose boxes all contribute at least step nats, with this sign."""
    p = 0.1 * 0.9 ** np.arange(count)
    return {"p": p, "log_width": np.log(p) + 3 * sign * step / p, "tail": 0.9**count}
