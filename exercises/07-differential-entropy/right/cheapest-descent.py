"""
problem: cheat-regulariser
cell: cheapest
what: Newton steps on the logarithms of the factors.
"""


def cheapest(net, nats):
    """A network with the same outputs and a smaller log-variance, the least sensitive to noise."""
    size = np.abs(net["w3"][:, 1] - net["w3"][:, 0])
    log_c = np.full(len(size), -nats / len(size))
    for _ in range(200):
        parts = 2 * np.log(size) - 2 * log_c
        log_c = log_c + (parts - parts.mean()) / 4
    factor = np.exp(log_c)
    return net | {"w2": net["w2"] * factor, "b2": net["b2"] * factor, "w3": net["w3"] / factor[:, None]}
