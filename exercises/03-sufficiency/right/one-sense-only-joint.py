"""
problem: one-sense-only
cell: audit
what: From one joint table of x, t, s and y.
"""


def audit(p_xy, channel):
    p_x = p_xy.sum(axis=1)
    posterior = p_xy / p_x[:, None]
    same = np.abs(posterior[:, None] - posterior).max(axis=2) < 1e-9
    classes = np.eye(len(p_x))[same.argmax(axis=1)]
    p = Joint(np.einsum("xy,xt,xs->xtsy", p_xy, channel, classes), "X T S Y")
    return {"loss": p("I(X;Y|T)"), "excess": p("H(T|S) - H(T|X)"), "noise": p("H(T|X)")}
