"""
problem: close-both-gaps
cell: forge
what: The information is the rate.
loses: [visible-forge, hidden-forge]
"""


def forge(n, information, rate):
    """An encoder of n equally likely inputs and a prior, with this I(X;Z) and this rate."""
    information = min(rate, np.log(n))
    kept = information / np.log(n)
    encoder = np.zeros((n, n + 2))
    encoder[:, :n] = kept * np.eye(n)
    encoder[:, n] = 1 - kept
    wasted = -np.expm1(information - rate)
    prior = (1 - wasted) * encoder.mean(axis=0)
    prior[n + 1] = wasted
    return {"encoder": encoder, "prior": prior}
