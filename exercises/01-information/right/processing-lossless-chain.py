"""
problem: processing
cell: lossless
what: Asks whether X -> Z -> Y is a chain, too.
"""


def is_lossless(p_xy, channel):
    return bool(Joint(p_xy, "X Y").extend("Z | Y", channel)("X -> Z -> Y"))
