"""
problem: double-markov
what: Each witness says its own value.
loses: [visible, hidden]
"""


def agreed(p_xyz):
    return list(range(p_xyz.shape[0])), list(range(p_xyz.shape[2]))
