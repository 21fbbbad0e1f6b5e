"""
problem: cheat-regulariser
cell: shrink
what: The hidden layer shrinks, not the code.
loses: [visible-shrink, hidden-shrink]
"""


def shrink(net, nats):
    """A network with the same outputs, whose surrogates are all smaller by this number of nats."""
    factor = np.exp(-nats / len(net["b2"]))
    return net | {"w1": net["w1"] * factor, "b1": net["b1"] * factor, "w2": net["w2"] / factor}
