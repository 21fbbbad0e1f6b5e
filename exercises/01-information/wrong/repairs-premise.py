"""
problem: repairs
cell: chain
what: The statement itself, as its own premise.
loses: [visible-chain, hidden-chain]
"""

x, y, z = np.indices((2, 2, 2))
wrong_chain = {"table": np.where(x == y, 1 / 4, 0), "given": "H(X|Z) <= H(X|Y)"}
