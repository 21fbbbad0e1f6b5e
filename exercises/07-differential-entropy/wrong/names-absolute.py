"""
problem: fooled-neighbours
cell: names
what: The scores lose the sign.
loses: [visible-names, hidden-names]
"""


def hide(x, y):
    """The samples under names with which KSG finds nothing."""
    return {"x": 1e6 * rankdata(x), "y": rankdata(y)}


def repair(x, y):
    """The samples under names with which KSG is near the truth."""
    return {
        key: np.abs(norm.ppf((rankdata(values) - 0.5) / (len(values) + 0.3)))
        for key, values in (("x", x), ("y", y))
    }
