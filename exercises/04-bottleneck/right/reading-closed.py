"""
problem: reading
cell: ends
what: The three encoders in closed form.
"""


def ends(p_xy):
    def h(p):
        return -np.sum(p * np.log(np.where(p > 0, p, 1)))

    h_x = h(p_xy.sum(axis=1))
    shared = h_x + h(p_xy.sum(axis=0)) - h(p_xy)
    tie = float("inf") if abs(shared) < 1e-12 else h_x / shared
    return {"copy": (h_x, shared), "constant": (0, 0), "coin": (h_x, shared), "tie": tie}
