"""
problem: best-product
cell: best
what: The minimum as informations along the chain of variables, and lists in place of arrays.
"""


def best_product(p):
    names = [f"X{i}" for i in range(p.ndim)]
    joint = Joint(p, names)
    minimum = sum(joint(f"I({','.join(names[:i])};{names[i]})") for i in range(1, p.ndim))
    return {"factors": [joint.marginal(name).tolist() for name in names], "minimum": minimum}
