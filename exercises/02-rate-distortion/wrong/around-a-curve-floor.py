"""
problem: around-a-curve
cell: between
what: The rates of codes to the right are taken for lower bounds.
loses: [visible-between, hidden-between]
"""


def between(lines, codes, D):
    lower = max([0.0] + [v - s * D for s, v in lines] + [r for at, r in codes if at >= D])
    upper = min((r for at, r in codes if at <= D), default=np.inf)
    for a, r_a in codes:
        for b, r_b in codes:
            if a <= D < b:
                upper = min(upper, ((b - D) * r_a + (D - a) * r_b) / (b - a))
    return lower, upper
