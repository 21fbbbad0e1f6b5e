"""
problem: repairs
cell: equation
what: A copy of W in Y that Z knows already.
"""

table = np.zeros((3, 1, 3, 3))
for i in range(3):
    table[i, 0, i, i] = 1 / 3
wrong_equation = {"table": table.tolist(), "repaired": "I(W; X,Y | Z) = I(W;X|Z) + I(W;Y|Z,X)"}
