"""
problem: around-a-curve
cell: between
what: A far code of the lowest rate, then the lower hull and interpolation on it.
"""


def between(lines, codes, D):
    points = sorted(codes)
    lowest = min(r for _, r in points)
    points = [(a, r) for a, r in points if a <= min(b for b, t in points if t == lowest)]
    hull = []
    for point in points:
        while len(hull) > 1:
            (a, r), (b, t) = hull[-2:]
            if (t - r) * (point[0] - a) < (point[1] - r) * (b - a):
                break
            hull.pop()
        hull.append(point)
    at, rates = np.array(hull).T
    s, v = np.array(lines).T
    lower = np.maximum(v - s * D, 0).max()
    return lower, np.inf if at[0] > D else np.interp(D, at, rates)
