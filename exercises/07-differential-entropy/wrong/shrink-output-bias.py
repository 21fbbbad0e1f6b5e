"""
problem: cheat-regulariser
cell: shrink
what: The bias of the outputs is rescaled, too.
loses: [visible-shrink, hidden-shrink]
"""


def shrink(net, nats):
    """A network with the same outputs, whose surrogates are all smaller by this number of nats."""
    factor = np.exp(-nats / len(net["b2"]))
    return net | {
        "w2": net["w2"] * factor,
        "b2": net["b2"] * factor,
        "w3": net["w3"] / factor,
        "b3": net["b3"] / factor,
    }
