"""
problem: around-a-curve
cell: ends
what: The probabilities are forgotten.
loses: [visible-ends, hidden-ends]
"""


def ends(p_x, d):
    costs = d.mean(axis=0)
    return {"D_min": d.min(axis=1).mean(), "D_max": costs.min(), "letter": int(costs.argmin())}
