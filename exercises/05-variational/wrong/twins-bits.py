"""
problem: gaussian-rate
cell: twins
what: The gap is in bits.
loses: [visible-twins, hidden-twins]
"""


def norm_twins(square, gap, k):
    """Two Gaussian codes with the same mean squared norm, whose rates differ by gap."""
    wide = np.full(k, np.sqrt(square / k))
    narrow = wide * 2 ** (-gap / k)
    mean = np.sqrt(wide**2 - narrow**2)
    return [{"mean": mean, "scale": narrow}, {"mean": np.zeros(k), "scale": wide}]
