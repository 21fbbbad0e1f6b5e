"""
problem: around-a-curve
cell: ends
what: D_min is believed to be zero.
loses: [visible-ends, hidden-ends]
"""


def ends(p_x, d):
    costs = p_x @ d
    return {"D_min": 0.0, "D_max": costs.min(), "letter": int(costs.argmin())}
