"""
problem: conventions
what: In H(T), H(T|X) and I(T;Y), one name at a time.
"""


def identify(objective):
    h, noise, relevance = 0.0, 0.0, 0.0
    for name, weight in objective["terms"].items():
        if objective["sense"] == "max":
            weight = -weight
        if name in ("H(T)", "I(X;T)", "H(T|Y)", "I(X;T|Y)"):
            h += weight
        if name == "H(T|X)":
            noise += weight
        if name in ("I(X;T)", "I(X;T|Y)"):
            noise -= weight
        if name == "I(T;Y)":
            relevance += weight
        if name in ("H(T|Y)", "I(X;T|Y)", "H(Y|T)", "I(X;Y|T)"):
            relevance -= weight
    if h <= 1e-9 or noise > 1e-9 or relevance > 1e-9:
        return None
    return (-noise / h, -relevance / h)
