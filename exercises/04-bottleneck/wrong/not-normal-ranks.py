"""
problem: not-normal
cell: sensor
what: Ranks of the sample in place of the distribution function.
loses: [visible-sensor]
"""


def best_noise(v_x, a, v_w, beta):
    """The variance of the noise in an optimal T = X + N, or infinity."""
    left = (beta - 1) * a**2 * v_x - v_w
    return v_x * v_w / left if left > 0 else np.inf


def uniform_report(x, n, v_x, a, v_w, beta):
    """Values of an optimal variable that is uniform on (0, 1), shape (N,)."""
    v = best_noise(v_x, a, v_w, beta)
    return np.argsort(np.argsort(x + np.sqrt(v) * n)) / len(x) + 0.5 / len(x)
