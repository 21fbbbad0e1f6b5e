"""
problem: change-of-unit
what: The entropy is believed to be the same in all units.
loses: [visible, hidden]
"""


def in_new_units(cov, k, scales):
    def log_det(a):
        return np.log(np.linalg.det(a))

    told = (log_det(cov[:k, :k]) + log_det(cov[k:, k:]) - log_det(cov)) / np.log(4)
    h = log_det(2 * np.pi * np.e * cov) / 2
    return {"h": h, "I": told}
