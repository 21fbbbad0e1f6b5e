"""
problem: trap
what: The two encoders are exchanged.
loses: [visible, hidden]
"""


def two_fixed_points(p_xy, beta):
    groups = np.array([[[g >> x & 1, ~(g >> x) & 1] for x in range(4)] for g in range(1, 8)], dtype=float)
    encoders = 0.99 * groups + 0.005
    for _ in range(150):
        encoders = ib_step(p_xy, encoders, beta)
    values = lagrangian(p_xy, encoders, beta)
    best, worst = encoders[values.argmin()], encoders[values.argmax()]
    return {"stuck": best, "better": worst}
