"""
problem: cheat-regulariser
cell: accuracy
what: The probability of class 1, whatever the label.
loses: [visible-accuracy, hidden-accuracy]
"""


def noisy_accuracy(net, x, y, scale):
    """The mean probability that the network with this noise in its code gives the label."""
    hidden = np.maximum(x @ net["w1"] + net["b1"], 0)
    logits = (hidden @ net["w2"] + net["b2"]) @ net["w3"] + net["b3"]
    margin = logits[:, 1] - logits[:, 0]
    if scale == 0:
        return np.mean(margin > 0)
    return norm.cdf(margin / (scale * np.linalg.norm(net["w3"][:, 1] - net["w3"][:, 0]))).mean()


def bearable(net, x, y, scale, accuracy):
    """By how many nats the code can be shrunk until the noisy accuracy is down to this one."""
    k = len(net["b2"])
    low, high = 0.0, 40.0 * k
    for _ in range(80):
        nats = (low + high) / 2
        good = noisy_accuracy(net, x, y, scale * np.exp(nats / k)) > accuracy
        low, high = (nats, high) if good else (low, nats)
    return nats
