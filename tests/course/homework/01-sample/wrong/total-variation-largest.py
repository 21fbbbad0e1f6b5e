"""
problem: total-variation
what: The largest difference in place of half their sum; the same for two symbols, and for disjoint masses.
loses: [hidden]
"""


def total_variation(p, q):
    return np.abs(np.asarray(p) - np.asarray(q)).max()
