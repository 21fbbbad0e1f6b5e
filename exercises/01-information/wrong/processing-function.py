"""
problem: processing
cell: lossless
what: A channel without noise is believed to lose nothing.
loses: [visible-lossless, hidden-lossless]
"""


def is_lossless(p_xy, channel):
    return bool(np.all((channel == 0) | (channel == 1)))
