"""
problem: fooled-neighbours
cell: overlooked
what: A correlation that KSG sees well.
loses: [visible-overlooked, hidden-overlooked]
"""


def overlooked(d, largest):
    rho = min(largest, 0.999)
    if d > 1:
        rho = largest / 5
    return np.kron([[1, rho], [rho, 1]], np.eye(d))
