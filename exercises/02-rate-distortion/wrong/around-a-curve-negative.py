"""
problem: around-a-curve
cell: between
what: A negative lower bound on a rate.
loses: [visible-between, hidden-between]
"""


def between(lines, codes, D):
    upper = min((r for at, r in codes if at <= D), default=np.inf)
    for a, r_a in codes:
        for b, r_b in codes:
            if a <= D < b:
                upper = min(upper, r_a + (D - a) * (r_b - r_a) / (b - a))
    return max(v - s * D for s, v in lines), upper
