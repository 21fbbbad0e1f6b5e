"""
problem: confusion
cell: report
what: Counts by bincount, and divergences.
"""


def report(codes, labels, decoder):
    """The three uncertainties of N images, the best decoder, and what it changes, in nats."""
    n, k = codes.shape
    m = decoder.shape[1]
    counts = np.array([np.bincount(labels, codes[:, z], m) for z in range(k)])
    best = np.array([row / row.sum() if row.sum() else np.eye(m)[0] for row in counts])

    def loss(p, q):
        return -p * np.log(q) if p and q else np.inf if p else 0.0

    def of(rows):
        single = sum(loss(counts[z, y] / n, rows[z, y]) for z in range(k) for y in range(m))
        mean = sum(loss(1 / n, codes[i] @ rows[:, labels[i]]) for i in range(n))
        return single, mean

    h, after = of(best)
    single, mean = of(decoder)
    return {
        "uncertainty": h,
        "decoder_ce": single,
        "prediction_ce": mean,
        "best": best,
        "decoder_gap": single - h,
        "prediction_change": after - mean,
    }
