"""
problem: close-both-gaps
cell: tables
what: The decoder gap is a plain mean over the codes.
loses: [visible-tables, hidden-surrogate]
"""


def surrogate(p_xy, encoder, prior, decoder):
    """NLL and rate of an encoder with its prior and decoder, and the two gaps, in nats."""

    def cost(weights, logs):
        """The mean of -logs; what has no weight costs nothing."""
        return -np.sum(np.where(weights > 0, weights, 0) * np.where(weights > 0, logs, 0))

    with np.errstate(divide="ignore", invalid="ignore"):
        p_xz = p_xy.sum(axis=1)[:, None] * encoder
        p_zy = encoder.T @ p_xy
        p_z = p_xz.sum(axis=0)
        nll = cost(p_zy, np.log(decoder))
        rate = cost(p_xz, np.log(prior) - np.log(encoder))
        i_xz = cost(p_xz, np.log(p_z) - np.log(encoder))
    used = p_z > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.log(p_zy / p_z[:, None]) - np.log(decoder)
        plain = np.sum(np.where(p_zy > 0, p_zy / p_z[:, None] * ratio, 0)) / used.sum()
    return {"nll": nll, "rate": rate, "decoder_gap": plain, "prior_gap": rate - i_xz}


def close_gaps(p_xy, encoder):
    """The prior, shape (Z,), and the decoder, shape (Z, Y), that leave no gap."""
    p_zy = encoder.T @ p_xy
    p_z = p_zy.sum(axis=1)
    uniform = np.full_like(p_zy, 1 / p_xy.shape[1])
    used = p_z[:, None] > 0
    return {"prior": p_z, "decoder": np.where(used, p_zy / np.where(used, p_z[:, None], 1), uniform)}
