"""
problem: merge-prices
cell: price
what: The difference of two informations.
"""


def group_price(p_xy, group):
    joined = p_xy.copy()
    joined[group[0]] = p_xy[list(group)].sum(axis=0)
    joined[list(group[1:])] = 0
    return mutual_information(p_xy) - mutual_information(joined)
