"""
problem: train-vib
what: All gradients by hand, in NumPy.
"""


def train_vib(x, y, beta, seed):
    """The arrays of a variational bottleneck that is trained on images x and labels y at this price."""
    generator = np.random.default_rng(seed)
    h, k = 48, 6
    shapes = {"w1": (64, h), "w_mean": (h, k), "w_scale": (h, k), "w_out": (k, 10)}
    p = {name: generator.normal(size=shape) / np.sqrt(shape[0]) for name, shape in shapes.items()}
    p |= {"b1": np.zeros(h), "b_mean": np.zeros(k), "b_scale": np.zeros(k), "b_out": np.zeros(10)}
    first = {name: np.zeros_like(value) for name, value in p.items()}
    second = {name: np.zeros_like(value) for name, value in p.items()}
    for step in range(1, 401):
        batch = generator.integers(len(x), size=200)
        u, n = x[batch], len(batch)
        hidden = np.maximum(u @ p["w1"] + p["b1"], 0)
        mean, before = hidden @ p["w_mean"] + p["b_mean"], hidden @ p["w_scale"] + p["b_scale"]
        scale, noise = np.logaddexp(0, before), generator.normal(size=(n, k))
        z = mean + scale * noise
        wrong = np.exp(log_softmax(z @ p["w_out"] + p["b_out"], axis=1))
        wrong[np.arange(n), y[batch]] -= 1
        wrong /= n
        back = wrong @ p["w_out"].T
        to_mean = back + beta * mean / n
        to_scale = (back * noise + beta * (scale - 1 / scale) / n) / (1 + np.exp(-before))
        to_hidden = (to_mean @ p["w_mean"].T + to_scale @ p["w_scale"].T) * (hidden > 0)
        slopes = {"w_out": z.T @ wrong, "b_out": wrong.sum(axis=0)}
        slopes |= {"w_mean": hidden.T @ to_mean, "b_mean": to_mean.sum(axis=0)}
        slopes |= {"w_scale": hidden.T @ to_scale, "b_scale": to_scale.sum(axis=0)}
        slopes |= {"w1": u.T @ to_hidden, "b1": to_hidden.sum(axis=0)}
        for name, slope in slopes.items():
            first[name] += 0.1 * (slope - first[name])
            second[name] += 0.001 * (slope**2 - second[name])
            size = np.sqrt(second[name] / (1 - 0.999**step)) + 1e-8
            p[name] = p[name] - 0.02 * first[name] / (1 - 0.9**step) / size
    return p
