"""
problem: around-a-curve
cell: between
what: The line of a price is made to rise.
loses: [visible-between, hidden-between]
"""


def between(lines, codes, D):
    lower = max(v + s * D for s, v in lines)
    upper = min((r for at, r in codes if at <= D), default=np.inf)
    for a, r_a in codes:
        for b, r_b in codes:
            if a <= D < b:
                upper = min(upper, ((b - D) * r_a + (D - a) * r_b) / (b - a))
    return lower, upper
