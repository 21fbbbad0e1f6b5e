"""
problem: processing
cell: break
what: Z is computed from Y alone; the inequality is applied where nobody asked for a chain.
loses: [visible-break, hidden-break]
"""


def break_processing(p_xy):
    return p_xy[:, :, None] * np.eye(p_xy.shape[1])
