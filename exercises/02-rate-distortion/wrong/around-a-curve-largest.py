"""
problem: around-a-curve
cell: ends
what: D_max is taken for the largest distortion there is.
loses: [visible-ends, hidden-ends]
"""


def ends(p_x, d):
    return {"D_min": p_x @ d.min(axis=1), "D_max": d.max(), "letter": int(np.argmin(p_x @ d))}
