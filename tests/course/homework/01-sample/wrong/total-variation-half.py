"""
problem: total-variation
what: The factor 1/2 is forgotten.
loses: [visible, hidden]
"""


def total_variation(p, q):
    return np.abs(np.asarray(p) - np.asarray(q)).sum()
