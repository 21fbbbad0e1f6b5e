"""
problem: around-a-curve
cell: ends
what: A channel that tells nothing is thought to send letters at random.
loses: [visible-ends, hidden-ends]
"""


def ends(p_x, d):
    return {"D_min": p_x @ d.min(axis=1), "D_max": (p_x @ d).mean(), "letter": int(np.argmin(p_x @ d))}
