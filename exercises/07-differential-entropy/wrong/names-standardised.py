"""
problem: fooled-neighbours
cell: names
what: Repair by standard units alone.
loses: [visible-names, hidden-names]
"""


def hide(x, y):
    """The samples under names with which KSG finds nothing."""
    return {"x": 1e6 * rankdata(x), "y": rankdata(y)}


def repair(x, y):
    """The samples under names with which KSG is near the truth."""
    return {"x": (x - x.mean()) / x.std(), "y": (y - y.mean()) / y.std()}
