"""
problem: fooled-neighbours
cell: names
what: Nothing is repaired.
loses: [visible-names, hidden-names]
"""


def hide(x, y):
    """The samples under names with which KSG finds nothing."""
    return {"x": 1e6 * rankdata(x), "y": rankdata(y)}


def repair(x, y):
    """The samples under names with which KSG is near the truth."""
    return {"x": x, "y": y}
