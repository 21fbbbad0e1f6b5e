"""
problem: around-a-curve
cell: between
what: Straight lines between neighbouring codes, and nothing better.
loses: [visible-between, hidden-between]
"""


def between(lines, codes, D):
    at, rates = np.array(sorted(codes)).T
    lower = max(0, max(v - s * D for s, v in lines))
    return lower, np.interp(D, at, rates) if at[0] <= D else np.inf
