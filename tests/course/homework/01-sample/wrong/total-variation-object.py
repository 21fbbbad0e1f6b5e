"""
problem: total-variation
what: A generator in place of a number.
loses: [visible, hidden]
"""


def total_variation(p, q):
    return (abs(a - b) / 2 for a, b in zip(p, q, strict=True))
