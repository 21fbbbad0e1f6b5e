"""
problem: not-normal
cell: sensor
what: By the squared correlation; the distribution function as an integral of its own.
"""


def best_noise(v_x, a, v_w, beta):
    rho2 = a * a * v_x / (a * a * v_x + v_w)
    if beta * rho2 <= 1:
        return float("inf")
    return float(v_x * (1 - rho2) / (beta * rho2 - 1))


def uniform_report(x, n, v_x, a, v_w, beta):
    alpha2 = v_x / best_noise(v_x, a, v_w, beta)
    z = (np.sqrt(alpha2) * np.asarray(x) / np.sqrt(v_x) + n) / np.sqrt(1 + alpha2)
    return 1 - ndtr(-z)
