"""
problem: two-papers
what: Each paper as weights of NLL and rate of VIB.
"""


def from_backward(backward, p_y):
    """The marginal, shape (Z,), and the decoder, shape (Z, Y), that a backward encoder makes."""
    prior = p_y @ backward
    decoder = np.array(
        [[p_y[y] * backward[y, z] / prior[z] for y in range(len(p_y))] for z in range(len(prior))]
    )
    return {"prior": prior, "decoder": decoder}


def translate(price, source, target, k):
    """The price of the target paper for a price of the source paper; k is the dimension of Z."""

    def weights(paper, value):
        """What stands before the NLL, and before the rate of VIB."""
        if paper == "vib":
            return np.array([1, value])
        if paper == "ceb":
            return np.array([1 + value, value])
        if paper == "bottleneck":
            return np.array([value, 1])
        return np.array([1 / np.log(2), value / k])

    nll, rate = weights(source, price)
    if target == "vib":
        return rate / nll
    if target == "bottleneck":
        return nll / rate
    if target == "ceb":
        return rate / (nll - rate) if nll > rate else np.inf
    return k * rate / nll / np.log(2)
