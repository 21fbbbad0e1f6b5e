"""
problem: codewords
cell: chatty
what: The price is low, but not low enough for every limit.
loses: [visible-chatty, hidden-chatty]
"""

weights = np.exp(-0.7 * (1 - np.eye(3)))
chatty = {
    "p_x": np.full(3, 1 / 3),
    "d": 1 - np.eye(3),
    "s": 0.7,
    "channel": weights / weights.sum(axis=1, keepdims=True),
    "dual": -np.log(weights.mean(axis=1)),
}
