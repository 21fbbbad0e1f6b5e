"""
problem: fooled-neighbours
cell: names
what: A change of unit that is too small.
loses: [visible-names, hidden-names]
"""


def hide(x, y):
    """The samples under names with which KSG finds nothing."""
    return {"x": 10 * x, "y": y}


def repair(x, y):
    """The samples under names with which KSG is near the truth."""
    return {key: norm.ppf((rankdata(values) - 0.5) / len(values)) for key, values in (("x", x), ("y", y))}
