"""
problem: repairs
cell: equation
what: Independent coins, where the sides agree.
loses: [visible-equation, hidden-equation]
"""

w, x, y, z = np.indices((2, 2, 2, 2))
wrong_equation = {
    "table": np.full((2, 2, 2, 2), 1 / 16),
    "repaired": "I(W;X,Y|Z) = I(W;X|Z) + I(W;Y|X,Z)",
}
