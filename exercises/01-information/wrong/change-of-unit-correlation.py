"""
problem: change-of-unit
what: The formula for two numbers, from their correlation.
loses: [visible, hidden]
"""


def in_new_units(cov, k, scales):
    def log_det(a):
        return np.log(np.linalg.det(a))

    new = cov * np.outer(scales, scales)
    rho = new[0, 1] / np.sqrt(new[0, 0] * new[1, 1])
    return {"h": log_det(2 * np.pi * np.e * new) / 2, "I": -np.log2(1 - rho**2) / 2}
