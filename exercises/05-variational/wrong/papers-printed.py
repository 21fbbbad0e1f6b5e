"""
problem: two-papers
what: The price of the bottleneck is taken as printed.
loses: [visible, hidden-prices]
"""


def from_backward(backward, p_y):
    """The marginal, shape (Z,), and the decoder, shape (Z, Y), that a backward encoder makes."""
    joint = backward * p_y[:, None]
    prior = joint.sum(axis=0)
    return {"prior": prior, "decoder": (joint / prior).T}


def translate(price, source, target, k):
    """The price of the target paper for a price of the source paper; k is the dimension of Z."""
    to_vib = {
        "vib": lambda: price,
        "ceb": lambda: price / (1 + price),
        "bottleneck": lambda: price,
        "code": lambda: price * np.log(2) / k,
    }
    beta = to_vib[source]()
    if target == "ceb":
        return beta / (1 - beta) if beta < 1 else np.inf
    return {"vib": beta, "bottleneck": beta, "code": beta * k / np.log(2)}[target]
