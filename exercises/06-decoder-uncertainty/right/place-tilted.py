"""
problem: no-order
cell: place
what: The rarest label is made more and more probable; a grid, then bisection.
"""


def place(p_xy, encoder, difference):
    """A decoder with H_Θ(Y|X) - H(Y|Z) = difference, shape (Z, Y)."""
    p_zy = encoder.T @ p_xy
    best = p_zy / p_zy.sum(axis=1, keepdims=True)
    h = -np.sum(p_zy * np.log(best))
    wrong = np.eye(p_xy.shape[1])[p_xy.sum(axis=0).argmin()]

    def decoder(power):
        rows = best * np.exp(power * wrong)
        return rows / rows.sum(axis=1, keepdims=True)

    powers = np.linspace(0, 40, 4001)
    values = np.array([-np.sum(p_xy * np.log(encoder @ decoder(t))) - h for t in powers])
    i = np.argmax(values >= difference)
    low, high = powers[i - 1], powers[i]
    for _ in range(60):
        middle = (low + high) / 2
        below = -np.sum(p_xy * np.log(encoder @ decoder(middle))) - h < difference
        low, high = (middle, high) if below else (low, middle)
    return decoder(high)
