"""
problem: merge-prices
cell: price
what: The information within the group, times its probability.
"""


def group_price(p_xy, group):
    total = p_xy[group].sum()
    return total * mutual_information(p_xy[group] / total) if total > 0 else 0.0
