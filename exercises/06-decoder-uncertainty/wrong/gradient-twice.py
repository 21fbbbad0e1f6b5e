"""
problem: moving-centres
what: The derivative in the log of the width is doubled.
loses: [visible, hidden]
"""


def gradient(x, labels, centres, log_width):
    """H(Y|Z) of soft clusters, and its derivatives in the centres and in the log of the width."""
    offsets = x[:, None] - centres
    squares = np.sum(offsets**2, axis=2)
    precision = np.exp(-2 * log_width)
    q = np.exp(-(squares - squares.min(axis=1, keepdims=True)) * precision / 2)
    q /= q.sum(axis=1, keepdims=True)
    p_zy = q.T @ np.eye(labels.max() + 1)[labels] / len(x)
    p_z = p_zy.sum(axis=1, keepdims=True)
    content = -np.log(np.where(p_zy > 0, p_zy, 1) / np.where(p_zy > 0, p_z, 1))
    weight = content.T[labels]  # (N, Z)
    logits = q * (weight - np.sum(q * weight, axis=1, keepdims=True)) / len(x)
    return {
        "uncertainty": np.sum(p_zy * content),
        "centres": np.sum(logits[:, :, None] * offsets, axis=0) * precision,
        "log_width": 2 * np.sum(logits * squares) * precision,
    }
