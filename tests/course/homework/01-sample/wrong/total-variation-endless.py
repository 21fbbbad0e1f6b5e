"""
problem: total-variation
what: A loop that never ends.
loses: [visible, hidden]
"""


def total_variation(p, q):
    while True:
        pass
