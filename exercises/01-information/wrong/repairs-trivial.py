"""
problem: repairs
cell: equation
what: A true equation that has nothing to do with the first.
loses: [visible-equation, hidden-equation]
"""

w, x, y, z = np.indices((2, 2, 2, 2))
wrong_equation = {
    "table": np.where(w == (y ^ z), 1 / 8, 0),
    "repaired": "H(W) = H(W)",
}
