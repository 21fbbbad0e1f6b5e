"""
problem: gaussian-rate
cell: twins
what: Only the first coordinate is narrow.
"""


def norm_twins(square, gap, k):
    """Two Gaussian codes with the same mean squared norm, whose rates differ by gap."""
    scale = np.full(k, np.sqrt(square / k))
    narrow, mean = scale.copy(), np.zeros(k)
    narrow[0] *= np.exp(-gap)
    mean[0] = np.sqrt(scale[0] ** 2 - narrow[0] ** 2)
    return [{"mean": mean, "scale": narrow}, {"mean": 0 * mean, "scale": scale}]
