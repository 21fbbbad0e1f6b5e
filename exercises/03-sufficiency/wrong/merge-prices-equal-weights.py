"""
problem: merge-prices
cell: price
what: The merged posterior as a plain mean.
loses: [visible-price, hidden-price]
"""


def group_price(p_xy, group):
    rows = p_xy[group]
    rows = rows[rows.sum(axis=1) > 0]
    if not len(rows):
        return 0.0
    posterior = rows / rows.sum(axis=1, keepdims=True)
    ratio = np.where(rows > 0, posterior, 1) / np.where(rows > 0, posterior.mean(axis=0), 1)
    return np.sum(rows * np.log(ratio))
