"""
problem: repairs
cell: chain
what: The table breaks the statement, and it is no chain.
loses: [visible-chain, hidden-chain]
"""

x, y, z = np.indices((2, 2, 2))
table = 0.9 * np.where(x == y, 1 / 4, 0) + 0.1 * np.where(x ^ y == z, 1 / 4, 0)
wrong_chain = {"table": table, "given": "X -> Z -> Y"}
