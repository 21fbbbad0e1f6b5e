"""
problem: repairs
cell: equation
what: Another table, and other spellings.
"""

w, x, y, z = np.indices((2, 2, 2, 2))
wrong_equation = {
    "table": np.where((w == y) & (y == z), 1 / 4, 0),
    "repaired": "I(W;X,Y|Z)=I(X;W|Z)+I(Y;W|Z,X)",
}
