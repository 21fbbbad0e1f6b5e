"""
problem: change-of-unit
what: The e of 2 pi e is forgotten.
loses: [visible, hidden]
"""


def in_new_units(cov, k, scales):
    def log_det(a):
        return np.log(np.linalg.det(a))

    told = (log_det(cov[:k, :k]) + log_det(cov[k:, k:]) - log_det(cov)) / np.log(4)
    h = log_det(2 * np.pi * cov) / 2 + np.log(np.abs(scales)).sum()
    return {"h": h, "I": told}
