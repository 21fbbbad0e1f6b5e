"""
problem: processing
cell: lossless
what: A step with noise is believed to lose something always; y with equal p(x|y) may be merged.
loses: [visible-lossless, hidden-lossless]
"""


def is_lossless(p_xy, channel):
    certain = bool(np.all((channel == 0) | (channel == 1)))
    return certain and bool(mutual_information(p_xy) - mutual_information(p_xy @ channel) < 1e-9)
