"""
problem: cheat-regulariser
cell: accuracy
what: The Gaussian logits of each class, by their covariance.
"""


def noisy_accuracy(net, x, y, scale):
    """The mean probability that the network with this noise in its code gives the label."""
    hidden = np.maximum(x @ net["w1"] + net["b1"], 0)
    logits = (hidden @ net["w2"] + net["b2"]) @ net["w3"] + net["b3"]
    if scale == 0:
        return np.mean(logits.argmax(axis=1) == y)
    cov = scale**2 * net["w3"].T @ net["w3"]
    spread = np.sqrt(cov[0, 0] + cov[1, 1] - 2 * cov[0, 1])
    first = norm.sf((logits[:, 1] - logits[:, 0]) / spread)
    return np.mean(np.choose(y, [first, 1 - first]))


def bearable(net, x, y, scale, accuracy):
    """By how many nats the code can be shrunk until the noisy accuracy is down to this one."""
    k = len(net["b2"])
    low, high = 0.0, 40.0 * k
    for _ in range(80):
        nats = (low + high) / 2
        good = noisy_accuracy(net, x, y, scale * np.exp(nats / k)) > accuracy
        low, high = (nats, high) if good else (low, nats)
    return nats
