"""
problem: repairs
cell: chain
what: The arrow as a sign.
"""

x, y, z = np.indices((3, 3, 2))
wrong_chain = {"table": np.where(x == y, 1 / 6, 0), "given": "X → Z → Y"}
