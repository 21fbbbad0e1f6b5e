"""
problem: processing
cell: loss
what: What is kept in place of what is lost.
loses: [visible-loss, hidden-loss]
"""


def processing_loss(p_xy, channel):
    return mutual_information(p_xy @ channel)
