"""
problem: codewords
cell: chatty
what: The vector has the wrong sign.
loses: [visible-chatty, hidden-chatty]
"""

weights = np.exp(-0.1 * (1 - np.eye(3)))
chatty = {
    "p_x": np.full(3, 1 / 3),
    "d": 1 - np.eye(3),
    "s": 0.1,
    "channel": weights / weights.sum(axis=1, keepdims=True),
    "dual": np.log(weights.mean(axis=1)),
}
