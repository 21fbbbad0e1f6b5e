"""
problem: reading
cell: report
what: p(t, y) in place of p(y|t).
loses: [visible-report, hidden-tables]
"""


def report(p_xy, encoder):
    """What an encoder's clusters hold and say, and the informations in nats."""

    def mutual(p):
        product = np.outer(p.sum(axis=1), p.sum(axis=0))
        used = p > 0
        return np.sum(p[used] * np.log(p[used] / product[used]))

    p_xt = p_xy.sum(axis=1)[:, None] * encoder
    p_ty = encoder.T @ p_xy
    p_t = p_xt.sum(axis=0)
    divisor = np.where(p_t > 0, p_t, 1)[:, None]
    return {
        "p_t": p_t,
        "p_x_given_t": p_xt.T / divisor,
        "p_y_given_t": p_ty,
        "i_xt": mutual(p_xt),
        "i_ty": mutual(p_ty),
        "missing": mutual(p_xy) - mutual(p_ty),
    }
