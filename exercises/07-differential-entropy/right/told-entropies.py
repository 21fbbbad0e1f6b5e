"""
problem: told-or-infinite
what: Differences of entropies from a dictionary of formulas.
"""


def told(case, a):
    """The information from h(Z) - h(Z|X) or H(Z) - H(Z|X)."""

    def entropy(p):
        p = np.array([q for q in p if q > 0])
        return -p @ np.log(p)

    def bits():
        joint = {}
        for b in (0, 1):
            for r in (0, 1):
                joint[b + a * r] = joint.get(b + a * r, 0) + 0.25
        return entropy(joint.values()) - (np.log(2) if a else 0)

    formulas = {
        "threshold": lambda: entropy([norm.cdf(a), 1 - norm.cdf(a)]),
        "wrapped": lambda: 0 - np.log(a),
        "wide": lambda: (np.log(a) + 1 / (2 * a)) - np.log(a),
        "heavy": lambda: np.log(4 * np.pi * (1 + a)) - np.log(4 * np.pi * a),
        "images": lambda: np.log(100) - a * np.log(100),
        "bits": bits,
        "part": lambda: 0.5 * np.log(1 + a**2) - np.log(a),
    }
    return formulas[case]() if case in formulas else float("inf")
