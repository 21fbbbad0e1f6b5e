"""
problem: told-or-infinite
what: Sums over fine grids where the information is finite.
"""


def told(case, a):
    """The information by sums, where it is finite."""
    if case in {"relu", "leak", "whole"}:
        return np.inf
    if case == "bits":
        return np.log(2) * (0.5 if a in (-1, 1) else 1)
    if case == "images":
        return (1 - a) * np.sum(np.full(100, 0.01) * np.log(100))
    if case == "threshold":
        p = norm.cdf(a)
        return -sum(q * np.log(q) for q in (p, 1 - p) if q > 0)
    if case == "wrapped":
        width = a * np.ones(1000)
        return np.mean(np.log(1 / width))
    if case == "wide":
        nodes, weights = np.polynomial.legendre.leggauss(400)
        ramp = (nodes + 1) / 2  # the density of Z is ramp / a twice, and 1 / a between
        h_z = -2 * np.sum(weights / 2 * ramp / a * np.log(ramp / a)) + (a - 1) / a * np.log(a)
        return h_z - np.log(a)
    if case == "heavy":
        return np.log(1 + a) - np.log(a)
    rho = 1 / np.sqrt(1 + a**2)
    return -0.5 * np.log(1 - rho**2)
