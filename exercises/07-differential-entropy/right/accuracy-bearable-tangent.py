"""
problem: cheat-regulariser
cell: accuracy
what: Secant steps on the logarithm of the factor.
"""


def noisy_accuracy(net, x, y, scale):
    """The mean probability that the network with this noise in its code gives the label."""
    hidden = np.maximum(x @ net["w1"] + net["b1"], 0)
    logits = (hidden @ net["w2"] + net["b2"]) @ net["w3"] + net["b3"]
    margin = np.where(y == 1, 1, -1) * (logits[:, 1] - logits[:, 0])
    if scale == 0:
        return np.mean(margin > 0)
    return norm.cdf(margin / (scale * np.linalg.norm(net["w3"][:, 1] - net["w3"][:, 0]))).mean()


def bearable(net, x, y, scale, accuracy):
    """By how many nats the code can be shrunk until the noisy accuracy is down to this one."""
    k = len(net["b2"])
    goal = norm.ppf(accuracy)
    log_factor = 0.0
    for _ in range(80):
        now = norm.ppf(noisy_accuracy(net, x, y, scale * np.exp(-log_factor)))
        log_factor += np.log(goal / now)
    return -k * log_factor
