"""
problem: codewords
cell: chatty
what: A source that is nearly uniform, at a price where all letters are still in use.
"""

source, cheap = np.array([0.34, 0.33, 0.33]), 0.25
unlike = 1 - np.eye(3)
a = np.exp(-cheap)
q = (source * (1 + 2 * a) - a) / (1 - a)
u = np.exp(-cheap * unlike) @ q
chatty = {
    "p_x": source,
    "d": unlike,
    "s": cheap,
    "channel": q * np.exp(-cheap * unlike) / u[:, None],
    "dual": -np.log(u),
}
