"""
problem: merge-prices
cell: price
what: The Jensen-Shannon divergence without the probability of the group.
loses: [visible-price, hidden-price]
"""


def group_price(p_xy, group):
    rows = p_xy[group]
    total = rows.sum()
    if total == 0:
        return 0.0
    return mutual_information(rows / total)
