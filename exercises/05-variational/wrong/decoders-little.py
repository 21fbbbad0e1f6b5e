"""
problem: collapse-cures
cell: decoders
what: The code tells too little.
loses: [visible-decoders, hidden-decoders]
"""


def losses(p, encoder, beta):
    """The losses of a code with the best weak and the best strong decoder, in nats."""

    def entropy(q):
        return -np.sum(q * np.log(np.where(q > 0, q, 1)))

    axes = range(p.ndim)
    joint = p[..., None] * encoder
    h_z = entropy(joint.sum(axis=tuple(axes)))
    parts = [entropy(joint.sum(axis=tuple(j for j in axes if j != i))) - h_z for i in axes]
    whole = entropy(joint) - h_z
    rate = entropy(p) - whole
    return {"weak": sum(parts) + beta * rate, "strong": whole + beta * rate}


def victim(beta):
    """A table and an encoder whose code pays with a weak decoder, and not with a strong one."""
    p = np.zeros((4,) * 5)
    for symbol in range(4):
        p[(symbol,) * 5] = [0.97, 0.01, 0.01, 0.01][symbol]
    encoder = np.zeros((*p.shape, 4))
    encoder[...] = np.eye(4)  # Z is a copy of the last part, and so of all
    return {"p": p, "encoder": encoder}
