"""
problem: cheat-regulariser
cell: shrink
what: The code is centred as well, which the squared norm feels.
loses: [visible-shrink, hidden-shrink]
"""


def shrink(net, nats):
    """A network with the same outputs, whose surrogates are all smaller by this number of nats."""
    factor = np.exp(-nats / len(net["b2"]))
    return net | {
        "w2": net["w2"] * factor,
        "b2": 0 * net["b2"],
        "w3": net["w3"] / factor,
        "b3": net["b3"] + net["b2"] @ net["w3"],
    }
