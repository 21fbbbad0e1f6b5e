"""
problem: merge-prices
cell: price
what: Zeros are not taken care of.
loses: [visible-price, hidden-price]
"""


def group_price(p_xy, group):
    rows = p_xy[group]
    merged = rows.sum(axis=0) / rows.sum()
    return np.sum(rows * np.log(rows / rows.sum(axis=1, keepdims=True) / merged))
