"""
problem: moving-centres
cell: fit
what: Eight short starts, of which the best goes on, by gradient steps of a fixed length.
"""


def fit(x, labels, codes, seed):
    """Centres, log width and decoder of soft clusters that are trained on H(Y|Z)."""
    generator = np.random.default_rng(seed)

    def descend(theta, steps, length):
        speed = np.zeros_like(theta)
        for t in range(steps):
            made = gradient(x, labels, theta[:-1].reshape(codes, 2), theta[-1])
            slope = np.append(made["centres"], made["log_width"])
            speed = 0.8 * speed + slope / (np.sqrt(np.mean(slope**2)) + 1e-12)
            theta = theta - length * (1 - 0.8 * t / steps) * speed
        return made["uncertainty"], theta

    starts = [np.append(x[generator.choice(len(x), codes, replace=False)], -0.5) for _ in range(8)]
    runs = [descend(theta, 50, 0.02) for theta in starts]
    _, theta = descend(min(runs, key=lambda run: run[0])[1], 200, 0.01)
    centres = theta[:-1].reshape(codes, 2)
    logits = -np.sum((x[:, None] - centres) ** 2, axis=2) / (2 * np.exp(2 * theta[-1]))
    q = np.exp(logits - logits.max(axis=1, keepdims=True))
    q /= q.sum(axis=1, keepdims=True)
    decoder = np.array([[q[labels == y, z].sum() + 0.3 for y in range(3)] for z in range(codes)])
    return {
        "centres": centres,
        "log_width": theta[-1],
        "decoder": decoder / decoder.sum(axis=1, keepdims=True),
    }
