"""
problem: reading
cell: ends
what: A price near zero is thought to favour relevance.
loses: [visible-ends, hidden-ends]
"""


def ends(p_xy):
    """The informations of three simple encoders, and the price at which copy and constant tie."""
    copy = report(p_xy, np.eye(len(p_xy)))
    pair = [copy["i_xt"], copy["i_ty"]]
    tie = pair[1] / pair[0]
    return {"copy": pair, "constant": [0.0, 0.0], "coin": pair, "tie": tie}
