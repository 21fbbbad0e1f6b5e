"""
problem: cheat-regulariser
cell: cheapest
what: The factors do not reach the nats asked.
loses: [visible-cheapest, hidden-cheapest]
"""


def cheapest(net, nats):
    """A network with the same outputs and a smaller log-variance, the least sensitive to noise."""
    size = np.abs(net["w3"][:, 1] - net["w3"][:, 0])
    factor = size * np.exp(-nats / len(size))
    return net | {"w2": net["w2"] * factor, "b2": net["b2"] * factor, "w3": net["w3"] / factor[:, None]}
