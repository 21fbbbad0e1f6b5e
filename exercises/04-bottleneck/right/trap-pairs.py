"""
problem: trap
what: The three ways to part four inputs into pairs, one after the other.
"""


def two_fixed_points(p_xy, beta):
    ends = []
    for partner in (1, 2, 3):
        encoder = np.full((4, 2), [0.02, 0.98])
        encoder[[0, partner]] = [0.98, 0.02]
        for _ in range(500):
            before, encoder = encoder, ib_step(p_xy, encoder, beta)
            if np.abs(encoder - before).max() < 1e-13:
                break
        ends.append((lagrangian(p_xy, encoder, beta), encoder.tolist()))
    ends.sort(key=lambda end: end[0])
    other = next(encoder for value, encoder in ends if value > ends[0][0] + 0.05)
    return {"stuck": other, "better": ends[0][1]}
