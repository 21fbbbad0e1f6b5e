"""
problem: around-a-curve
cell: ends
what: The likeliest symbol decides about the letter.
loses: [visible-ends, hidden-ends]
"""


def ends(p_x, d):
    letter = int(d[p_x.argmax()].argmin())
    return {"D_min": p_x @ d.min(axis=1), "D_max": p_x @ d[:, letter], "letter": letter}
