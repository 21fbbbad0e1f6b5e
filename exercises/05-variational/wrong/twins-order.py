"""
problem: gaussian-rate
cell: twins
what: The larger rate comes second.
loses: [visible-twins, hidden-twins]
"""


def norm_twins(square, gap, k):
    """Two Gaussian codes with the same mean squared norm, whose rates differ by gap."""
    wide = np.full(k, np.sqrt(square / k))
    narrow = wide * np.exp(-gap / k)
    mean = np.sqrt(wide**2 - narrow**2)
    return [{"mean": np.zeros(k), "scale": wide}, {"mean": mean, "scale": narrow}]
