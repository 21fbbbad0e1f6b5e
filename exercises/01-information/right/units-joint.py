"""
problem: units
what: Asks the library, and converts.
"""

ferry = {}
p = Joint(np.array([[14, 2, 0], [3, 3, 2], [1, 1, 6]]) / 32, "X Y")
for key in ["H(X)", "H(Y)", "H(X,Y)", "H(Y|X)", "I(X;Y)"]:
    ferry[key] = p(key) if key in ("H(Y)", "H(Y|X)") else p(key) / np.log(2)
ferry["H(Y|X=x)"] = [Joint(row, "Y")("H(Y)") / np.log(2) for row in p.conditional("Y | X")]
