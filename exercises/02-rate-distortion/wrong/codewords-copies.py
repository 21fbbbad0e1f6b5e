"""
problem: codewords
cell: chatty
what: One letter in three copies.
loses: [visible-chatty, hidden-chatty]
"""

chatty = {
    "p_x": [1 / 3, 1 / 3, 1 / 3],
    "d": np.ones((3, 3)),
    "s": 1.0,
    "channel": np.full((3, 3), 1 / 3),
    "dual": np.ones(3),
}
