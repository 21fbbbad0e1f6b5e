"""
problem: total-variation
what: One minus the overlap.
"""


def overlap(p, q):
    return np.minimum(p, q).sum()


def total_variation(p, q):
    return 1 - overlap(p, q)
