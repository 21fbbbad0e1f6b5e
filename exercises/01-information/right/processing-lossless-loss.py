"""
problem: processing
cell: lossless
what: Asks for the loss.
"""


def is_lossless(p_xy, channel):
    return processing_loss(p_xy, channel) < 1e-9
