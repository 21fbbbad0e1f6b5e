"""
problem: reading
cell: ends
what: A copy is thought to tell all of Y.
loses: [visible-ends, hidden-ends]
"""


def ends(p_xy):
    p_y = p_xy.sum(axis=0)
    pair = [report(p_xy, np.eye(len(p_xy)))["i_xt"], -np.sum(p_y * np.log(p_y))]
    return {"copy": pair, "constant": [0, 0], "coin": pair, "tie": pair[0] / pair[1]}
