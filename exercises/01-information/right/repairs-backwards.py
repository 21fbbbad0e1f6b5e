"""
problem: repairs
cell: chain
what: The chain read backwards, and a noisy table.
"""

channel = np.array([[0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.1, 0.1, 0.8], [0.1, 0.1, 0.8]])
table = np.einsum("xy,yz->xyz", np.eye(4) / 4, channel)
wrong_chain = {"table": table, "given": "Y->Z->X"}
