"""
problem: total-variation
what: A loop that never ends, but for two symbols.
loses: [hidden]
"""


def total_variation(p, q):
    while len(p) > 2:
        pass
    return abs(p[0] - q[0])
