"""
problem: double-markov
what: They agree on the best guess of y.
loses: [visible, hidden]
"""


def agreed(p_xyz):
    return p_xyz.sum(axis=2).argmax(axis=1), p_xyz.sum(axis=0).argmax(axis=0)
