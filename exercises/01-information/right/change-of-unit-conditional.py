"""
problem: change-of-unit
what: The information from what is left of X once Y is known.
"""


def in_new_units(cov, k, scales):
    x, y, both = cov[:k, :k], cov[k:, k:], cov[:k, k:]
    left = x - both @ np.linalg.inv(y) @ both.T
    h = np.log(np.linalg.eigvalsh(cov)).sum() / 2 + len(cov) / 2 * np.log(2 * np.pi * np.e)
    for scale in scales:
        h += np.log(abs(scale))
    return {"h": float(h), "I": float(np.log2(np.linalg.det(x) / np.linalg.det(left)) / 2)}
