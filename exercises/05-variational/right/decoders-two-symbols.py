"""
problem: collapse-cures
cell: decoders
what: Six copies of a fair coin, and entropies as differences.
"""


def losses(p, encoder, beta):
    """The losses of a code with the best weak and the best strong decoder, in nats."""
    cells = (p[..., None] * encoder).reshape(-1, encoder.shape[-1])
    places = np.indices(p.shape).reshape(p.ndim, -1)
    p_z = cells.sum(axis=0)

    def missing(table):
        """H(.|Z) of a table whose last axis is Z."""
        used = table > 0
        return -np.sum(table[used] * np.log((table / np.where(p_z > 0, p_z, 1))[used]))

    weak = 0.0
    for size, place in zip(p.shape, places, strict=True):
        weak += missing(np.array([cells[place == value].sum(axis=0) for value in range(size)]))
    known = p[p > 0]
    rate = -np.sum(known * np.log(known)) - missing(cells)
    return {"weak": weak + beta * rate, "strong": missing(cells) + beta * rate}


def victim(beta):
    """A table and an encoder whose code pays with a weak decoder, and not with a strong one."""
    p = np.zeros((4,) * 6)
    encoder = np.ones((*p.shape, 4)) / 4
    for symbol in range(4):
        p[(symbol,) * 6] = 0.25
        encoder[(symbol,) * 6] = np.arange(4) == symbol
    return {"p": p, "encoder": encoder}
