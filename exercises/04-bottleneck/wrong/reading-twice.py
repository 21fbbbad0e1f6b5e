"""
problem: reading
cell: ends
what: The copy counts H(X) twice.
loses: [visible-ends, hidden-ends]
"""


def ends(p_xy):
    """The informations of three simple encoders, and the price at which copy and constant tie."""
    copy = report(p_xy, np.eye(len(p_xy)))
    pair = [2 * copy["i_xt"], copy["i_ty"]]
    tie = pair[0] / pair[1] if pair[1] > 1e-12 else np.inf
    return {"copy": pair, "constant": [0.0, 0.0], "coin": pair, "tie": tie}
