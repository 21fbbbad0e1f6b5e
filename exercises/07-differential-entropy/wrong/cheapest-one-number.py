"""
problem: cheat-regulariser
cell: cheapest
what: Only the number that the decoder uses least shrinks.
loses: [visible-cheapest, hidden-cheapest]
"""


def cheapest(net, nats):
    """A network with the same outputs and a smaller log-variance, the least sensitive to noise."""
    size = np.abs(net["w3"][:, 1] - net["w3"][:, 0])
    factor = np.where(size == size.min(), np.exp(-nats), 1.0)
    return net | {"w2": net["w2"] * factor, "b2": net["b2"] * factor, "w3": net["w3"] / factor[:, None]}
