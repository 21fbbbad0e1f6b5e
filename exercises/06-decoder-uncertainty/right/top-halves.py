"""
problem: top-labels
cell: top
what: Fifty inputs of random right labels, and a dearer label where it is left out.
"""


def top_bound(loss, k, classes):
    """The least upper bound of the error with k guesses."""
    if k == classes:
        return 0
    return np.minimum(loss, np.log(1 + k)) / np.log(1 + k)


def top_witness(loss, k, classes):
    """A model with this loss whose error with k guesses is within 0.001 of the bound."""
    generator = np.random.default_rng(1)
    gap = 1e-5
    content = -np.log((1 - gap) / (k + 1))
    p_xy, decoder = np.zeros((50, classes)), np.zeros((50, classes))
    for x in range(50):
        order = generator.permutation(classes)
        hard = x < 25
        p_xy[x, order[0]] = (loss / content if hard else 1 - loss / content) / 25
        if hard:
            decoder[x, order[: k + 1]] = (1 + gap / k) / (k + 1)
            decoder[x, order[0]] = (1 - gap) / (k + 1)
        else:
            decoder[x, order[0]] = 1
    return {"p_xy": p_xy, "decoder": decoder}
