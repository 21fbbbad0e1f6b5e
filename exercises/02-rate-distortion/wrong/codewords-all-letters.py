"""
problem: codewords
cell: chatty
what: The copy, at a high price.
loses: [visible-chatty, hidden-chatty]
"""

weights = np.exp(-4 * (1 - np.eye(3)))
chatty = {
    "p_x": [1 / 3, 1 / 3, 1 / 3],
    "d": (1 - np.eye(3)).tolist(),
    "s": 4,
    "channel": weights / weights.sum(axis=1, keepdims=True),
    "dual": -np.log(weights.mean(axis=1)),
}
