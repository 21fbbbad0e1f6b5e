"""
problem: processing
cell: break
what: Z is the pair of X and Y.
"""


def break_processing(p_xy):
    return (p_xy.reshape(-1, 1) * np.eye(p_xy.size)).reshape(*p_xy.shape, p_xy.size)
