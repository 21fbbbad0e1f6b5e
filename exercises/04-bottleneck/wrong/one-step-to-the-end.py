"""
problem: one-step
what: Steps until nothing moves, in place of one.
loses: [visible-step, visible-care, hidden-encoder, hidden-normaliser]
"""


def bottleneck_step(p_xy, encoder, beta):
    p_x = p_xy.sum(axis=1, keepdims=True)
    seen = p_xy > 0
    for _ in range(100):
        p_t = (p_x * encoder).sum(axis=0)
        says_t = encoder.T @ p_xy / np.maximum(p_t, 1e-300)[:, None]
        ratio = np.where(seen[:, None], (p_xy / p_x)[:, None] / np.maximum(says_t, 1e-300), 1)
        bracket = np.log(np.maximum(p_t, 1e-300)) - beta * np.sum(
            (p_xy / p_x)[:, None] * np.log(ratio), axis=2
        )
        log_z = np.logaddexp.reduce(bracket, axis=1)
        encoder = np.exp(bracket - log_z[:, None])
    return {"encoder": encoder, "log_z": log_z}
