"""
problem: around-a-curve
cell: ends
what: Sums written out.
"""


def ends(p_x, d):
    means = [sum(p * row[j] for p, row in zip(p_x, d, strict=True)) for j in range(d.shape[1])]
    least = sum(p * min(row) for p, row in zip(p_x, d, strict=True))
    return {"D_min": least, "D_max": min(means), "letter": means.index(min(means))}
