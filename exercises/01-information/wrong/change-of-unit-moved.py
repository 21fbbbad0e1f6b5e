"""
problem: change-of-unit
what: The information is believed to change with the unit.
loses: [visible, hidden]
"""


def in_new_units(cov, k, scales):
    def log_det(a):
        return np.log(np.linalg.det(a))

    told = (log_det(cov[:k, :k]) + log_det(cov[k:, k:]) - log_det(cov)) / np.log(4)
    h = log_det(2 * np.pi * np.e * cov) / 2
    shift = np.log(np.abs(scales)).sum()
    return {"h": h + shift, "I": told + shift / np.log(2)}
