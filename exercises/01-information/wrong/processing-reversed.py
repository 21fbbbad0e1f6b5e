"""
problem: processing
cell: loss
what: The inequality is turned round, so the loss is negative.
loses: [visible-loss, hidden-loss]
"""


def processing_loss(p_xy, channel):
    return mutual_information(p_xy @ channel) - mutual_information(p_xy)
