"""
problem: units
what: Numbers that fit together, and belong to no table.
loses: [hidden-whole, hidden-conditional]
"""

ferry = {
    "H(X)": 1.5,
    "H(Y)": 2 * np.log(2),
    "H(X,Y)": 2.5,
    "H(Y|X)": np.log(2),
    "I(X;Y)": 1,
    "H(Y|X=x)": [1, 1, 1],
}
