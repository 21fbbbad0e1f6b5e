"""
problem: repairs
cell: equation
what: Keeps Z and loses X.
loses: [visible-equation, hidden-equation]
"""

w, x, y, z = np.indices((2, 2, 2, 2))
wrong_equation = {
    "table": np.where(w == (y ^ z), 1 / 8, 0),
    "repaired": "I(W;X,Y|Z) = I(W;X|Z) + I(W;Y|Z)",
}
