"""
problem: one-sense-only
cell: audit
what: What is kept in place of the loss.
loses: [visible-audit, hidden-audit]
"""


def audit(p_xy, channel):
    p_x = p_xy.sum(axis=1)
    same = np.abs((p_xy / p_x[:, None])[:, None] - p_xy / p_x[:, None]).max(axis=2) < 1e-9
    table = (p_x[:, None] * channel)[:, :, None] * np.eye(len(p_x))[same.argmax(axis=1)][:, None, :]
    record = Joint(table, "X T S")
    kept = mutual_information(channel.T @ p_xy)
    return {"loss": kept, "excess": record("I(X;T|S)"), "noise": record("H(T|X)")}
