"""
problem: close-both-gaps
cell: forge
what: The waste is its first order, which may exceed 1.
loses: [visible-forge, hidden-forge]
"""


def forge(n, information, rate):
    """An encoder of n equally likely inputs and a prior, with this I(X;Z) and this rate."""
    kept = information / np.log(n)
    encoder = np.zeros((n, n + 2))
    encoder[:, :n] = kept * np.eye(n)
    encoder[:, n] = 1 - kept
    wasted = min(rate - information, 0.9)
    prior = (1 - wasted) * encoder.mean(axis=0)
    prior[n + 1] = wasted
    return {"encoder": encoder, "prior": prior}
