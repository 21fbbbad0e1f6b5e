"""
problem: fooled-neighbours
cell: names
what: By sorting, and x turned round.
"""


def hide(x, y):
    """The samples under names with which KSG finds nothing."""
    return {"x": -x / np.diff(np.sort(x)).min(), "y": np.argsort(np.argsort(y)) / len(y)}


def repair(x, y):
    """The samples under names with which KSG is near the truth."""
    return {
        key: norm.ppf((1 + np.searchsorted(np.sort(values), values)) / (1 + len(values)))
        for key, values in {"x": x, "y": y}.items()
    }
