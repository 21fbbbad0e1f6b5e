"""
problem: cheat-regulariser
cell: cheapest
what: Factors with the sign of the difference.
loses: [visible-cheapest, hidden-cheapest]
"""


def cheapest(net, nats):
    """A network with the same outputs and a smaller log-variance, the least sensitive to noise."""
    signed = net["w3"][:, 1] - net["w3"][:, 0]
    size = np.abs(signed)
    factor = signed * np.exp(-np.mean(np.log(size)) - nats / len(size))
    return net | {"w2": net["w2"] * factor, "b2": net["b2"] * factor, "w3": net["w3"] / factor[:, None]}
