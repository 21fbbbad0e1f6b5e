"""
problem: merge-prices
cell: price
what: The divergences from the group to its members.
loses: [visible-price, hidden-price]
"""


def group_price(p_xy, group):
    rows = p_xy[list(group)]
    rows = rows[rows.sum(axis=1) > 0]
    if not len(rows):
        return 0.0
    merged = rows.sum(axis=0) / rows.sum()
    posterior = rows / rows.sum(axis=1, keepdims=True)
    ratio = np.where(merged > 0, merged, 1) / np.where(posterior > 0, posterior, 1e-300)
    return rows.sum(axis=1) @ (merged * np.log(np.where(merged > 0, ratio, 1))).sum(axis=1)
