"""
problem: cheat-regulariser
cell: shrink
what: Each number of the code falls by all the nats.
loses: [visible-shrink, hidden-shrink]
"""


def shrink(net, nats):
    """A network with the same outputs, whose surrogates are all smaller by this number of nats."""
    factor = np.exp(-nats)
    return net | {"w2": net["w2"] * factor, "b2": net["b2"] * factor, "w3": net["w3"] / factor}
