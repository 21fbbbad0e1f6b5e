"""
problem: units
what: Only I(X;Y) is in nats.
loses: [visible, hidden-whole]
"""

p = np.array([[14, 2, 0], [3, 3, 2], [1, 1, 6]]) / 32


def h(p):
    p = p[p > 0]
    return -p @ np.log2(p)


each = [h(row / row.sum()) for row in p]
ferry = {
    "H(X)": h(p.sum(axis=1)),
    "H(Y)": h(p.sum(axis=0)) * np.log(2),
    "H(X,Y)": h(p.ravel()),
    "H(Y|X)": p.sum(axis=1) @ each * np.log(2),
    "I(X;Y)": (h(p.sum(axis=0)) - p.sum(axis=1) @ each) * np.log(2),
    "H(Y|X=x)": each,
}
