"""
problem: channel-and-proof
what: An interior-point method in a few lines.
"""


def certify(p_x, d, s):
    kernel = np.exp(-s * d)
    m = d.shape[1]
    q, z = np.full(m, 1 / m), np.ones(m)
    for _ in range(60):
        mu = 0.2 * (q @ z) / m
        u = kernel @ q
        gradient = 1 - (p_x / u) @ kernel
        hessian = (kernel.T * (p_x / u**2)) @ kernel
        dq = np.linalg.solve(hessian + np.diag(z / q), mu / q - gradient)
        dz = mu / q - z - z / q * dq
        step = min([1.0, *(0.9 * -a / b for a, b in zip([*q, *z], [*dq, *dz], strict=True) if b < 0)])
        q, z = q + step * dq, z + step * dz
    q = q / q.sum()
    u = kernel @ q
    c = (p_x / u) @ kernel
    return {"channel": q * kernel / u[:, None], "dual": -np.log(u) - np.log(c.max())}
