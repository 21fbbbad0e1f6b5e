"""
problem: trap
what: Hard groupings as they are.
loses: [visible, hidden]
"""


def two_fixed_points(p_xy, beta):
    groups = np.array([[[g >> x & 1, ~(g >> x) & 1] for x in range(4)] for g in range(1, 8)], dtype=float)
    encoders = groups
    values = lagrangian(p_xy, encoders, beta)
    best, worst = encoders[values.argmin()], encoders[values.argmax()]
    return {"stuck": worst, "better": best}
