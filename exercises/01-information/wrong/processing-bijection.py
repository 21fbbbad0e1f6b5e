"""
problem: processing
cell: lossless
what: Nothing is believed to be lost only if the channel is a relabelling.
loses: [visible-lossless, hidden-lossless]
"""


def is_lossless(p_xy, channel):
    ones = np.isclose(channel, 1)
    square = channel.shape[0] == channel.shape[1]
    return bool(square and np.all(ones.sum(axis=0) == 1) and np.all(ones.sum(axis=1) == 1))
