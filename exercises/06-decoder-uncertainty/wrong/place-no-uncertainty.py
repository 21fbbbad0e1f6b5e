"""
problem: no-order
cell: place
what: H(Y|Z) is not subtracted.
loses: [visible-place, hidden-place]
"""


def place(p_xy, encoder, difference):
    """A decoder with H_Θ(Y|X) - H(Y|Z) = difference, shape (Z, Y)."""
    p_zy = encoder.T @ p_xy
    best = p_zy / p_zy.sum(axis=1, keepdims=True)
    one_label = np.eye(p_xy.shape[1])[0]

    def decoder(doubt):
        return np.exp(-doubt) * best - np.expm1(-doubt) * one_label

    low, high = 0.0, 500.0
    for _ in range(100):
        middle = (low + high) / 2
        if -np.sum(p_xy * np.log(encoder @ decoder(middle))) < difference:
            low = middle
        else:
            high = middle
    return decoder(low)
