"""
problem: total-variation
what: Pure Python, with a print and a warning on the way.
"""


def total_variation(p, q):
    print(np.log([0.0]))
    total = 0.0
    for a, b in zip(p, q, strict=True):
        total += abs(a - b)
    return total / 2
