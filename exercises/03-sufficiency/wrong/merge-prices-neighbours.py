"""
problem: merge-prices
cell: price
what: The prices of neighbours in the list added up.
loses: [visible-price, hidden-price]
"""


def group_price(p_xy, group):
    def two(a, b):
        rows = p_xy[[a, b]]
        return rows.sum() * mutual_information(rows / rows.sum()) if rows.sum() > 0 else 0.0

    return sum(two(a, b) for a, b in np.transpose([group[:-1], group[1:]]))
