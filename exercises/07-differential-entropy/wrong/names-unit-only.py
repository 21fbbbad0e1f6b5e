"""
problem: fooled-neighbours
cell: names
what: x in smaller units, whatever its units were.
loses: [visible-names, hidden-names]
"""


def hide(x, y):
    """The samples under names with which KSG finds nothing."""
    return {"x": 1e6 * x, "y": y}


def repair(x, y):
    """The samples under names with which KSG is near the truth."""
    return {key: norm.ppf((rankdata(values) - 0.5) / len(values)) for key, values in (("x", x), ("y", y))}
