"""
problem: cheat-regulariser
cell: shrink
what: The first layer shrinks, and the ReLU lets it pass.
"""


def shrink(net, nats):
    """A network with the same outputs, whose surrogates are all smaller by this number of nats."""
    factor = np.exp(-nats / len(net["b2"]))
    return net | {
        "w1": net["w1"] * factor,
        "b1": net["b1"] * factor,
        "b2": net["b2"] * factor,
        "w3": net["w3"] / factor,
    }
