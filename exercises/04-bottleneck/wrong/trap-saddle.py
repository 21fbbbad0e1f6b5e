"""
problem: trap
what: Between two groupings, where the steps do not know which way to go.
loses: [visible, hidden]
"""


def two_fixed_points(p_xy, beta):
    def settle(encoder, steps):
        for _ in range(steps):
            encoder = ib_step(p_xy, encoder, beta)
        return encoder

    groups = np.array([[1, 1, 0, 0], [1, 0, 1, 0], [1, 0, 0, 1]], dtype=float)
    ends = settle(0.99 * np.stack([groups, 1 - groups], axis=2) + 0.005, 100)
    values = lagrangian(p_xy, ends, beta)
    best, other = ends[values.argmin()], ends[values.argmax()]
    low, high = 0.0, 1.0
    for _ in range(45):
        middle = (low + high) / 2
        arrived = settle((1 - middle) * best + middle * other, 60)
        low, high = (middle, high) if np.abs(arrived - best).max() < 0.3 else (low, middle)

    def odds(encoder):
        return np.log(encoder[..., 0] / encoder[..., 1])

    def encoder_of(z):
        return np.stack([1 / (1 + np.exp(-z)), 1 / (1 + np.exp(z))], axis=-1)

    def rest(z):
        return odds(ib_step(p_xy, encoder_of(z), beta)) - z

    z = odds(settle((1 - low) * best + low * other, 10))
    for _ in range(30):  # Newton's method
        slopes = np.array([(rest(z + h) - rest(z - h)) / 2e-5 for h in 1e-5 * np.eye(4)]).T
        z = z - np.linalg.solve(slopes, rest(z)).clip(-1, 1)
    return {"stuck": encoder_of(z), "better": best}
