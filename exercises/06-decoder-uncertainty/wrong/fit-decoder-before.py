"""
problem: moving-centres
cell: fit
what: The decoder is the one of the start.
loses: [visible-fit, hidden-fit]
"""


def fit(x, labels, codes, seed):
    """Centres, log width and decoder of soft clusters that are trained on H(Y|Z)."""
    generator = np.random.default_rng(seed)
    best = (np.inf,)
    for _ in range(3):
        theta = np.append(x[generator.choice(len(x), codes, replace=False)], -0.5)
        first, second = np.zeros_like(theta), np.zeros_like(theta)
        for t in range(1, 201):
            made = gradient(x, labels, theta[:-1].reshape(codes, 2), theta[-1])
            slope = np.append(made["centres"], made["log_width"])
            first = 0.9 * first + 0.1 * slope
            second = 0.99 * second + 0.01 * slope**2
            theta -= 0.05 * first / (1 - 0.9**t) / (np.sqrt(second / (1 - 0.99**t)) + 1e-9)
        if made["uncertainty"] < best[0]:
            best = (made["uncertainty"], theta)
    centres, log_width = best[1][:-1].reshape(codes, 2), best[1][-1]
    start = x[np.random.default_rng(seed).choice(len(x), codes, replace=False)]
    logits = -np.sum((x[:, None] - start) ** 2, axis=2) / (2 * np.exp(2 * log_width))
    q = np.exp(logits - logits.max(axis=1, keepdims=True))
    counts = (q / q.sum(axis=1, keepdims=True)).T @ np.eye(3)[labels] + 0.1
    decoder = counts / counts.sum(axis=1, keepdims=True)
    return {"centres": centres, "log_width": log_width, "decoder": decoder}
