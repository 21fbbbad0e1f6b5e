"""
problem: conventions
what: I(X;T|Y) is taken for I(X;T).
loses: [visible-papers, visible-others, hidden-family]
"""


def identify(objective):
    """[gamma, beta] of the generalised bottleneck with the same minimisers, or None."""
    parts = {  # weights of H(T), H(T|X), H(T|Y); what only the data determine is left out
        "H(T)": [1, 0, 0],
        "H(T|X)": [0, 1, 0],
        "H(T|Y)": [0, 0, 1],
        "H(Y|T)": [-1, 0, 1],
        "I(X;T)": [1, -1, 0],
        "I(T;Y)": [1, 0, -1],
        "I(X;T|Y)": [1, -1, 0],
        "I(X;Y|T)": [-1, 0, 1],
    }
    sign = 1 if objective["sense"] == "min" else -1
    terms = objective["terms"].items()
    alone, given_x, given_y = sign * sum(
        (weight * np.array(parts[name]) for name, weight in terms), np.zeros(3)
    )
    scale = alone + given_y
    if scale < 1e-9 or given_x > 1e-9 or given_y < -1e-9:
        return None
    return [-given_x / scale, given_y / scale]
