"""
problem: not-normal
cell: sensor
what: The variance taken for a standard deviation.
loses: [visible-sensor, hidden-sensor]
"""


def best_noise(v_x, a, v_w, beta):
    """The variance of the noise in an optimal T = X + N, or infinity."""
    left = (beta - 1) * a**2 * v_x - v_w
    return v_x * v_w / left if left > 0 else np.inf


def uniform_report(x, n, v_x, a, v_w, beta):
    """Values of an optimal variable that is uniform on (0, 1), shape (N,)."""
    v = best_noise(v_x, a, v_w, beta)
    return ndtr((x + v * n) / np.sqrt(v_x + v**2))
