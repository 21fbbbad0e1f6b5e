"""
problem: not-normal
cell: sensor
what: The correlation in place of its square.
loses: [visible-sensor, hidden-sensor]
"""


def best_noise(v_x, a, v_w, beta):
    """The variance of the noise in an optimal T = X + N, or infinity."""
    rho = np.sqrt(a**2 * v_x / (a**2 * v_x + v_w))
    return v_x * (1 - rho) / (beta * rho - 1) if beta * rho > 1 else np.inf


def uniform_report(x, n, v_x, a, v_w, beta):
    """Values of an optimal variable that is uniform on (0, 1), shape (N,)."""
    v = best_noise(v_x, a, v_w, beta)
    return ndtr((x + np.sqrt(v) * n) / np.sqrt(v_x + v))
