"""
problem: not-normal
cell: sensor
what: The zero of the derivative of L, by bisection.
"""


def best_noise(v_x, a, v_w, beta):
    def slope(v):  # of L in 1/v, up to a positive factor
        return (v_x + v) * v_w + (1 - beta) * a**2 * v_x * v

    if beta <= 1 or slope(1e12) > 0:
        return np.inf
    low, high = 0.0, 1e12
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if slope(middle) > 0 else (low, middle)
    return high


def uniform_report(x, n, v_x, a, v_w, beta):
    v = best_noise(v_x, a, v_w, beta)
    return [float(ndtr((p + v**0.5 * q) / (v_x + v) ** 0.5)) for p, q in zip(x, n, strict=True)]
