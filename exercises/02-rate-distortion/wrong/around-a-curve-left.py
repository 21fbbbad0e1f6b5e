"""
problem: around-a-curve
cell: between
what: Only codes to the left are used, no chords.
loses: [visible-between, hidden-between]
"""


def between(lines, codes, D):
    lower = max(0, max(v - s * D for s, v in lines))
    return lower, min((r for at, r in codes if at <= D), default=np.inf)
