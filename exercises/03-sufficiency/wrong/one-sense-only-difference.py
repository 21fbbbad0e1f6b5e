"""
problem: one-sense-only
cell: audit
what: The excess as I(X;T) - H(S), for a record that need not be sufficient.
loses: [visible-audit, hidden-audit]
"""


def audit(p_xy, channel):
    p_x = p_xy.sum(axis=1)
    _, classes = np.unique((p_xy / p_x[:, None]).round(8), axis=0, return_inverse=True)
    p_s = np.bincount(classes, p_x)
    joint = p_x[:, None] * channel
    excess = mutual_information(joint) + p_s @ np.log(p_s)
    noise = -np.sum(joint * np.log(np.where(channel > 0, channel, 1)))
    loss = mutual_information(p_xy) - mutual_information(channel.T @ p_xy)
    return {"loss": loss, "excess": excess, "noise": noise}
