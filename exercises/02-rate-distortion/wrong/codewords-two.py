"""
problem: codewords
cell: chatty
what: A skewed source, whose third letter is out of use at a low price.
loses: [visible-chatty, hidden-chatty]
"""

source, weights = np.array([0.5, 0.4, 0.1]), np.exp(-0.3 * (1 - np.eye(3)))
q = np.full(3, 1 / 3)
for _ in range(5000):
    q = q * ((source / (weights @ q)) @ weights)
u = weights @ q
chatty = {
    "p_x": source,
    "d": 1 - np.eye(3),
    "s": 0.3,
    "channel": q * weights / u[:, None],
    "dual": -np.log(u) - np.log(((source / u) @ weights).max()),
}
