"""
problem: window
what: The constant encoder and the line of height 0.
loses: [visible-window, visible-line, hidden-window, hidden-line]
"""


def certified(p_xy):
    root = p_xy / np.sqrt(np.outer(p_xy.sum(axis=1), p_xy.sum(axis=0)))
    local = 1 / np.linalg.svd(root, compute_uv=False)[1] ** 2
    return {"beta": 0.98 * local, "encoder": np.ones((2, 1)), "line": [0.0, 0.0]}
