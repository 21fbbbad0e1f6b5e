"""
problem: moving-centres
what: The score of the encoder and the content of the labels, point by point.
"""


def gradient(x, labels, centres, log_width):
    """H(Y|Z) of soft clusters, and its derivatives in the centres and in the log of the width."""
    n, k = len(x), len(centres)
    precision = np.exp(-2 * log_width)
    q, joint = np.zeros((n, k)), np.zeros((k, labels.max() + 1))
    for i in range(n):
        logits = [-precision * np.sum((x[i] - c) ** 2) / 2 for c in centres]
        q[i] = np.exp(logits - np.logaddexp.reduce(logits))
        joint[:, labels[i]] += q[i] / n
    h, slopes, slope = 0.0, np.zeros(centres.shape), 0.0
    for i in range(n):
        away = np.sum((x[i] - centres) ** 2, axis=1) * precision
        for z in range(k):
            if q[i, z] == 0:
                continue
            weight = -q[i, z] * np.log(joint[z, labels[i]] / joint[z].sum()) / n
            h += weight
            for other in range(k):
                score = ((other == z) - q[i, other]) * precision * (x[i] - centres[other])
                slopes[other] += weight * score
            slope += weight * (away[z] - q[i] @ away)
    return {"uncertainty": h, "centres": slopes, "log_width": slope}
