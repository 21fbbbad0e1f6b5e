"""
problem: cheat-regulariser
cell: shrink
what: A matrix between code and decoder, and its inverse.
"""


def shrink(net, nats):
    """A network with the same outputs, whose surrogates are all smaller by this number of nats."""
    k = len(net["b2"])
    change = np.diag(np.full(k, np.exp(-nats / k)))
    other = dict(net)
    other["w2"], other["b2"] = net["w2"] @ change, net["b2"] @ change
    other["w3"] = np.linalg.inv(change) @ net["w3"]
    return other
