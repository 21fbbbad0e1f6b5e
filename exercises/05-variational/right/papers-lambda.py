"""
problem: two-papers
what: All prices by way of the bottleneck.
"""


def from_backward(backward, p_y):
    """The marginal, shape (Z,), and the decoder, shape (Z, Y), that a backward encoder makes."""
    logits = np.log(backward) + np.log(p_y)[:, None]
    log_prior = logsumexp(logits, axis=0)
    return {"prior": np.exp(log_prior), "decoder": np.exp(logits - log_prior).T}


def translate(price, source, target, k):
    """The price of the target paper for a price of the source paper; k is the dimension of Z."""
    relevance = price
    if source == "vib":
        relevance = 1 / price
    elif source == "ceb":
        relevance = 1 + 1 / price
    elif source == "code":
        relevance = k / (price * np.log(2))
    if target == "vib":
        return 1 / relevance
    if target == "ceb":
        return np.inf if relevance <= 1 else 1 / (relevance - 1)
    return k / (relevance * np.log(2)) if target == "code" else relevance
