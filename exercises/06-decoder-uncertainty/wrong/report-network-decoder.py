"""
problem: confusion
cell: report
what: The network's own decoder is returned as the best one.
loses: [visible-report, hidden-best]
"""


def report(codes, labels, decoder):
    """The three uncertainties of N images, the best decoder, and what it changes, in nats."""
    n, classes = len(labels), decoder.shape[1]
    p_zy = codes.T @ np.eye(classes)[labels] / n
    p_z = p_zy.sum(axis=1, keepdims=True)
    best = np.where(p_z > 0, p_zy / np.where(p_z > 0, p_z, 1), 1 / classes)

    def cross_entropies(rows):
        with np.errstate(divide="ignore"):
            by_code = -np.log(np.where(p_zy > 0, rows, 1))
            by_image = -np.log((codes @ rows)[np.arange(n), labels])
        return np.sum(np.where(p_zy > 0, p_zy * by_code, 0)), by_image.mean()

    (h, after), (loss, before) = cross_entropies(best), cross_entropies(decoder)
    return {
        "uncertainty": h,
        "decoder_ce": loss,
        "prediction_ce": before,
        "best": decoder,
        "decoder_gap": loss - h,
        "prediction_change": after - before,
    }
