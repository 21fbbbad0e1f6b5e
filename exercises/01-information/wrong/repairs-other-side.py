"""
problem: repairs
cell: chain
what: A table in which the statement is true.
loses: [visible-chain, hidden-chain]
"""

x, y, z = np.indices((2, 2, 2))
wrong_chain = {"table": np.full((2, 2, 2), 1 / 8), "given": "X -> Z -> Y"}
