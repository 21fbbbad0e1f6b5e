"""
problem: one-step
what: Divergences as cross-entropy minus entropy, normalisers by logaddexp.
"""


def bottleneck_step(p_xy, encoder, beta):
    p_x = p_xy.sum(axis=1, keepdims=True)
    a, p_t = p_xy / p_x, (encoder * p_x).sum(axis=0)
    used = p_t > 0
    b = (encoder[:, used].T @ p_xy) / p_t[used, None]
    negative_entropy = np.sum(a * np.log(np.where(a > 0, a, 1)), axis=1, keepdims=True)
    cross = -a @ np.log(np.where(b > 0, b, 1)).T
    cost = beta * (negative_entropy + cross)
    if beta > 0:
        cost[(a > 0).astype(float) @ (b == 0).astype(float).T > 0] = np.inf
    bracket = np.log(p_t[used]) - cost
    log_z = np.logaddexp.reduce(bracket, axis=1)
    new = np.zeros(encoder.shape)
    new[:, used] = np.exp(bracket - log_z[:, None])
    return {"encoder": new, "log_z": log_z}
