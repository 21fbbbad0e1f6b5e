"""
problem: codewords
cell: chatty
what: Noise that tells nothing, and is not best.
loses: [visible-chatty, hidden-chatty]
"""

chatty = {
    "p_x": [1 / 3, 1 / 3, 1 / 3],
    "d": 1 - np.eye(3),
    "s": 1.0,
    "channel": np.full((3, 3), 1 / 3),
    "dual": np.zeros(3),
}
