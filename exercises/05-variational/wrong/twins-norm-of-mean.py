"""
problem: gaussian-rate
cell: twins
what: The squared norm is that of the mean.
loses: [visible-twins, hidden-twins]
"""


def norm_twins(square, gap, k):
    """Two Gaussian codes with the same mean squared norm, whose rates differ by gap."""
    wide = np.full(k, np.sqrt(square / k))
    narrow = wide * np.exp(-gap / k)
    mean = wide
    return [{"mean": mean, "scale": narrow}, {"mean": np.zeros(k), "scale": wide}]
