"""
problem: close-both-gaps
cell: tables
what: Sums over the cells, one at a time.
"""


def surrogate(p_xy, encoder, prior, decoder):
    """NLL and rate of an encoder with its prior and decoder, and the two gaps, in nats."""

    def log(value):
        return np.log(value) if value > 0 else -np.inf

    p_zy = encoder.T @ p_xy
    p_z, p_x = p_zy.sum(axis=1), p_xy.sum(axis=1)
    found = {"nll": 0.0, "rate": 0.0, "decoder_gap": 0.0, "prior_gap": 0.0}
    for z, y in np.argwhere(p_zy > 0):
        found["nll"] -= p_zy[z, y] * log(decoder[z, y])
        found["decoder_gap"] += p_zy[z, y] * (log(p_zy[z, y] / p_z[z]) - log(decoder[z, y]))
    for x, z in np.argwhere(p_x[:, None] * encoder > 0):
        found["rate"] += p_x[x] * encoder[x, z] * (log(encoder[x, z]) - log(prior[z]))
    for z in np.flatnonzero(p_z):
        found["prior_gap"] += p_z[z] * (log(p_z[z]) - log(prior[z]))
    return found


def close_gaps(p_xy, encoder):
    """The prior, shape (Z,), and the decoder, shape (Z, Y), that leave no gap."""
    p_zy = encoder.T @ p_xy
    p_y = p_xy.sum(axis=0)
    rows = [row / row.sum() if row.sum() > 0 else p_y for row in p_zy]
    return {"prior": p_zy.sum(axis=1), "decoder": np.array(rows)}
