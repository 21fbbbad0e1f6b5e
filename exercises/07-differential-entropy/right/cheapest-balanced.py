"""
problem: cheat-regulariser
cell: cheapest
what: Every number of the code gets the same weight in the decoder.
"""


def cheapest(net, nats):
    """A network with the same outputs and a smaller log-variance, the least sensitive to noise."""
    size = np.abs(net["w3"] @ np.array([1, -1]))
    product = np.prod(size / np.exp(-nats / len(size)))
    factor = size / product ** (1 / len(size))
    return net | {"w2": net["w2"] * factor, "b2": net["b2"] * factor, "w3": net["w3"] / factor[:, None]}
