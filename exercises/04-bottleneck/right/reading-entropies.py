"""
problem: reading
cell: report
what: Informations as differences of entropies, tables from one array p(x, t, y).
"""


def report(p_xy, encoder):
    def h(p):
        p = p.ravel()[p.ravel() > 0]
        return -p @ np.log(p)

    p_xty = encoder[:, :, None] * p_xy[:, None, :]
    p_xt, p_ty, p_t = p_xty.sum(2), p_xty.sum(0), p_xty.sum((0, 2))
    h_x, h_y, h_t = h(p_xt.sum(1)), h(p_ty.sum(0)), h(p_t)
    given = np.zeros((len(p_t), len(p_xy))), np.zeros((len(p_t), p_xy.shape[1]))
    for rows, joint in zip(given, (p_xt.T, p_ty), strict=True):
        np.divide(joint, p_t[:, None], out=rows, where=p_t[:, None] > 0)
    return {
        "p_t": p_t,
        "p_x_given_t": given[0],
        "p_y_given_t": given[1],
        "i_xt": h_x + h_t - h(p_xt),
        "i_ty": h_t + h_y - h(p_ty),
        "missing": h_x - h(p_xy) - h_t + h(p_ty),
    }
