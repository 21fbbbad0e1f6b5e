"""
problem: processing
cell: loss
what: All that is forgotten of Y, relevant to X or not.
loses: [visible-loss, hidden-loss]
"""


def processing_loss(p_xy, channel):
    return Joint(p_xy, "X Y").extend("Z | Y", channel)("H(Y|Z)")
