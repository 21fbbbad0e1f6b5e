"""
problem: codewords
cell: chatty
what: A die with six faces, and a certificate by rounds.
"""

source = np.full(6, 1 / 6)
unlike = np.where(np.eye(6) > 0, 0, 2.0)
kernel = np.exp(-0.1 * unlike)
chatty = {
    "p_x": source.tolist(),
    "d": unlike.tolist(),
    "s": 0.1,
    "channel": (kernel / kernel.sum(axis=1)).tolist(),
    "dual": [-np.log(kernel[0].mean())] * 6,
}
