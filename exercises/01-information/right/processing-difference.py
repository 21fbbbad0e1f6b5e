"""
problem: processing
cell: loss
what: The difference of the two informations.
"""


def processing_loss(p_xy, channel):
    return mutual_information(p_xy) - mutual_information(np.einsum("xy,yz->xz", p_xy, channel))
