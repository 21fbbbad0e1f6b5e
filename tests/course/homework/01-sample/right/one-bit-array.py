"""
problem: one-bit
what: An array of four rows.
"""

table = np.kron(np.eye(2), np.ones((2, 1))) / 4
