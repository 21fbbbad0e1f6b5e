"""
problem: mixed-sources
what: Found on a grid.
"""


def rate(u, D):
    u = min(u, 1 - u)
    return 0 if u <= D else -u * np.log(u) - (1 - u) * np.log(1 - u) + D * np.log(D) + (1 - D) * np.log(1 - D)


grid = np.linspace(0.02, 0.98, 25)
cases = [(u, v, D) for u in grid for v in grid for D in (0.01, 0.14)]
apart = [rate((u + v) / 2, D) - (rate(u, D) + rate(v, D)) / 2 for u, v, D in cases]
below = np.array(cases[int(np.argmin(apart))])
told = [min(rate(u, D), rate(v, D)) for u, v, D in cases]
above = np.array(cases[int(np.argmax(np.where(np.array(told) > 0.1, apart, -1)))])
