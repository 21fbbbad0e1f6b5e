"""
problem: units
what: Everything in nats.
loses: [visible, hidden-whole, hidden-conditional]
"""

p = np.array([[14, 2, 0], [3, 3, 2], [1, 1, 6]]) / 32


def h(p):
    p = p[p > 0]
    return -p @ np.log(p)


each = [h(row / row.sum()) for row in p]
ferry = {
    "H(X)": h(p.sum(axis=1)),
    "H(Y)": h(p.sum(axis=0)),
    "H(X,Y)": h(p.ravel()),
    "H(Y|X)": p.sum(axis=1) @ each,
    "I(X;Y)": h(p.sum(axis=0)) - p.sum(axis=1) @ each,
    "H(Y|X=x)": each,
}
