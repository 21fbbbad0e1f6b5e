"""
problem: merge-prices
cell: price
what: The price in bits.
loses: [visible-price, hidden-price]
"""


def group_price(p_xy, group):
    total = p_xy[group].sum()
    return total * mutual_information(p_xy[group] / total) / np.log(2) if total > 0 else 0.0
