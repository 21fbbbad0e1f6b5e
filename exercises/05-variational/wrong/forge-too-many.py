"""
problem: close-both-gaps
cell: forge
what: One value of Z too many.
loses: [visible-forge, hidden-forge]
"""


def forge(n, information, rate):
    """An encoder of n equally likely inputs and a prior, with this I(X;Z) and this rate."""
    kept = information / np.log(n)
    encoder = np.zeros((n, n + 3))
    encoder[:, :n] = kept * np.eye(n)
    encoder[:, n] = 1 - kept
    wasted = -np.expm1(information - rate)
    prior = (1 - wasted) * encoder.mean(axis=0)
    prior[n + 1] = wasted
    return {"encoder": encoder, "prior": prior}
