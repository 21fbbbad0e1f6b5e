"""
problem: fooled-neighbours
cell: names
what: Another order hides everything, but it renames draws and not values.
loses: [visible-names, hidden-names]
"""


def hide(x, y):
    """The samples under names with which KSG finds nothing."""
    return {"x": np.random.default_rng(0).permutation(x), "y": y}


def repair(x, y):
    """The samples under names with which KSG is near the truth."""
    return {key: norm.ppf((rankdata(values) - 0.5) / len(values)) for key, values in (("x", x), ("y", y))}
