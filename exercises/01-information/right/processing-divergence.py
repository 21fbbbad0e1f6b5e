"""
problem: processing
cell: loss
what: A mean divergence of p(x|y) from p(x|z).
"""


def processing_loss(p_xy, channel):
    loss = 0.0
    p_xz = p_xy @ channel
    for x, y in np.argwhere(p_xy > 0):
        for z in np.flatnonzero(channel[y]):
            ratio = (p_xy[x, y] / p_xy[:, y].sum()) / (p_xz[x, z] / p_xz[:, z].sum())
            loss += p_xy[x, y] * channel[y, z] * np.log(ratio)
    return loss
