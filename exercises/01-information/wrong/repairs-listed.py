"""
problem: repairs
cell: chain
what: The premise is a list, and no string.
loses: [visible-chain, hidden-chain]
"""

x, y, z = np.indices((2, 2, 2))
wrong_chain = {"table": np.where(x == y, 1 / 4, 0), "given": ["X -> Z -> Y"]}
