"""
problem: conventions
what: Traces of rounding count.
loses: [visible-others]
"""


def identify(objective):
    """[gamma, beta] of the generalised bottleneck with the same minimisers, or None."""
    parts = {  # weights of H(T), H(T|X), I(T;Y); what only the data determine is left out
        "H(T)": [1, 0, 0],
        "H(T|X)": [0, 1, 0],
        "H(T|Y)": [1, 0, -1],
        "H(Y|T)": [0, 0, -1],
        "I(X;T)": [1, -1, 0],
        "I(T;Y)": [0, 0, 1],
        "I(X;T|Y)": [1, -1, -1],
        "I(X;Y|T)": [0, 0, -1],
    }
    sign = 1 if objective["sense"] == "min" else -1
    terms = objective["terms"].items()
    scale, noise, relevance = sign * sum(
        (weight * np.array(parts[name]) for name, weight in terms), np.zeros(3)
    )
    if scale <= 0 or noise > 1e-9 or relevance > 1e-9:
        return None
    return [-noise / scale, -relevance / scale]
