"""
problem: units
what: H(Y|X) as a plain mean over the winds.
loses: [visible, hidden-conditional, hidden-whole]
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
    "H(Y|X)": np.mean(each) * np.log(2),
    "I(X;Y)": h(p.sum(axis=0)) - np.mean(each),
    "H(Y|X=x)": each,
}
