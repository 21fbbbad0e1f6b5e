"""
problem: twins
cell: alike
what: By way of p(t, g) and Bayes' rule.
"""


def treat_alike(p_xy, encoder):
    rows = p_xy / p_xy.sum(axis=1, keepdims=True)
    result = np.empty(encoder.shape)
    for x in range(len(p_xy)):
        twins = np.max(np.abs(rows - rows[x]), axis=1) < 1e-5
        p_tg = p_xy[twins].sum(axis=1) @ encoder[twins]
        result[x] = p_tg / p_tg.sum()
    return result
