"""
problem: fooled-neighbours
cell: names
what: Ranks over n in place of normal scores, and a steep power.
"""


def hide(x, y):
    """The samples under names with which KSG finds nothing."""
    return {"x": rankdata(x) ** 5 * 1e3, "y": rankdata(y) / len(y)}


def repair(x, y):
    """The samples under names with which KSG is near the truth."""
    return {key: rankdata(values) / len(values) for key, values in (("x", x), ("y", y))}
