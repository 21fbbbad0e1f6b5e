"""
problem: double-markov
what: They agree on nothing.
loses: [visible, hidden]
"""


def agreed(p_xyz):
    return [0] * p_xyz.shape[0], [0] * p_xyz.shape[2]
