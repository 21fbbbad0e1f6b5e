"""
problem: one-sense-only
cell: audit
what: The doubt that is left about Y in place of the loss.
loses: [visible-audit, hidden-audit]
"""


def audit(p_xy, channel):
    p_x = p_xy.sum(axis=1)
    same = np.abs((p_xy / p_x[:, None])[:, None] - p_xy / p_x[:, None]).max(axis=2) < 1e-9
    classes = np.eye(len(p_x))[same.argmax(axis=1)]
    p = Joint(np.einsum("xy,xt,xs->xyts", p_xy, channel, classes), "X Y T S")
    return {"loss": p("H(Y|T)"), "excess": p("I(X;T|S)"), "noise": p("H(T|X)")}
