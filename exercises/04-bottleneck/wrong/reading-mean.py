"""
problem: reading
cell: report
what: p(t) and p(y|t) from a uniform p(x).
loses: [visible-report, hidden-tables, hidden-informations, visible-ends, hidden-ends]
"""


def report(p_xy, encoder):
    """What an encoder's clusters hold and say, and the informations in nats."""

    def mutual(p):
        product = np.outer(p.sum(axis=1), p.sum(axis=0))
        used = p > 0
        return np.sum(p[used] * np.log(p[used] / product[used]))

    p_y_given_x = p_xy / np.where(p_xy.sum(axis=1, keepdims=True) > 0, p_xy.sum(axis=1, keepdims=True), 1)
    p_xt = encoder / len(encoder)
    p_ty = p_xt.T @ p_y_given_x
    p_t = p_xt.sum(axis=0)
    divisor = np.where(p_t > 0, p_t, 1)[:, None]
    return {
        "p_t": p_t,
        "p_x_given_t": p_xt.T / divisor,
        "p_y_given_t": p_ty / divisor,
        "i_xt": mutual(p_xt),
        "i_ty": mutual(p_ty),
        "missing": mutual(p_xy) - mutual(p_ty),
    }
