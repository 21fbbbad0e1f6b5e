"""
problem: gaussian-rate
cell: twins
what: Each coordinate has the whole gap.
loses: [visible-twins, hidden-twins]
"""


def norm_twins(square, gap, k):
    """Two Gaussian codes with the same mean squared norm, whose rates differ by gap."""
    wide = np.full(k, np.sqrt(square / k))
    narrow = wide * np.exp(-gap)
    mean = np.sqrt(wide**2 - narrow**2)
    return [{"mean": mean, "scale": narrow}, {"mean": np.zeros(k), "scale": wide}]
