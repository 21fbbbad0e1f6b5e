"""
problem: cheat-regulariser
cell: shrink
what: Only the first number of the code shrinks.
loses: [visible-shrink, hidden-shrink]
"""


def shrink(net, nats):
    """A network with the same outputs, whose surrogates are all smaller by this number of nats."""
    factor = np.exp(-nats * (np.arange(len(net["b2"])) == 0))
    return net | {"w2": net["w2"] * factor, "b2": net["b2"] * factor, "w3": net["w3"] / factor[:, None]}
