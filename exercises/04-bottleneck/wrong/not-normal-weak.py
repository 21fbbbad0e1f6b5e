"""
problem: not-normal
cell: table
what: Half of the information that is asked.
loses: [visible-table, hidden-table]
"""


def three_values(p_x, p_y):
    """A joint table with these marginals, and its minimal sufficient statistic with three values."""

    def centred(kinds, p, count):
        """+1 on the first kind, a negative number on the last: with mean 0, scaled into [-1, 1]."""
        values = np.where(kinds == 0, p[kinds == count - 1].sum(), 0.0)
        values -= np.where(kinds == count - 1, p[kinds == 0].sum(), 0.0)
        return values / np.abs(values).max()

    statistic = np.minimum(3 * (np.cumsum(p_x) - p_x / 2), 2).astype(int)
    half = np.minimum(2 * (np.cumsum(p_y) - p_y / 2), 1).astype(int)
    f, g = centred(statistic, p_x, 3), centred(half, p_y, 2)
    return {"p_xy": np.outer(p_x, p_y) * (1 + 0.6 * np.outer(f, g)), "statistic": statistic}
